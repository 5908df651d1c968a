// Reads all of a local vault's folder while no server has it, and tells what is not as the logs say.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { ifThere } from '../durable/if-there.js';
import { readAccount } from '../folder/account.js';
import { clockFileIn, readAheadMs } from '../folder/clock-file.js';
import { numbersIn } from '../folder/data-folder.js';
import { asConfigFailure } from '../folder/folder-failure.js';
import { lockFolder } from '../folder/folder-lock.js';
import { readSigningKey } from '../notices/signing-key.js';
import { type Finding, fault, faultIn, leftover } from './finding.js';
import { checkLog } from './log-check.js';
import { checkVault, NOTHING_CHECKED, sumOf, type VaultChecked } from './vault-check.js';

/** What was there. */
export interface FolderChecked extends VaultChecked {
  readonly accounts: number;
  readonly vaults: number;
}

/** Whatever else lies in the folder is none of ours. */
const OF_FOLDER = new Set(
  'README.txt account.json accounts clock.json glacier.cfg lock notices settings.ndjson tmp vaults'.split(' '),
);
const OF_ACCOUNT = new Set(['account.json', 'glacier.cfg', 'settings.ndjson', 'vaults']);
const OF_NOTICES = new Set(['log.ndjson', 'signing-key.pem']);
/** What a crash leaves of a file that was being replaced, or of a lock. */
const HALF_MADE =
  /^(account\.json\.new|clock\.json\.new|glacier\.cfg\.\d+|lock\.[0-9a-f]{8}(\.stale)?|signing-key\.pem\.new)$/;

/**
 * Every log, every byte of every archive with its leaves, every part, every staged inventory. Changes nothing; no server
 * can start on the folder meanwhile.
 * @throws Failure CONFIG when a server has the folder, or it is none
 */
export async function* checkFolder(directory: string, signal: AbortSignal): AsyncGenerator<Finding, FolderChecked> {
  await using _lock = await lockForCheck(directory);
  yield* checkNames(directory, OF_FOLDER);
  for (const name of await namesIn(join(directory, 'tmp'))) yield leftover(join(directory, 'tmp', name));
  yield* checkNames(join(directory, 'notices'), OF_NOTICES);
  yield* checkNotices(join(directory, 'notices'));
  const now = Date.now() + (yield* checkClock(directory));
  let checked: FolderChecked = { accounts: 1, vaults: 0, ...NOTHING_CHECKED };
  checked = added(checked, yield* checkAccount(directory, now, signal));
  for (const number of await numbersIn(join(directory, 'accounts'))) {
    const further = join(directory, 'accounts', number);
    yield* checkNames(further, OF_ACCOUNT);
    checked = added({ ...checked, accounts: checked.accounts + 1 }, yield* checkAccount(further, now, signal));
  }
  return checked;
}

/** The lock is a file in the folder: without the right to write there, nobody can be kept from starting a server. */
async function lockForCheck(directory: string): Promise<AsyncDisposable | null> {
  try {
    await refuseOther(directory);
    return await lockFolder(directory);
  } catch (cause) {
    // On a file system that nobody writes to there is no server either.
    if ((cause as NodeJS.ErrnoException).code === 'EROFS') return null;
    throw asConfigFailure(cause, `cannot check ${directory}`, 'check it as the user who serves it, or check a copy');
  }
}

async function refuseOther(directory: string): Promise<void> {
  const names = await namesIn(directory);
  if (names.includes('account.json') || names.includes('vaults')) return;
  throw new Failure('CONFIG', `${directory} is not the folder of a local vault`, {
    hint: 'name a folder that local-vault served before',
  });
}

async function* checkNotices(directory: string): AsyncGenerator<Finding> {
  yield* checkLog({ path: join(directory, 'log.ndjson'), first: 'notices' });
  try {
    await readSigningKey(directory);
  } catch (cause) {
    yield faultIn(join(directory, 'signing-key.pem'), cause);
  }
}

/** Gives how far ahead the clock is, as far as that is known. */
async function* checkClock(directory: string): AsyncGenerator<Finding, number> {
  try {
    return (await readAheadMs(directory)) ?? 0;
  } catch (cause) {
    yield faultIn(clockFileIn(directory), cause);
    return 0;
  }
}

async function* checkAccount(
  directory: string,
  now: number,
  signal: AbortSignal,
): AsyncGenerator<Finding, Omit<FolderChecked, 'accounts'>> {
  const file = join(directory, 'account.json');
  try {
    if ((await readAccount(directory)) === null) yield fault(file, 'is missing');
  } catch (cause) {
    yield faultIn(file, cause);
  }
  yield* checkLog({ path: join(directory, 'settings.ndjson'), first: 'settings' });
  let vaults = 0;
  const named = new Map<string, string>();
  let checked = NOTHING_CHECKED;
  for (const name of await namesIn(join(directory, 'vaults'))) {
    vaults += 1;
    checked = sumOf(checked, yield* checkVault(join(directory, 'vaults', name), named, now, signal));
  }
  return { vaults, ...checked };
}

async function* checkNames(directory: string, known: ReadonlySet<string>): AsyncGenerator<Finding> {
  for (const name of await namesIn(directory)) {
    if (known.has(name)) continue;
    const path = join(directory, name);
    yield HALF_MADE.test(name) ? leftover(path) : fault(path, 'is no file of a local vault');
  }
}

function added(all: FolderChecked, one: Omit<FolderChecked, 'accounts'>): FolderChecked {
  return { accounts: all.accounts, vaults: all.vaults + one.vaults, ...sumOf(all, one) };
}

/** Sorted; none where there is no such directory. */
async function namesIn(directory: string): Promise<string[]> {
  return ((await ifThere(readdir(directory))) ?? []).sort();
}
