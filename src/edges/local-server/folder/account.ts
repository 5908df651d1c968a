// The account of a folder, with its access keys: made at the first start, and kept from everyone else.

import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { readSealedJson, type SealedJson, saveSealedJson } from '../durable/sealed-json.js';
import { newAccessKeyId, newSecretAccessKey } from '../protocol/ids.js';

/** A key that lasts. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A key that counts only together with its token, and only for a time. */
export interface TemporaryKey extends AccessKey {
  readonly sessionToken: string;
  /** Ms since 1970 of real time: like signatures, it is nothing that the vaults' clock could change. */
  readonly expiresAt: number;
}

/** The content of `account.json`. */
export interface Account {
  readonly accountId: string;
  readonly keys: readonly AccessKey[];
  readonly temporaryKeys?: readonly TemporaryKey[];
}

/** The account of a directory; null when it has none. @throws Failure CONFIG when it cannot be used */
export async function readAccount(directory: string): Promise<SealedJson<Account> | null> {
  const file = fileOf(directory);
  const found = await readSealedJson<Account>(file);
  const keys: unknown = found?.content.keys;
  if (found !== null && !(Array.isArray(keys) && keys.length > 0)) {
    throw new Failure('CONFIG', `${file} has no key`);
  }
  return found;
}

/** The same; from then on its file is of today's format. */
export async function openAccount(directory: string): Promise<Account | null> {
  const found = await readAccount(directory);
  if (found?.isOld === true) await saveAccount(directory, found.content);
  return found?.content ?? null;
}

/** A new account with one key. */
export async function makeAccount(directory: string, accountId: string): Promise<Account> {
  const account: Account = { accountId, keys: [newKey('AKIA')] };
  await saveAccount(directory, account);
  return account;
}

export function saveAccount(directory: string, account: Account): Promise<void> {
  return saveSealedJson(fileOf(directory), account);
}

/** AWS's own prefixes: `AKIA` for keys that last, `ASIA` for temporary ones. */
export function newKey(prefix: 'AKIA' | 'ASIA'): AccessKey {
  return { accessKeyId: newAccessKeyId(prefix), secretAccessKey: newSecretAccessKey() };
}

function fileOf(directory: string): string {
  return join(directory, 'account.json');
}
