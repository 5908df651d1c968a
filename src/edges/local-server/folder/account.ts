// The account of a folder, with its access keys: made at the first start, and kept from everyone else.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { replaceFile } from './durable-file.js';
import { newAccessKeyId, newSecretAccessKey } from './ids.js';

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

export interface Account {
  readonly format: 1;
  readonly accountId: string;
  readonly keys: readonly AccessKey[];
  readonly temporaryKeys?: readonly TemporaryKey[];
}

/** The account of a directory; null when it has none. @throws Failure CONFIG when it cannot be used */
export async function readAccount(directory: string): Promise<Account | null> {
  const file = fileOf(directory);
  const text = await readFile(file, 'utf8').catch(absent);
  if (text === null) return null;
  const account = parse(text, file);
  if (account.format !== 1) {
    throw new Failure('CONFIG', `${file} has format ${String(account.format)}, this program knows format 1`);
  }
  if (account.keys.length === 0) throw new Failure('CONFIG', `${file} has no key`);
  return account;
}

/** A new account with one key. */
export async function makeAccount(directory: string, accountId: string): Promise<Account> {
  const account: Account = { format: 1, accountId, keys: [newKey('AKIA')] };
  await saveAccount(directory, account);
  return account;
}

export function saveAccount(directory: string, account: Account): Promise<void> {
  return replaceFile(fileOf(directory), `${JSON.stringify(account, null, 2)}\n`);
}

/** AWS's own prefixes: `AKIA` for keys that last, `ASIA` for temporary ones. */
export function newKey(prefix: 'AKIA' | 'ASIA'): AccessKey {
  return { accessKeyId: newAccessKeyId(prefix), secretAccessKey: newSecretAccessKey() };
}

function parse(text: string, file: string): Account {
  try {
    return JSON.parse(text) as Account;
  } catch (cause) {
    throw new Failure('CONFIG', `${file} is damaged`, { hint: 'restore it from a copy of the folder', cause });
  }
}

function fileOf(directory: string): string {
  return join(directory, 'account.json');
}

function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null;
  throw cause;
}
