// What can be done to a local vault from outside the API: move its clock, make things fail, look at what it saw.

import type { AccessKey, TemporaryKey } from '../folder/account.js';
import type { AccountFolder } from '../folder/account-folder.js';
import { saveAheadMs } from '../folder/clock-file.js';
import type { DataFolder } from '../folder/data-folder.js';
import type { VaultRecord } from '../folder/records.js';
import { invalidParameter, notFound } from '../http/errors.js';
import type { RequestCounts, RequestLog, RequestSeen } from '../http/request-log.js';
import type { Vault } from '../vault/vault.js';
import type { VaultClock } from './clock.js';
import type { AllConditions, ConditionSettings, Conditions } from './conditions.js';
import { type FaultOrder, type FaultRule, parseFaultRule } from './fault-rule.js';
import type { Faults } from './faults.js';

/** A key with the account that it opens. */
export interface Credentials extends AccessKey {
  readonly accountId: string;
}

export interface TemporaryCredentials extends TemporaryKey {
  readonly accountId: string;
}

/** A vault by name; of the first account unless another is named. */
export interface VaultReference {
  readonly vault: string;
  readonly account?: string | undefined;
}

export interface JobEnd extends VaultReference {
  readonly job: string;
  /** Why it fails: its StatusMessage. Left out, it succeeds. */
  readonly failure?: string | undefined;
}

export interface ConditionChange extends Partial<ConditionSettings> {
  readonly account?: string;
}

interface ControlParts {
  readonly folder: DataFolder;
  readonly clock: VaultClock;
  readonly conditions: Conditions;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** Throws ApiError where what is asked for cannot be: its message says why. */
export class Control {
  readonly #parts: ControlParts;

  /** @internal */
  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** What the clock of vaults and jobs shows, in ms since 1970. */
  now(): number {
    return this.#parts.clock.now();
  }

  /** Moves that clock forward, for good. Gives what it shows then. */
  async advanceClock(ms: number): Promise<number> {
    const { clock, folder } = this.#parts;
    if (!(ms >= 0)) throw invalidParameter('The clock cannot go back.');
    await saveAheadMs(folder.directory, clock.aheadMs + ms);
    clock.advance(ms);
    return clock.now();
  }

  /** Takes the vault's inventory as it is now; without it, a realistic vault takes it once a day. */
  async takeInventory(reference: VaultReference): Promise<void> {
    await record(this.#vault(reference), { type: 'inventory', at: this.now() });
  }

  /** Ends a job now, whatever time it was due: well, or with a failure. */
  async endJob({ job, failure, ...reference }: JobEnd): Promise<void> {
    const vault = this.#vault(reference);
    const at = this.now();
    await vault.expire(at);
    const found = vault.state.jobs.get(job);
    if (found === undefined) throw notFound(`The job ID was not found: ${job}`);
    if (found.readyAt <= at) throw invalidParameter(`The job has ended already: ${job}`);
    await record(vault, { type: 'job-ended', id: job, failure: failure ?? null, at });
  }

  get conditions(): AllConditions {
    return this.#parts.conditions.settings;
  }

  /** For all accounts, unless one is named. What is not named stays as it is. */
  changeConditions({ account, ...settings }: ConditionChange): void {
    const { conditions } = this.#parts;
    if (account === undefined) conditions.change(settings);
    else conditions.changeFor(this.#account(account).account.accountId, settings);
  }

  /** Orders a fault. Where several strike the same request or delivery, it suffers the one that was ordered first. */
  addFault(order: FaultOrder): void {
    this.#parts.faults.add(parseFaultRule({ ...order }));
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  get faults(): readonly FaultRule[] {
    return this.#parts.faults.rules;
  }

  /** What it has seen since the start, or since `forgetRequests`: numbers, and the last hundred, oldest first. */
  requests(): { readonly counts: RequestCounts; readonly recent: readonly RequestSeen[] } {
    const { counts, recent } = this.#parts.log;
    return { counts, recent };
  }

  forgetRequests(): void {
    this.#parts.log.clear();
  }

  /** Every account with its first key; the first one first. */
  get accounts(): readonly Credentials[] {
    return this.#parts.folder.accounts.map(credentialsOf);
  }

  /** Makes an account with one key. */
  async addAccount(): Promise<Credentials> {
    return credentialsOf(await this.#parts.folder.addAccount(this.now()));
  }

  /** Makes another key for an account; the first unless one is named. */
  async addKey(account?: string): Promise<Credentials> {
    const folder = this.#account(account);
    return { accountId: folder.account.accountId, ...(await folder.addKey()) };
  }

  /** Makes a key that counts only with its token, and for so many seconds of real time. */
  async addTemporaryKey(seconds: number, account?: string): Promise<TemporaryCredentials> {
    const folder = this.#account(account);
    const now = Date.now();
    const key = await folder.addTemporaryKey(now + seconds * 1000, now);
    return { accountId: folder.account.accountId, ...key };
  }

  #account(accountId: string | undefined): AccountFolder {
    const { folder } = this.#parts;
    const account = accountId === undefined ? folder.first : folder.account(accountId);
    if (account === undefined) throw notFound(`There is no account ${accountId}`);
    return account;
  }

  #vault({ vault, account }: VaultReference): Vault {
    const found = this.#account(account).vaults.get(vault);
    if (found === undefined) throw notFound(`There is no vault ${vault}`);
    return found;
  }
}

function credentialsOf({ account }: AccountFolder): Credentials {
  const [key] = account.keys;
  if (key === undefined) throw new Error(`account ${account.accountId} has no key`);
  return { accountId: account.accountId, ...key };
}

async function record(vault: Vault, fact: VaultRecord): Promise<void> {
  vault.record(fact);
  await vault.settled();
}
