// Lays runs beside one another: what one run holds and another says is no longer alive, cancels out.

import { compareEntries, isEndedAt, lengthAt } from './entry.js';
import type { Run } from './run.js';

/** One entry in view, in one block of a run. */
class EntryCursor {
  readonly #blocks: Iterator<Buffer>;
  block: Buffer = Buffer.alloc(0);
  at = 0;

  constructor(run: Run) {
    this.#blocks = run.blocks();
  }

  /** Whether there is a next one. */
  next(): boolean {
    if (this.block.length > 0) this.at += lengthAt(this.block, this.at);
    if (this.at < this.block.length) return true;
    const { done, value } = this.#blocks.next();
    this.at = 0;
    this.block = done === true ? Buffer.alloc(0) : value;
    return this.block.length > 0;
  }
}

/** The entries of all runs, by path and place; those that cancel out are left out. */
export class MergedEntries {
  /** In the order of what they have in view. */
  readonly #cursors: EntryCursor[] = [];
  /** The entry in view: good until the next is asked for. */
  block: Buffer = Buffer.alloc(0);
  at = 0;
  #inView: EntryCursor | null = null;

  constructor(runs: readonly Run[]) {
    for (const run of runs) this.#advance(new EntryCursor(run));
  }

  /** Whether there is a next one. */
  next(): boolean {
    for (;;) {
      if (this.#inView !== null) this.#advance(this.#inView);
      const first = this.#cursors.shift();
      this.#inView = first ?? null;
      if (first === undefined) return false;
      const second = this.#cursors[0];
      if (second === undefined || compareEntries(first.block, first.at, second.block, second.at) < 0) {
        this.block = first.block;
        this.at = first.at;
        return true;
      }
      assertCancelOut(first, second);
      this.#cursors.shift();
      this.#advance(second);
    }
  }

  /** Mostly it stays the first: runs that follow one another seldom mix. */
  #advance(cursor: EntryCursor): void {
    if (!cursor.next()) return;
    let place = 0;
    for (; place < this.#cursors.length; place++) {
      const other = this.#cursors[place] as EntryCursor;
      if (compareEntries(cursor.block, cursor.at, other.block, other.at) <= 0) break;
    }
    this.#cursors.splice(place, 0, cursor);
  }
}

function assertCancelOut(a: EntryCursor, b: EntryCursor): void {
  if (isEndedAt(a.block, a.at) === isEndedAt(b.block, b.at)) throw new Error('two runs hold the same fact');
}
