// What a restore may still ask for: of files, of bytes, of money.

import { Money } from '../model/money.js';

/** In all; null: no limit. */
export interface Allowed {
  readonly files: number | null;
  readonly bytes: number | null;
  readonly cost: Money;
}

export interface Spent {
  readonly files: number;
  readonly bytes: number;
  readonly cost: Money;
}

export const NOTHING_SPENT: Spent = { files: 0, bytes: 0, cost: Money.NOTHING };

/** What so many retrievals of so many bytes together cost. */
export type CostOf = (files: number, bytes: number) => Money;

/** Which limit has been reached. */
export type Exhausted = 'files' | 'bytes' | 'cost';

/** Whether an archive is asked for again that was gone before it was fetched: that costs, and is no further file. */
export type Asked = 'first' | 'again';

interface Wanted {
  files: number;
  bytes: number;
}

/** What was asked for since a point in time, at one price, beside what had been before. */
export class Spending {
  #allowed: Allowed;
  #before: Spent;
  readonly #costOf: CostOf;
  #first: Wanted = { files: 0, bytes: 0 };
  #again: Wanted = { files: 0, bytes: 0 };
  #exhausted: Exhausted | null = null;

  constructor(allowed: Allowed, before: Spent, costOf: CostOf) {
    this.#allowed = allowed;
    this.#before = before;
    this.#costOf = costOf;
  }

  /** Costs are of all together: what is rounded for each would add up. */
  get spent(): Spent {
    const { files, bytes, cost } = this.#before;
    const [first, again] = [this.#first, this.#again];
    return {
      files: files + first.files,
      bytes: bytes + first.bytes,
      cost: Money.plus(cost, this.#costOf(first.files + again.files, first.bytes + again.bytes)),
    };
  }

  /** The first limit that an archive was refused for. */
  get exhausted(): Exhausted | null {
    return this.#exhausted;
  }

  /** As the plan's account on disk has it, which others may have changed: what was taken and not asked for is free again. */
  goOnFrom(allowed: Allowed, spent: Spent): void {
    const { files, bytes, cost } = this.spent;
    this.#allowed = allowed;
    this.#exhausted = null;
    if (files === spent.files && bytes === spent.bytes && cost === spent.cost) return;
    this.#before = spent;
    this.#first = { files: 0, bytes: 0 };
    this.#again = { files: 0, bytes: 0 };
  }

  /** Takes an archive of so many bytes, unless that is more than is allowed. */
  take(size: number, asked: Asked): boolean {
    this.charge(size, asked);
    const refused = refusal(this.#allowed, this.spent, asked);
    if (refused === null) return true;
    this.giveBack(size, asked);
    this.#exhausted ??= refused;
    return false;
  }

  /** One was asked for, whether that was allowed or not. */
  charge(size: number, asked: Asked): void {
    const counts = this.#countsOf(asked);
    counts.files++;
    counts.bytes += size;
  }

  /** One that was taken was not asked for after all. */
  giveBack(size: number, asked: Asked): void {
    const counts = this.#countsOf(asked);
    counts.files--;
    counts.bytes -= size;
  }

  #countsOf(asked: Asked): Wanted {
    return asked === 'first' ? this.#first : this.#again;
  }
}

function refusal(allowed: Allowed, wanted: Spent, asked: Asked): Exhausted | null {
  if (allowed.files === 0) return 'files';
  if (asked === 'first' && wanted.files > (allowed.files ?? Number.POSITIVE_INFINITY)) return 'files';
  if (asked === 'first' && wanted.bytes > (allowed.bytes ?? Number.POSITIVE_INFINITY)) return 'bytes';
  return wanted.cost > allowed.cost ? 'cost' : null;
}
