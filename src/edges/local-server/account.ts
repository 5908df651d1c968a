// The one account of a folder, with its access key: made at the first start, and kept from everyone else.

import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../model/failure.js';
import { newAccessKeyId, newAccountId, newSecretAccessKey } from './ids.js';
import { syncDirectory } from './record-log.js';

export interface Account {
  readonly format: 1;
  readonly accountId: string;
  readonly keys: readonly { readonly accessKeyId: string; readonly secretAccessKey: string }[];
}

/**
 * Reads the account of a folder, making it when there is none.
 * @throws Failure CONFIG when a newer program wrote it
 */
export async function openAccount(directory: string): Promise<Account> {
  const file = join(directory, 'account.json');
  if ((await stat(file).catch(() => null)) === null) await writeAccount(directory, file);
  const account = JSON.parse(await readFile(file, 'utf8')) as Account;
  if (account.format === 1) return account;
  throw new Failure('CONFIG', `${file} has format ${String(account.format)}, this program knows format 1`);
}

async function writeAccount(directory: string, file: string): Promise<void> {
  const account: Account = {
    format: 1,
    accountId: newAccountId(),
    keys: [{ accessKeyId: newAccessKeyId(), secretAccessKey: newSecretAccessKey() }],
  };
  await rm(`${file}.new`, { force: true });
  const handle = await open(`${file}.new`, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(account, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await syncDirectory(directory);
}
