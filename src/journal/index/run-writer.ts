// Writes a run: entries of archives by path, then two tables of pairs by their first number.

import { BLOCK, type ListShape, PAGE, PAIRS_IN_PAGE, type RunShape, type TableShape } from './run-shape.js';
import { CHECKSUM, seal } from './sealed-block.js';

/** First every entry, then the ids, then the retrievals, each in order. Memory: a block, and 8 bytes for each written. */
export class RunWriter {
  /** Takes the bytes, one piece behind the other; they are its own. */
  readonly #sink: (bytes: Buffer) => void;
  #size = 0;
  #block = Buffer.allocUnsafe(2 * BLOCK);
  #filled = 0;
  readonly #blockStarts: number[] = [];

  constructor(sink: (bytes: Buffer) => void) {
    this.#sink = sink;
  }

  entry(bytes: Buffer, at: number, length: number): void {
    const needed = this.#filled + length + CHECKSUM;
    if (needed > this.#block.length) this.#block = Buffer.concat([this.#block], 2 * needed);
    bytes.copy(this.#block, this.#filled, at, at + length);
    this.#filled += length;
    if (this.#filled >= BLOCK) this.#endBlock();
  }

  table(): TableWriter {
    if (this.#filled > 0) this.#endBlock();
    return new TableWriter(this.#size, (page) => this.#write(page));
  }

  finish(ids: TableShape, retrievals: TableShape): RunShape {
    const blocksEnd = ids.start;
    const blockStarts = writeList(this.#blockStarts, this.#size, (list) => this.#write(list));
    return { blocksEnd, ids, retrievals, blockStarts, size: this.#size };
  }

  #endBlock(): void {
    this.#blockStarts.push(this.#size);
    this.#write(seal(Buffer.from(this.#block.subarray(0, this.#filled + CHECKSUM))));
    this.#filled = 0;
  }

  #write(bytes: Buffer): void {
    this.#sink(bytes);
    this.#size += bytes.length;
  }
}

export class TableWriter {
  readonly #start: number;
  readonly #sink: (bytes: Buffer) => void;
  readonly #firsts: number[] = [];
  #page = Buffer.alloc(PAGE);
  #pairs = 0;

  constructor(start: number, sink: (bytes: Buffer) => void) {
    this.#start = start;
    this.#sink = sink;
  }

  pair(first: number, second: number): void {
    const at = this.#pairs % PAIRS_IN_PAGE;
    if (at === 0) this.#firsts.push(first);
    this.#page.writeDoubleLE(first, 16 * at);
    this.#page.writeDoubleLE(second, 16 * at + 8);
    this.#pairs++;
    if (at === PAIRS_IN_PAGE - 1) this.#endPage();
  }

  finish(): TableShape {
    if (this.#pairs % PAIRS_IN_PAGE !== 0) this.#endPage();
    const end = this.#start + PAGE * this.#firsts.length;
    return { start: this.#start, pairs: this.#pairs, firsts: writeList(this.#firsts, end, this.#sink) };
  }

  #endPage(): void {
    this.#sink(seal(this.#page));
    this.#page = Buffer.alloc(PAGE);
  }
}

function writeList(numbers: readonly number[], start: number, sink: (bytes: Buffer) => void): ListShape {
  const bytes = Buffer.alloc(8 * numbers.length + CHECKSUM);
  numbers.forEach((number, i) => bytes.writeDoubleLE(number, 8 * i));
  sink(seal(bytes));
  return { start, length: numbers.length };
}
