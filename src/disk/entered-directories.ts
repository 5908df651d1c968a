// Which directories a walk has entered, whatever names led to them.

import type { BigIntStats } from 'node:fs';

/** The walk of a directory under one of its names. */
export interface Visit {
  /** It was for nothing: under another name there may be something to be found. */
  forget(): void;
}

/** So often a directory is entered for nothing, so that no web of links makes the walk endless. */
const VISITS_MAX = 16;

/** Memory: about 50 bytes a directory. */
export class EnteredDirectories {
  /** How often each was entered for nothing, by device and inode; `VISITS_MAX` while it is open and when that was enough. */
  readonly #visits = new Map<bigint, Map<bigint, number>>();

  /** Null when the directory is not to be entered again. */
  enter({ dev, ino }: BigIntStats): Visit | null {
    const visits = this.#visits.get(dev) ?? new Map<bigint, number>();
    this.#visits.set(dev, visits);
    const before = visits.get(ino) ?? 0;
    if (before === VISITS_MAX) return null;
    visits.set(ino, VISITS_MAX);
    return { forget: () => void visits.set(ino, before + 1) };
  }
}
