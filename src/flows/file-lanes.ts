// Small files and large ones, worked on beside each other: a film must not hold up ten thousand letters, nor they the film.

import { SMALL_MAX } from '../model/parts.js';
import type { Lanes } from '../transfer/supply.js';

/** How many files of each kind are worked on at once. */
export interface FileLanes {
  readonly small: number;
  /** 0: large ones take their turns among the small ones. */
  readonly large: number;
}

/** Lanes for things that are as large as a file. */
export function byFileSize<T>({ small, large }: FileLanes, sizeOf: (item: T) => number): Lanes<T> {
  if (large === 0) return { widths: [small], laneOf: () => 0 };
  return { widths: [small, large], laneOf: (item) => (sizeOf(item) <= SMALL_MAX ? 0 : 1) };
}
