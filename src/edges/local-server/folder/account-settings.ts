// What holds for a whole account: its data retrieval policy and its provisioned capacity, kept in a log of its own.

import { join } from 'node:path';
import { LOG_FORMAT } from '../durable/log-lines.js';
import { copyNeeded, type LogPlace, type ShortenedRecord } from '../durable/log-writer.js';
import { openLog } from '../durable/record-log.js';
import { type Shortener, ShortLog } from '../durable/short-log.js';
import { serviceUnavailable } from '../protocol/errors.js';

const LOG = 'settings.ndjson';

/** One line of the account's log. Times are ms since 1970 of the account's clock. */
export type AccountRecord =
  | { readonly type: 'settings'; readonly format: typeof LOG_FORMAT; readonly at: number }
  | ShortenedRecord
  | ({ readonly type: 'retrieval-policy'; readonly at: number } & RetrievalPolicy)
  | ({ readonly type: 'capacity-unit'; readonly at: number } & CapacityUnit);

/** How much may be retrieved: nothing is limited, the free allowance, or so many bytes in any hour. */
export type RetrievalPolicy =
  | { readonly strategy: 'None' }
  | { readonly strategy: 'FreeTier' }
  | { readonly strategy: 'BytesPerHour'; readonly bytesPerHour: number };

/** A month of guaranteed Expedited retrievals: from `at`, up to, not including, `until`. */
export interface CapacityUnit {
  readonly id: string;
  readonly at: number;
  readonly until: number;
}

/** All that the records say, told one after another. */
class SettingsState {
  /** Whether the log has its first line. */
  started = false;
  /** Source: Glacier developer guide, "Data Retrieval Policies": no limit is the default. */
  policy: RetrievalPolicy = { strategy: 'None' };
  units: readonly CapacityUnit[] = [];
  /** The latest time that any record has. */
  latestAt = 0;

  apply(record: AccountRecord): void {
    this.latestAt = Math.max(this.latestAt, record.at);
    switch (record.type) {
      case 'settings':
        this.started = true;
        return;
      case 'retrieval-policy':
        this.policy = record;
        return;
      case 'capacity-unit':
        this.units = [...this.unitsAt(record.at), record];
        return;
      case 'shortened':
    }
  }

  unitsAt(now: number): readonly CapacityUnit[] {
    return this.units.filter((unit) => now < unit.until);
  }
}

/** What was set, computed from the log alone. */
export class AccountSettings {
  readonly #directory: string;
  readonly #state: SettingsState;
  readonly #log: ShortLog;

  constructor(directory: string, state: SettingsState, log: ShortLog) {
    this.#directory = directory;
    this.#state = state;
    this.#log = log;
  }

  get retrievalPolicy(): RetrievalPolicy {
    return this.#state.policy;
  }

  /** The latest time that anything was set. */
  get latestAt(): number {
    return this.#state.latestAt;
  }

  /** Units that are paid for at `now`, oldest first. */
  unitsAt(now: number): readonly CapacityUnit[] {
    return this.#state.unitsAt(now);
  }

  /** The fact holds from now on, and is on stable storage when this resolves. @throws ApiError when it cannot be */
  async record(record: AccountRecord): Promise<void> {
    if (!this.#state.started) this.#append({ type: 'settings', format: LOG_FORMAT, at: record.at }, this.#directory);
    this.#append(record);
    await this.settled();
  }

  /** Resolves when all that was recorded so far is on stable storage. @throws ApiError when it cannot be */
  async settled(): Promise<void> {
    try {
      await this.#log.settled();
    } catch (cause) {
      throw serviceUnavailable(`The account's log cannot be written: ${(cause as Error).message}`);
    }
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #append(record: AccountRecord, ...directories: readonly string[]): void {
    this.#state.apply(record);
    this.#log.append(record, directories);
  }
}

/** Reads the log of the account whose folder this is; it is empty before the first setting. @throws Failure CONFIG */
export async function openAccountSettings(directory: string, tmp: string, now: number): Promise<AccountSettings> {
  const place: LogPlace = { path: join(directory, LOG), first: 'settings', tmp };
  const state = new SettingsState();
  const log = await openLog(place, (record) => state.apply(record as AccountRecord));
  const linesNeeded = state.units.length + 2;
  const short = new ShortLog({ log, place, shortener: shortenSettings, linesNeeded });
  await short.shorten(Math.max(now, state.latestAt));
  return new AccountSettings(directory, state, short);
}

/** Leaves out the policies that were replaced, and the units that are over by `now`. */
export const shortenSettings: Shortener = async (read, made, now) => {
  let [number, policy] = [0, 0];
  for await (const { lines } of read()) {
    for (const { record } of lines as readonly { readonly record: AccountRecord }[]) {
      number += 1;
      if (record.type === 'retrieval-policy') policy = number;
    }
  }
  return copyNeeded(read(), (record, line) => isNeeded(record as AccountRecord, line === policy, now), made);
};

function isNeeded(record: AccountRecord, isLastPolicy: boolean, now: number): boolean {
  switch (record.type) {
    case 'settings':
      return true;
    case 'retrieval-policy':
      return isLastPolicy;
    case 'capacity-unit':
      return now < record.until;
    case 'shortened':
      return false;
  }
}
