// What holds for a whole account: its data retrieval policy and its provisioned capacity, kept in a log of its own.

import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { serviceUnavailable } from '../http/errors.js';
import { openLog, type RecordLog } from './record-log.js';

const LOG = 'settings.ndjson';

/** One line of the account's log. Times are ms since 1970 of the account's clock. */
export type AccountRecord =
  | { readonly type: 'settings'; readonly format: 1; readonly at: number }
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

export class AccountSettings {
  readonly #log: RecordLog;
  readonly #directory: string;
  /** Source: Glacier developer guide, "Data Retrieval Policies": no limit is the default. */
  #policy: RetrievalPolicy = { strategy: 'None' };
  #units: readonly CapacityUnit[] = [];
  #started = false;

  constructor(directory: string, log: RecordLog, records: readonly AccountRecord[]) {
    this.#directory = directory;
    this.#log = log;
    for (const record of records) this.#apply(record);
  }

  get retrievalPolicy(): RetrievalPolicy {
    return this.#policy;
  }

  /** Units that are paid for at `now`, oldest first. */
  unitsAt(now: number): readonly CapacityUnit[] {
    return this.#units.filter((unit) => now < unit.until);
  }

  /** The fact holds from now on, and is on stable storage when this resolves. @throws ApiError when it cannot be */
  async record(record: AccountRecord): Promise<void> {
    if (!this.#started) this.#append({ type: 'settings', format: 1, at: record.at }, this.#directory);
    this.#append(record);
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
    this.#apply(record);
    this.#log.append(record, directories);
  }

  #apply(record: AccountRecord): void {
    switch (record.type) {
      case 'settings':
        this.#started = true;
        return;
      case 'retrieval-policy':
        this.#policy = record;
        return;
      case 'capacity-unit':
        this.#units = [...this.unitsAt(record.at), record];
    }
  }
}

/** Reads the log of the account whose folder this is; it is empty before the first setting. */
export async function openAccountSettings(directory: string): Promise<AccountSettings> {
  const path = join(directory, LOG);
  const records: AccountRecord[] = [];
  const log = await openLog(path, (record) => records.push(checkFormat(record as AccountRecord, path)));
  return new AccountSettings(directory, log, records);
}

function checkFormat(record: AccountRecord, path: string): AccountRecord {
  const format: number = record.type === 'settings' ? record.format : 1;
  if (format === 1) return record;
  throw new Failure('CONFIG', `${path} has format ${format}, this program knows format 1`);
}
