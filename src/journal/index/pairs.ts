// Pairs of numbers that tell where in the journal something stands: by the hash of an id, its line.

import type { Run } from './run.js';
import type { TableShape } from './run-shape.js';

/** The second number of a pair: the line begins there. */
export function standing(place: number): number {
  return 2 * place;
}

/** The same, where an older run holds the archive of that line and it is no longer alive. Right behind it in order. */
export function ended(place: number): number {
  return 2 * place + 1;
}

export function placeIn(second: number): number {
  return Math.floor(second / 2);
}

export function isEnded(second: number): boolean {
  return second % 2 === 1;
}

/** One pair in view, in one page of a table. */
class PairCursor {
  readonly #pages: Iterator<{ readonly bytes: Buffer; readonly pairs: number }>;
  #bytes: Buffer = Buffer.alloc(0);
  #pairs = 0;
  #at = -1;
  first = 0;
  second = 0;

  constructor(run: Run, table: TableShape) {
    this.#pages = run.pages(table);
  }

  /** Whether there is a next one. */
  next(): boolean {
    if (++this.#at >= this.#pairs) {
      const { done, value } = this.#pages.next();
      if (done === true) return false;
      [this.#bytes, this.#pairs, this.#at] = [value.bytes, value.pairs, 0];
    }
    this.first = this.#bytes.readDoubleLE(16 * this.#at);
    this.second = this.#bytes.readDoubleLE(16 * this.#at + 8);
    return true;
  }
}

/** The pairs of the same table of several runs, in order. One that stands and the same that has ended cancel out. */
export class MergedPairs {
  readonly #cursors: PairCursor[];
  first = 0;
  second = 0;

  constructor(runs: readonly Run[], table: 'ids' | 'retrievals') {
    this.#cursors = runs.map((run) => new PairCursor(run, run.shape[table])).filter((cursor) => cursor.next());
  }

  /** Whether there is a next one. */
  next(): boolean {
    for (;;) {
      const least = this.#least();
      if (least === null) return false;
      const { first, second } = least;
      this.#pass(least);
      const follower = isEnded(second) ? null : this.#least();
      if (follower?.first !== first || follower.second !== second + 1) {
        [this.first, this.second] = [first, second];
        return true;
      }
      this.#pass(follower);
    }
  }

  #least(): PairCursor | null {
    let least: PairCursor | null = null;
    for (const cursor of this.#cursors) {
      if (least === null || cursor.first < least.first) least = cursor;
      else if (cursor.first === least.first && cursor.second < least.second) least = cursor;
    }
    return least;
  }

  #pass(cursor: PairCursor): void {
    if (!cursor.next()) this.#cursors.splice(this.#cursors.indexOf(cursor), 1);
  }
}
