// A run to read: the facts of a stretch of the journal, in order; archives by path, ids and retrievals by their hash.

import { comparePathAt, lengthAt } from './entry.js';
import { HashFilter } from './hash-filter.js';
import type { RunBytes } from './run-bytes.js';
import { BLOCK, type ListShape, PAGE, PAIRS_IN_PAGE, type RunShape, type TableShape } from './run-shape.js';
import { CHECKSUM, isSound } from './sealed-block.js';

/** Blocks, or pages, that are read at a time where all of them are wanted. Bytes. */
const AHEAD = 8 * BLOCK;
const PAGES_AHEAD = AHEAD / PAGE;
/** One question for so many ids: from then on a filter is cheaper than looking. */
const ASKED_OFTEN = 64;

export interface RunSetup {
  readonly shape: RunShape;
  readonly bytes: RunBytes;
  /** What to throw, and what to do before, when bytes are not those that were written. */
  readonly onDamage: () => Error;
}

/** Held by the index and by whoever is reading through it; the last one to let go closes it. */
export class Run {
  readonly shape: RunShape;
  #bytes: RunBytes;
  readonly #onDamage: () => Error;
  readonly #lists = new Map<ListShape, Float64Array>();
  #holders = 1;
  /** Made when so many ids were looked for that it pays. */
  #filter: HashFilter | null = null;
  #asked = 0;

  constructor({ shape, bytes, onDamage }: RunSetup) {
    this.shape = shape;
    this.#bytes = bytes;
    this.#onDamage = onDamage;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#bytes.close();
  }

  /** From now on the same bytes are read there. */
  move(bytes: RunBytes): void {
    this.#bytes.close();
    this.#bytes = bytes;
  }

  /** The second numbers of all pairs of an id's hash. */
  ids(hash: number, into: number[]): void {
    if (this.#mayHold(hash)) this.#find(this.shape.ids, hash, into);
  }

  retrievals(hash: number, into: number[]): void {
    this.#find(this.shape.retrievals, hash, into);
  }

  #mayHold(hash: number): boolean {
    this.#asked++;
    if (this.#filter === null && this.#asked * ASKED_OFTEN > this.shape.ids.pairs) this.#filter = this.#filterOfIds();
    return this.#filter?.mayHold(hash) ?? true;
  }

  #filterOfIds(): HashFilter {
    const filter = new HashFilter(this.shape.ids.pairs);
    for (const { bytes, pairs } of this.pages(this.shape.ids)) {
      for (let i = 0; i < pairs; i++) filter.add(bytes.readDoubleLE(16 * i));
    }
    return filter;
  }

  #find(table: TableShape, first: number, into: number[]): void {
    if (table.pairs === 0) return;
    const firsts = this.#list(table.firsts);
    // Equal pairs may begin in the page before the first one that begins with them.
    for (let page = Math.max(0, countBelow(firsts, first) - 1); page < firsts.length; page++) {
      if ((firsts[page] as number) > first) return;
      const bytes = this.#page(table, page);
      const pairs = pairsIn(table, page);
      for (let i = firstAtLeast(bytes, pairs, first); i < pairs; i++) {
        if (bytes.readDoubleLE(16 * i) !== first) return;
        into.push(bytes.readDoubleLE(16 * i + 8));
      }
    }
  }

  /** Every pair of a table, page by page. */
  *pages(table: TableShape): Generator<{ readonly bytes: Buffer; readonly pairs: number }> {
    const count = Math.ceil(table.pairs / PAIRS_IN_PAGE);
    for (let page = 0; page < count; ) {
      const ahead = Math.min(PAGES_AHEAD, count - page);
      const read = this.#read(table.start + PAGE * page, PAGE * ahead);
      for (let at = 0; at < read.length; at += PAGE, page++) {
        yield { bytes: this.#sound(read.subarray(at, at + PAGE)), pairs: pairsIn(table, page) };
      }
    }
  }

  /** Every entry of this path, by place. */
  entriesOf(path: Uint8Array, take: (bytes: Buffer, at: number) => void): void {
    const starts = this.#list(this.shape.blockStarts);
    for (let i = Math.max(0, this.#blocksBefore(path) - 1); i < starts.length; i++) {
      const block = this.#block(starts, i);
      for (let at = 0; at < block.length; at += lengthAt(block, at)) {
        const order = comparePathAt(block, at, path);
        if (order > 0) return;
        if (order === 0) take(block, at);
      }
    }
  }

  /** All entries, in blocks. What was given is good until the end of the reading. */
  *blocks(): Generator<Buffer> {
    const starts = this.#list(this.shape.blockStarts);
    const endOf = (i: number): number => (i < starts.length ? (starts[i] as number) : this.shape.blocksEnd);
    for (let i = 0; i < starts.length; ) {
      const from = endOf(i);
      let next = i + 1;
      while (next < starts.length && endOf(next + 1) - from <= AHEAD) next++;
      const bytes = this.#read(from, endOf(next) - from);
      for (; i < next; i++)
        yield this.#sound(bytes.subarray(endOf(i) - from, endOf(i + 1) - from)).subarray(0, -CHECKSUM);
    }
  }

  /** How many blocks begin before this path. */
  #blocksBefore(path: Uint8Array): number {
    const starts = this.#list(this.shape.blockStarts);
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePathAt(this.#block(starts, middle), 0, path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #block(starts: Float64Array, i: number): Buffer {
    const end = i + 1 < starts.length ? (starts[i + 1] as number) : this.shape.blocksEnd;
    const start = starts[i] as number;
    return this.#sound(this.#read(start, end - start)).subarray(0, -CHECKSUM);
  }

  #page(table: TableShape, page: number): Buffer {
    return this.#sound(this.#read(table.start + PAGE * page, PAGE));
  }

  #list(shape: ListShape): Float64Array {
    const known = this.#lists.get(shape);
    if (known !== undefined) return known;
    const bytes = this.#sound(this.#read(shape.start, 8 * shape.length + CHECKSUM));
    const list = Float64Array.from({ length: shape.length }, (_, i) => bytes.readDoubleLE(8 * i));
    this.#lists.set(shape, list);
    return list;
  }

  #read(start: number, length: number): Buffer {
    const bytes = this.#bytes.read(start, length);
    if (bytes.length !== length) throw this.#onDamage();
    return bytes;
  }

  #sound(bytes: Buffer): Buffer {
    if (!isSound(bytes)) throw this.#onDamage();
    return bytes;
  }
}

function pairsIn({ pairs }: TableShape, page: number): number {
  return Math.min(PAIRS_IN_PAGE, pairs - page * PAIRS_IN_PAGE);
}

/** How many of the ascending numbers are less. */
function countBelow(ascending: Float64Array, number: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAtLeast(page: Buffer, pairs: number, first: number): number {
  let [low, high] = [0, pairs];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (page.readDoubleLE(16 * middle) < first) low = middle + 1;
    else high = middle;
  }
  return low;
}
