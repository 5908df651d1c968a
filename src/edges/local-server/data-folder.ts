// The folder that is the service: one account, its key, and a folder for each vault.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../model/failure.js';
import { type Account, openAccount } from './account.js';
import { limitExceeded } from './errors.js';
import { lockFolder } from './folder-lock.js';
import { createVault, openVault, type Vault, type VaultOptions } from './vault.js';

const VAULTS_MAX = 1000;
const OURS = new Set(['account.json', 'account.json.new', 'vaults', 'tmp', 'README.txt', 'glacier.cfg']);

export class DataFolder implements AsyncDisposable {
  readonly account: Account;
  readonly vaults: Map<string, Vault>;
  readonly #directory: string;
  readonly #options: VaultOptions;
  readonly #lock: AsyncDisposable;
  readonly #creating = new Map<string, Promise<Vault>>();

  constructor(
    directory: string,
    account: Account,
    vaults: Map<string, Vault>,
    options: VaultOptions,
    lock: AsyncDisposable,
  ) {
    this.#directory = directory;
    this.account = account;
    this.vaults = vaults;
    this.#options = options;
    this.#lock = lock;
  }

  get tmp(): string {
    return this.#options.tmp;
  }

  /** The vault of that name, made when there is none. @throws ApiError when there are too many */
  async create(name: string, at: number): Promise<void> {
    if (this.vaults.has(name)) return;
    const creating = this.#creating.get(name) ?? this.#create(name, at);
    this.#creating.set(name, creating);
    try {
      this.vaults.set(name, await creating);
    } finally {
      this.#creating.delete(name);
    }
  }

  async remove(name: string): Promise<void> {
    const vault = this.vaults.get(name);
    this.vaults.delete(name);
    await vault?.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const vault of this.vaults.values()) await vault.close();
    await this.#lock[Symbol.asyncDispose]();
  }

  #create(name: string, at: number): Promise<Vault> {
    if (this.vaults.size + this.#creating.size >= VAULTS_MAX) {
      throw limitExceeded(`The limit of ${VAULTS_MAX} vaults for this account and region is reached.`);
    }
    return createVault(join(this.#directory, 'vaults'), name, at, this.#options);
  }
}

/**
 * Opens the folder for one server, making it when it is new or empty.
 * @throws Failure CONFIG when it cannot be used: no directory, someone else's files, or in use
 */
export async function openDataFolder(
  directory: string,
  options: { readonly realistic: boolean; readonly now: number },
): Promise<DataFolder> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await refuseForeign(directory);
  } catch (cause) {
    throw asConfigFailure(cause, `cannot use ${directory} as the folder of a local vault`);
  }
  const lock = await lockFolder(directory).catch((cause: unknown) => {
    throw asConfigFailure(cause, `cannot lock ${directory}`);
  });
  try {
    return await openLocked(directory, options, lock);
  } catch (cause) {
    await lock[Symbol.asyncDispose]();
    throw asConfigFailure(cause, `cannot use ${directory} as the folder of a local vault`);
  }
}

async function openLocked(
  directory: string,
  options: { readonly realistic: boolean; readonly now: number },
  lock: AsyncDisposable,
): Promise<DataFolder> {
  const tmp = join(directory, 'tmp');
  await rm(tmp, { recursive: true, force: true });
  await mkdir(tmp, { mode: 0o700 });
  await mkdir(join(directory, 'vaults'), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'README.txt'), README);
  const account = await openAccount(directory);
  const vaults = new Map<string, Vault>();
  for (const name of await readdir(join(directory, 'vaults'))) {
    const vault = await openVault(join(directory, 'vaults', name), options.now, { realistic: options.realistic, tmp });
    vaults.set(vault.state.name, vault);
  }
  return new DataFolder(directory, account, vaults, { realistic: options.realistic, tmp }, lock);
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

function asConfigFailure(cause: unknown, what: string): Failure {
  if (cause instanceof Failure) return cause;
  const hint = 'name a folder that you can write to, or a new one';
  const { message } = cause as Error;
  // Node adds the call and the path, which are no news to the user.
  const reason = /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return new Failure('CONFIG', `${what}: ${reason}`, { hint, cause });
}

const README = `This folder is a local vault of mtglacier: a Glacier vault service on plain files.

account.json        the account number and its access key (keep it to yourself)
vaults/NAME~xxxx/   one vault
  log.ndjson        what happened, one JSON object a line; all else follows from it
  archives/ID       the content of an archive, as it was uploaded
  archives/ID/      the same for an archive that came in parts: cat archives/ID/* gives its content
  leaves/ID         SHA-256 of each MiB, 32 bytes each; made again when missing
  staged/ID         inventories that were asked for
tmp/                bodies on their way in; emptied at every start
lock                which process serves this folder

Change nothing while a server runs. The folder can be copied while none does.
`;
