// Temporary files of downloads whose process is gone.

import { readdir, unlink } from 'node:fs/promises';
import { kill } from 'node:process';
import { within } from './byte-path.js';
import { systemCode } from './disk-failure.js';
import { ownerOfTemporary } from './temporary-name.js';

/** Removes them, looking into a directory once as long as it is asked for the same one again. */
export class StaleDownloads {
  #last: Buffer | null = null;

  /** What cannot be seen or removed is in nobody's way: it is hidden, and every walk reports it. */
  async removeFrom(directory: Buffer): Promise<void> {
    if (this.#last?.equals(directory) === true) return;
    this.#last = directory;
    for (const name of await readdir(directory).catch(() => [])) {
      const owner = ownerOfTemporary(name);
      if (owner !== null && !isAlive(owner)) await unlink(within(directory, Buffer.from(name))).catch(() => undefined);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH';
  }
}
