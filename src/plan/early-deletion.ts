// What it would cost to delete archives that have not been stored for long: until when, how many bytes, how many days too soon.

import type { Archive } from '../model/archive.js';
import { Instant } from '../model/clock.js';
import type { Priced, UnitPrice } from '../model/money.js';

/**
 * Days for which an archive is charged in any case, where no table of prices says otherwise. Source: Glacier pricing,
 * "Early deletion".
 */
export const EARLY_DELETION_DAYS = 90;

const DAY = 24 * 3600;
const GIB = 2 ** 30;
/** Months of which a price of storage is a price: 90 days are three. */
const DAYS_OF_A_MONTH = 30;

/** So many archives, and their bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

export const NO_AMOUNT: Amount = { count: 0, bytes: 0 };

export function plusOne({ count, bytes }: Amount, size: number): Amount {
  return { count: count + 1, bytes: bytes + size };
}

/** Which archives could be deleted for nothing now, and when the others can. */
export interface DeletionOutlook {
  readonly free: Amount;
  /** The others, by the month in which the last of them becomes free: `2026-12`, in UTC as bills are. In order. */
  readonly months: ReadonlyMap<string, Amount>;
  /** Bytes times the days for which each would still be charged. */
  readonly byteDays: number;
}

/** An outlook that is added to, archive by archive. Memory: an amount a month. */
export class GrowingOutlook {
  readonly #now: Instant;
  readonly #days: number;
  readonly #months = new Map<string, Amount>();
  #free = NO_AMOUNT;
  #byteDays = 0;

  constructor(now: Instant, days: number) {
    this.#now = now;
    this.#days = days;
  }

  add({ size, createdAt }: Pick<Archive, 'size' | 'createdAt'>): void {
    const freeAt = Instant.plusSeconds(createdAt, this.#days * DAY);
    if (freeAt <= this.#now) {
      this.#free = plusOne(this.#free, size);
      return;
    }
    const month = new Date(freeAt * 1000).toISOString().slice(0, 7);
    this.#months.set(month, plusOne(this.#months.get(month) ?? NO_AMOUNT, size));
    this.#byteDays += size * Math.ceil((freeAt - this.#now) / DAY);
  }

  get outlook(): DeletionOutlook {
    const months = new Map([...this.#months].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { free: this.#free, months, byteDays: this.#byteDays };
  }
}

/** What is charged when all is deleted now: what storing it until it is free would have cost. */
export function chargeFor({ byteDays }: DeletionOutlook, perGiBMonth: UnitPrice): Priced {
  return { count: byteDays, price: perGiBMonth, per: GIB * DAYS_OF_A_MONTH };
}
