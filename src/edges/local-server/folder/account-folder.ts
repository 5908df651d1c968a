// What one account has: its keys, and a folder for each of its vaults.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { makeDirectory, syncDirectory } from '../durable/durable-file.js';
import { limitExceeded } from '../protocol/errors.js';
import { newSessionToken } from '../protocol/ids.js';
import { createVault, openVault, type Vault, type VaultOptions } from '../vault/vault.js';
import { type AccessKey, type Account, newKey, saveAccount, type TemporaryKey } from './account.js';
import { type AccountSettings, openAccountSettings } from './account-settings.js';

const VAULTS_MAX = 1000;
/** Requests with a key that is over are told so for a day, then that there is no such key. */
const EXPIRED_KEPT_MS = 24 * 60 * 60 * 1000;

interface AccountParts {
  readonly account: Account;
  readonly vaults: Map<string, Vault>;
  readonly settings: AccountSettings;
  readonly options: VaultOptions;
}

/** Vaults by their names, and keys; what is changed is on stable storage when the change resolves. */
export class AccountFolder implements AsyncDisposable {
  readonly directory: string;
  readonly vaults: Map<string, Vault>;
  readonly settings: AccountSettings;
  readonly #options: VaultOptions;
  readonly #creating = new Map<string, Promise<Vault>>();
  readonly #removing = new Map<string, Promise<void>>();
  #account: Account;
  #saved: Promise<void> = Promise.resolve();

  constructor(directory: string, { account, vaults, settings, options }: AccountParts) {
    this.directory = directory;
    this.#account = account;
    this.vaults = vaults;
    this.settings = settings;
    this.#options = options;
  }

  get account(): Account {
    return this.#account;
  }

  get tmp(): string {
    return this.#options.tmp;
  }

  /** The vault of that name, made when there is none. @throws ApiError when there are too many */
  async create(name: string, at: number): Promise<void> {
    // Two folders of one name would be left by a crash in between.
    await this.#removing.get(name);
    if (this.vaults.has(name)) return;
    const creating = this.#creating.get(name) ?? this.#create(name, at);
    this.#creating.set(name, creating);
    try {
      this.vaults.set(name, await creating);
    } finally {
      this.#creating.delete(name);
    }
  }

  /** A vault that cannot be removed is still there, and refuses everything else. */
  async remove(name: string): Promise<void> {
    const vault = this.vaults.get(name);
    if (vault === undefined) return this.#removing.get(name);
    this.vaults.delete(name);
    const removing = this.#remove(name, vault);
    this.#removing.set(name, removing);
    await removing;
  }

  async addKey(): Promise<AccessKey> {
    const key = newKey('AKIA');
    await this.#save((account) => ({ ...account, keys: [...account.keys, key] }));
    return key;
  }

  /** @param expiresAt ms since 1970, of real time like `now` */
  async addTemporaryKey(expiresAt: number, now: number): Promise<TemporaryKey> {
    const key = { ...newKey('ASIA'), sessionToken: newSessionToken(), expiresAt };
    await this.#save((account) => {
      const kept = account.temporaryKeys?.filter((one) => one.expiresAt + EXPIRED_KEPT_MS > now) ?? [];
      return { ...account, temporaryKeys: [...kept, key] };
    });
    return key;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const vault of this.vaults.values()) await vault.close();
    await this.settings.close();
  }

  async #remove(name: string, vault: Vault): Promise<void> {
    try {
      await vault.remove();
    } catch (cause) {
      this.vaults.set(name, vault);
      throw cause;
    } finally {
      this.#removing.delete(name);
    }
  }

  #create(name: string, at: number): Promise<Vault> {
    if (this.vaults.size + this.#creating.size >= VAULTS_MAX) {
      throw limitExceeded(`The limit of ${VAULTS_MAX} vaults for this account and region is reached.`);
    }
    return createVault(join(this.directory, 'vaults'), name, at, this.#options);
  }

  /** One change after another; a key counts from when it is on stable storage. */
  #save(change: (account: Account) => Account): Promise<void> {
    const saving = this.#saved.then(() => this.#replace(change(this.#account)));
    this.#saved = saving.catch(() => undefined);
    return saving;
  }

  async #replace(account: Account): Promise<void> {
    await saveAccount(this.directory, account);
    this.#account = account;
  }
}

/** Reads all that the account has in its directory. @throws Failure CONFIG */
export async function openAccountFolder(
  directory: string,
  account: Account,
  now: number,
  options: VaultOptions,
): Promise<AccountFolder> {
  await makeDirectory(join(directory, 'vaults'));
  // A killed process may have made vaults without having flushed their names.
  await syncDirectory(join(directory, 'vaults'));
  const vaults = new Map<string, Vault>();
  try {
    for (const name of await readdir(join(directory, 'vaults'))) {
      const vault = await openVault(join(directory, 'vaults', name), now, options);
      const other = vaults.get(vault.state.name);
      vaults.set(other === undefined ? vault.state.name : name, vault);
      if (other !== undefined) throw twice(other, vault);
    }
    const settings = await openAccountSettings(directory, options.tmp, now);
    return new AccountFolder(directory, { account, vaults, settings, options });
  } catch (cause) {
    for (const vault of vaults.values()) await vault.close();
    throw cause;
  }
}

/** The archives of one of them would be hidden. */
function twice(one: Vault, other: Vault): Failure {
  return new Failure('CONFIG', `${one.directory} and ${other.directory} are both the vault ${one.state.name}`, {
    hint: 'move one of them out of the folder',
  });
}
