// How much a run may still do: so many files, so many bytes, and for so long.

import { asFailure } from '../model/failure.js';
import { type AtHand, takerOf } from '../transfer/at-hand.js';
import { type Halt, stoppedBy } from '../transfer/concurrently.js';

/** What ended a run before its work was done. */
export type Limit = 'files' | 'transfer' | 'duration';

/** What a run is allowed beside a number of files. */
export interface RunLimits {
  /** Bytes of content that may be sent or fetched; null: as many as there are. Whatever is begun before they are used up is ended. */
  readonly transfer: number | null;
  /** Comes when the time of the run is over; null: it has all time. */
  readonly timeUp: AbortSignal | null;
  /** Told when bytes or time are used up: nothing new is begun from then on. */
  readonly onReached: (limit: Limit) => void;
}

const UNLIMITED: RunLimits = { transfer: null, timeUp: null, onReached: () => undefined };

export class Budget {
  readonly #limits: RunLimits;
  readonly #bytesUsedUp = new AbortController();
  #files: number;
  #bytes: number;
  #exceeded: Limit | null = null;

  /** @param files that are sent, asked for or fetched, not those that needed nothing; null: as many as there are */
  constructor(files: number | null, limits = UNLIMITED) {
    this.#limits = limits;
    this.#files = files ?? Number.POSITIVE_INFINITY;
    this.#bytes = limits.transfer ?? Number.POSITIVE_INFINITY;
    limits.timeUp?.addEventListener('abort', () => limits.onReached('duration'), { once: true });
  }

  /** Takes a file, and bytes with it where its size counts as a whole, if anything is left. */
  take(bytes = 0): boolean {
    this.#exceeded ??= this.#usedUp();
    if (this.#exceeded !== null) return false;
    this.#files--;
    this.spend(bytes);
    return true;
  }

  /** So many bytes begin to move. */
  spend(bytes: number): void {
    const before = this.#bytes;
    this.#bytes -= bytes;
    if (before <= 0 || this.#bytes > 0) return;
    this.#bytesUsedUp.abort();
    this.#limits.onReached('transfer');
  }

  /** Whether anything at all is counted or timed. */
  get isLimited(): boolean {
    return Number.isFinite(this.#files) || Number.isFinite(this.#bytes) || this.#limits.timeUp !== null;
  }

  /** Comes when the time of the run is over; null: it has all time. */
  get timeUp(): AbortSignal | null {
    return this.#limits.timeUp;
  }

  /** Why something was left undone, if anything was. */
  get exceeded(): Limit | null {
    return this.#exceeded;
  }

  /**
   * Work that begins nothing new once bytes or time are used up, and ends what is in flight: parts of a large file too,
   * the rest of which is for a later run. Being cut short like that is no failure.
   */
  async within(halt: Halt, work: (halt: Halt) => Promise<void>): Promise<void> {
    const { timeUp } = this.#limits;
    try {
      await work(stoppedBy(halt, this.#bytesUsedUp.signal, ...(timeUp === null ? [] : [timeUp])));
    } catch (thrown) {
      const reached = this.#usedUp();
      const isCut = reached !== null && !halt.soon.aborted && asFailure(thrown).code === 'INTERRUPTED';
      if (!isCut) throw thrown;
      this.#exceeded ??= reached;
    }
  }

  #usedUp(): Limit | null {
    if (this.#files === 0) return 'files';
    if (this.#bytes <= 0) return 'transfer';
    return this.#limits.timeUp?.aborted === true ? 'duration' : null;
  }
}

/** The items up to the first that the budget refused. */
export function untilExceeded<T>(items: AsyncIterable<T>, budget: Budget): AtHand<T> {
  return new UntilExceeded(items, budget);
}

class UntilExceeded<T> implements AtHand<T> {
  readonly #items: AsyncIterator<T>;
  readonly #takeNow: () => T | undefined;
  readonly #budget: Budget;

  constructor(items: AsyncIterable<T>, budget: Budget) {
    this.#items = items[Symbol.asyncIterator]();
    this.#takeNow = takerOf(this.#items);
    this.#budget = budget;
  }

  takeNow(): T | undefined {
    return this.#budget.exceeded === null ? this.#takeNow() : undefined;
  }

  async next(): Promise<IteratorResult<T, void>> {
    return this.#budget.exceeded === null ? this.#items.next() : this.return();
  }

  async return(): Promise<IteratorResult<T, void>> {
    await this.#items.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
