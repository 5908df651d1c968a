// Which directories a walk has entered, whatever names led to them.

import type { BigIntStats } from 'node:fs';

/** Memory: about 50 bytes a directory. */
export class EnteredDirectories {
  readonly #inodesByDevice = new Map<bigint, Set<bigint>>();

  /** Whether this directory is entered for the first time. */
  enter({ dev, ino }: BigIntStats): boolean {
    const inodes = this.#inodesByDevice.get(dev) ?? new Set();
    if (inodes.has(ino)) return false;
    this.#inodesByDevice.set(dev, inodes.add(ino));
    return true;
  }
}
