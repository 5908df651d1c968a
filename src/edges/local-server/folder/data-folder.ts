// The folder that is the service: its accounts, and the lock that keeps others out.

import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { makeDirectory, syncDirectory } from '../durable/durable-file.js';
import { ifThere } from '../durable/if-there.js';
import { newAccountId, newSuffix } from '../protocol/ids.js';
import type { VaultOptions } from '../vault/vault.js';
import { type Account, makeAccount, openAccount } from './account.js';
import { type AccountFolder, openAccountFolder } from './account-folder.js';
import { readAheadMs } from './clock-file.js';
import { asConfigFailure } from './folder-failure.js';
import { lockFolder } from './folder-lock.js';

const HINT = 'name a folder that you can write to, or a new one';
const OURS = new Set(['account.json', 'account.json.new', 'accounts', 'vaults', 'tmp', 'README.txt', 'glacier.cfg']);

/** How its vaults work. */
export interface FolderOptions extends Omit<VaultOptions, 'tmp'> {
  /** Ms since 1970. */
  readonly realNow: () => number;
}

interface FolderParts {
  readonly accounts: readonly [AccountFolder, ...AccountFolder[]];
  readonly aheadMs: number | null;
  readonly options: VaultOptions;
  readonly lock: AsyncDisposable;
}

/** A folder that is open and locked, until it is disposed of. */
export class DataFolder implements AsyncDisposable {
  readonly directory: string;
  /** The account of whoever asks for none; its files lie in the folder itself. */
  readonly first: AccountFolder;
  /**
   * How far the vaults' clock must be ahead of real time at the start; null when it has always been real time. Never
   * before the latest fact: kill -9 leaves no time to write down how far a fast clock had come.
   */
  readonly aheadMs: number | null;
  readonly #accounts: Map<string, AccountFolder>;
  readonly #options: VaultOptions;
  readonly #lock: AsyncDisposable;

  constructor(directory: string, parts: FolderParts) {
    this.directory = directory;
    this.first = parts.accounts[0];
    this.aheadMs = parts.aheadMs;
    this.#accounts = new Map(parts.accounts.map((one) => [one.account.accountId, one]));
    this.#options = parts.options;
    this.#lock = parts.lock;
  }

  /** The first one, then the others by their number. */
  get accounts(): readonly AccountFolder[] {
    const others = [...this.#accounts].filter(([, account]) => account !== this.first);
    return [this.first, ...others.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, account]) => account)];
  }

  account(accountId: string): AccountFolder | undefined {
    return this.#accounts.get(accountId);
  }

  /** Makes another account with one key, whole or not at all. */
  async addAccount(now: number): Promise<AccountFolder> {
    const made = join(this.#options.tmp, `account.${newSuffix()}`);
    await mkdir(join(made, 'vaults'), { recursive: true, mode: 0o700 });
    const added = await makeAccount(made, this.#unusedNumber());
    const parent = join(this.directory, 'accounts');
    await makeDirectory(parent);
    await rename(made, join(parent, added.accountId));
    await syncDirectory(parent);
    const account = await openAccountFolder(join(parent, added.accountId), added, now, this.#options);
    this.#accounts.set(added.accountId, account);
    return account;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const account of this.#accounts.values()) await account[Symbol.asyncDispose]();
    await this.#lock[Symbol.asyncDispose]();
  }

  #unusedNumber(): string {
    for (;;) {
      const accountId = newAccountId();
      if (!this.#accounts.has(accountId)) return accountId;
    }
  }
}

/**
 * Opens the folder for one server, making it when it is new or empty.
 * @throws Failure CONFIG when it cannot be used: no directory, someone else's files, or in use
 */
export async function openDataFolder(directory: string, options: FolderOptions): Promise<DataFolder> {
  try {
    await makeDirectory(directory);
    await refuseForeign(directory);
  } catch (cause) {
    throw asConfigFailure(cause, `cannot use ${directory} as the folder of a local vault`, HINT);
  }
  const lock = await lockFolder(directory).catch((cause: unknown) => {
    throw asConfigFailure(cause, `cannot lock ${directory}`, HINT);
  });
  try {
    return await openLocked(directory, options, lock);
  } catch (cause) {
    await lock[Symbol.asyncDispose]();
    throw asConfigFailure(cause, `cannot use ${directory} as the folder of a local vault`, HINT);
  }
}

async function openLocked(
  directory: string,
  { realNow, ...vaultOptions }: FolderOptions,
  lock: AsyncDisposable,
): Promise<DataFolder> {
  const tmp = join(directory, 'tmp');
  await rm(tmp, { recursive: true, force: true });
  await mkdir(tmp, { mode: 0o700 });
  // A new file: what lies there under that name may be a link to somewhere else.
  await rm(join(directory, 'README.txt'), { force: true });
  await writeFile(join(directory, 'README.txt'), README, { flag: 'wx' });
  const saved = await readAheadMs(directory);
  const now = realNow() + (saved ?? 0);
  const first = (await openAccount(directory)) ?? (await makeAccount(directory, newAccountId()));
  const options = { ...vaultOptions, tmp };
  const accounts: [AccountFolder, ...AccountFolder[]] = [await openAccountFolder(directory, first, now, options)];
  try {
    const numbers = await numbersIn(join(directory, 'accounts'));
    if (numbers.length > 0) await syncDirectory(join(directory, 'accounts'));
    for (const number of numbers) {
      const further = join(directory, 'accounts', number);
      accounts.push(await openAccountFolder(further, await accountOf(further, number), now, options));
    }
  } catch (cause) {
    for (const account of accounts) await account[Symbol.asyncDispose]();
    throw cause;
  }
  const aheadMs = saved === null ? null : Math.max(saved, latestFactOf(accounts) - realNow());
  return new DataFolder(directory, { accounts, aheadMs, options, lock });
}

/** Numbers of the accounts beside the first; whatever else lies there is none of ours. */
export async function numbersIn(directory: string): Promise<string[]> {
  const names = (await ifThere(readdir(directory))) ?? [];
  return names.filter((name) => /^\d{12}$/.test(name)).sort();
}

async function accountOf(directory: string, number: string): Promise<Account> {
  const account = await openAccount(directory);
  if (account?.accountId === number) return account;
  throw new Failure('CONFIG', `${directory} does not have the account.json of account ${number}`, {
    hint: 'restore it from a copy of the folder, or move that directory away',
  });
}

function latestFactOf(accounts: readonly AccountFolder[]): number {
  const facts = accounts.flatMap(({ vaults, settings }) => [
    settings.latestAt,
    ...[...vaults.values()].map(({ state }) => state.latestAt),
  ]);
  return facts.reduce((latest, at) => Math.max(latest, at), 0);
}

/** A folder with files of another kind is never taken for ours: some of what we do at start deletes. */
async function refuseForeign(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (names.includes('account.json')) return;
  const foreign = names.find((name) => !OURS.has(name) && !name.startsWith('lock'));
  if (foreign === undefined) return;
  throw new Failure(
    'CONFIG',
    `${directory} is not the folder of a local vault: it has ${foreign}, and no account.json`,
    {
      hint: 'name an empty folder, or one that does not exist yet',
    },
  );
}

const README = `This folder is a local vault of mtglacier: a Glacier vault service on plain files.

account.json        the account number and its access keys (keep it to yourself)
accounts/NUMBER/    further accounts: account.json, settings.ndjson and vaults/, as here
clock.json          how far the vaults' clock is ahead of real time, if it is
glacier.cfg         address and key for clients, as of the last start (keep it to yourself)
settings.ndjson     what holds for the whole account: retrieval policy, provisioned capacity
notices/            topics and queues: what happened to them, and the key that signs messages (keep it to yourself)
vaults/NAME~xxxx/   one vault
  log.ndjson        what happened, one JSON object a line, each with a CRC-32 of itself at its end; all else follows
  archives/ID       the content of an archive, as it was uploaded
  archives/ID/      the same for an archive that came in parts: cat archives/ID/* gives its content
  leaves/ID         SHA-256 of each MiB, 32 bytes each; made again when missing
  staged/ID         inventories that were asked for
tmp/                bodies on their way in; emptied at every start
lock                which process serves this folder

Which archive is which: in log.ndjson, the line of type "archive" with that id has the description under which it was
stored; for one that came in parts, the line of type "upload" with that archiveId. Those of mtglacier are the
word mt2 and then base64 of JSON (with - and _ for + and /, and nothing to fill it up), which has the name of the file:
  grep -e ID log.ndjson | sed -n 's/.*"description":"mt2 \\([^"]*\\)".*/\\1/p' | tr _- /+ | base64 -d 2>/dev/null

Change nothing while a server runs. The folder can be copied while none does.
`;
