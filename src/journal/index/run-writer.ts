// Writes a run: entries of archives by path, then two tables of pairs by their first number.

import { BLOCK, type ListShape, PAGE, PAIRS_IN_PAGE, type RunShape, type TableShape } from './run-shape.js';
import { CHECKSUM, seal } from './sealed-block.js';

/** First every entry, then the ids, then the retrievals, each in order. Memory: a piece, and 8 bytes for each block. */
export class RunWriter {
  readonly #sink: (piece: Buffer) => void;
  readonly #pieceSize: number;
  #piece: Buffer;
  /** Of the piece. */
  #filled = 0;
  /** Where the block begins that is being filled, in the piece. */
  #block = 0;
  /** Before the piece. */
  #written = 0;
  readonly #blockStarts: number[] = [];

  /** @param sink takes the bytes, one piece behind the other, of this size or more; the last is shorter. They are its own. */
  constructor(sink: (piece: Buffer) => void, pieceSize: number) {
    this.#sink = sink;
    this.#pieceSize = pieceSize;
    this.#piece = Buffer.allocUnsafeSlow(pieceSize);
  }

  entry(bytes: Buffer, at: number, length: number): void {
    this.#makeRoom(length + CHECKSUM);
    bytes.copy(this.#piece, this.#filled, at, at + length);
    this.#filled += length;
    if (this.#filled - this.#block >= BLOCK) this.#endBlock();
  }

  table(): TableWriter {
    if (this.#filled > this.#block) this.#endBlock();
    return new TableWriter(this.#size, this.#write);
  }

  finish(ids: TableShape, retrievals: TableShape): RunShape {
    const blocksEnd = ids.start;
    const blockStarts = writeList(this.#blockStarts, this.#size, this.#write);
    const size = this.#size;
    this.#sink(this.#piece.subarray(0, this.#filled));
    return { blocksEnd, ids, retrievals, blockStarts, size };
  }

  get #size(): number {
    return this.#written + this.#filled;
  }

  #endBlock(): void {
    this.#filled += CHECKSUM;
    seal(this.#piece.subarray(this.#block, this.#filled));
    this.#blockStarts.push(this.#written + this.#block);
    this.#block = this.#filled;
  }

  readonly #write = (bytes: Buffer): void => {
    this.#makeRoom(bytes.length);
    this.#filled += bytes.copy(this.#piece, this.#filled);
    this.#block = this.#filled;
  };

  /** Ends the piece where it has too little, but for the block that is being filled. */
  #makeRoom(length: number): void {
    if (this.#filled + length <= this.#piece.length) return;
    const rest = this.#piece.subarray(this.#block, this.#filled);
    this.#sink(this.#piece.subarray(0, this.#block));
    this.#written += this.#block;
    this.#piece = Buffer.allocUnsafeSlow(Math.max(this.#pieceSize, rest.length + length));
    this.#filled = rest.copy(this.#piece);
    this.#block = 0;
  }
}

export class TableWriter {
  readonly #start: number;
  readonly #sink: (bytes: Buffer) => void;
  readonly #firsts: number[] = [];
  readonly #page = Buffer.alloc(PAGE);
  #pairs = 0;

  /** @param sink keeps none of the bytes */
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
    this.#page.fill(0);
  }
}

function writeList(numbers: readonly number[], start: number, sink: (bytes: Buffer) => void): ListShape {
  const bytes = Buffer.alloc(8 * numbers.length + CHECKSUM);
  numbers.forEach((number, i) => bytes.writeDoubleLE(number, 8 * i));
  sink(seal(bytes));
  return { start, length: numbers.length };
}
