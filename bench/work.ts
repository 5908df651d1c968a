// Something that was measured, and the group that it belongs to.

import type { Raw } from './raw-figures.js';
import type { Ran, Stage } from './stage.js';

/** Something that was done once or several times, each time from the same beginning. */
export interface Work {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly runs: readonly Ran[];
  /** What the vault's process took for each run; none where no vault was asked. */
  readonly servers: readonly Pick<Ran, 'cpuMs'>[];
  /** What it is held against. */
  readonly figures: readonly Figure[];
  /** Which cost of much larger works it tells. */
  readonly tells?: UnitCost;
  /** Bytes that it left on the disk, where that is asked. */
  readonly left?: number;
}

export type UnitCost =
  | 'bytes stored'
  | 'files stored'
  | 'files compared'
  | 'index made'
  | 'memory of few'
  | 'memory of many';

/** One thing that is said of a work, and what it is to be. */
export interface Figure {
  readonly what: string;
  readonly limit: Limit | null;
  /** NaN where it cannot be told. @param perSecond what this machine does of a yardstick at best */
  of(work: Work, perSecond: (raw: Raw) => number): number;
}

export type Limit = { readonly atLeast: number } | { readonly atMost: number };

export type Tell = (what: string) => void;

export interface Group {
  /** What is typed after `npm run bench --`. */
  readonly name: string;
  readonly about: string;
  /** Makes the files to keep. */
  prepare(stage: Stage): void;
  /** The yardsticks, measured while the files are there: half of their runs before the works and half after them. */
  readonly raw: readonly Raw[];
  run(stage: Stage, times: number, tell: Tell): AsyncGenerator<Work>;
}
