// What is where in a run: a file of the index, written once and never changed.

/** Places and lengths are in bytes. */
export interface RunShape {
  /** Entries of archives, in the order of paths, in blocks of about `BLOCK`; this is where the blocks end. */
  readonly blocksEnd: number;
  readonly ids: TableShape;
  readonly retrievals: TableShape;
  /** Where each block begins: numbers, up to the end of the file. */
  readonly blockStarts: ListShape;
  readonly size: number;
}

/** Pairs of numbers, in the order of the first, in pages; and the first number of each page. */
export interface TableShape {
  readonly start: number;
  readonly pairs: number;
  readonly firsts: ListShape;
}

/** Numbers of 8 bytes, with one checksum for all. */
export interface ListShape {
  readonly start: number;
  readonly length: number;
}

/** A block takes entries until it has come to this size. */
export const BLOCK = 32 * 1024;
/** A page of pairs, with its checksum. */
export const PAGE = 4096;
export const PAIRS_IN_PAGE = 255;
