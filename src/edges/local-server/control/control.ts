// What can be done to a local vault from outside the API: move its clock, make things fail, look at what it saw.

import type { AccessKey, TemporaryKey } from '../folder/account.js';
import type { AccountFolder } from '../folder/account-folder.js';
import { saveAheadMs } from '../folder/clock-file.js';
import type { DataFolder } from '../folder/data-folder.js';
import { ApiError, invalidParameter, notFound } from '../protocol/errors.js';
import type { VaultRecord } from '../vault/records.js';
import type { Vault } from '../vault/vault.js';
import type { VaultClock } from './clock.js';
import { type AllConditions, type ConditionSettings, type Conditions, parseConditions } from './conditions.js';
import { type FaultOrder, type FaultRule, parseFaultRule } from './fault-rule.js';
import type { Faults } from './faults.js';
import type { RequestCounts, RequestLog, RequestSeen } from './request-log.js';

/** A key with the account that it opens. */
export interface Credentials extends AccessKey {
  readonly accountId: string;
}

/** A key with its token, and the account that it opens for a time. */
export interface TemporaryCredentials extends TemporaryKey {
  readonly accountId: string;
}

/** A vault by name; of the first account unless another is named. */
export interface VaultReference {
  readonly vault: string;
  readonly account?: string | undefined;
}

/** Which job is to end, and how. */
export interface JobEnd extends VaultReference {
  readonly job: string;
  /** Why it fails: its StatusMessage. Left out, it succeeds. */
  readonly failure?: string | undefined;
}

/** For one account, or for all. */
export interface ConditionChange extends Partial<ConditionSettings> {
  readonly account?: string;
}

interface ControlParts {
  readonly folder: DataFolder;
  readonly clock: VaultClock;
  readonly conditions: Conditions;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Aborts when the folder is let go of: it may be another server's from then on. */
  readonly closing: AbortSignal;
}

/** Throws ApiError where what is asked for cannot be: its message says why. */
export class Control {
  readonly #parts: ControlParts;
  /** The clock's file is written by one at a time. */
  #clockMoved: Promise<unknown> = Promise.resolve();

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
    const { clock } = this.#parts;
    const folder = this.#folder();
    // Number.isFinite(): without types it may be a text, which would be appended.
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw invalidParameter(`The clock goes forward, by a number of ms: ${typeof ms} ${ms} is none.`);
    }
    const before = this.#clockMoved;
    const move = async (): Promise<void> => {
      await before.catch(() => undefined);
      await saveAheadMs(folder.directory, clock.aheadMs + ms);
      clock.advance(ms);
    };
    this.#clockMoved = move();
    await this.#clockMoved;
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
  changeConditions({ account, ...change }: ConditionChange): void {
    const { conditions } = this.#parts;
    const settings = parseConditions(change);
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
    return credentialsOf(await this.#folder().addAccount(this.now()));
  }

  /** Makes another key for an account; the first unless one is named. */
  async addKey(account?: string): Promise<Credentials> {
    const folder = this.#account(account);
    return { accountId: folder.account.accountId, ...(await folder.addKey()) };
  }

  /** Makes a key that counts only with its token, and for so many seconds of real time. */
  async addTemporaryKey(seconds: number, account?: string): Promise<TemporaryCredentials> {
    if (!(Number.isFinite(seconds) && seconds >= 0)) throw invalidParameter(`A key cannot last ${seconds} s.`);
    const folder = this.#account(account);
    const now = Date.now();
    const key = await folder.addTemporaryKey(now + seconds * 1000, now);
    return { accountId: folder.account.accountId, ...key };
  }

  /** For what is written there. */
  #folder(): DataFolder {
    const { folder, closing } = this.#parts;
    if (closing.aborted) throw new ApiError(503, 'ServiceUnavailableException', 'The local vault is closed.');
    return folder;
  }

  #account(accountId: string | undefined): AccountFolder {
    const folder = this.#folder();
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
