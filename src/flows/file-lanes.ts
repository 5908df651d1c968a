// Small files and large ones, worked on beside each other: a film must not hold up ten thousand letters, nor they the film.

import { MIB } from '../model/parts.js';
import type { Lanes } from '../transfer/supply.js';

/** How many files of each kind are worked on at once. */
export interface FileLanes {
  readonly small: number;
  readonly large: number;
}

/** Up to so many bytes a file is one request whose time is spent waiting for an answer: many of them at once are no burden. */
export const SMALL_MAX = MIB;

/** Lanes for things that are as large as a file. */
export function byFileSize<T>({ small, large }: FileLanes, sizeOf: (item: T) => number): Lanes<T> {
  return { widths: [small, large], laneOf: (item) => (sizeOf(item) <= SMALL_MAX ? 0 : 1) };
}
