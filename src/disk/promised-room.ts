// Room on disks for what is landing: a download that cannot fit is refused before it begins.

import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../model/failure.js';
import { MIB } from '../model/parts.js';
import { printable, type RelPath } from '../model/rel-path.js';
import type { LandingFiles } from './landing-files.js';

interface Landing {
  readonly path: RelPath;
  readonly size: number;
  readonly directory: Buffer;
  readonly handle: FileHandle;
}

/** Bytes that are left to others: the journal, and whatever else lives on the disk. */
const MARGIN = 16 * MIB;

/** What landings that are under way will still need, so that each new one finds room beside them. */
export class PromisedRoom {
  readonly #landings = new Set<Landing>();
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Promises room until disposed of, as far as the disk tells what it has: others may use it up, and quotas are not seen.
   * @throws Failure NO_ROOM
   */
  async promise(landing: Landing, files: Pick<LandingFiles, 'freeBytes'>): Promise<Disposable> {
    // One at a time: of two that are looked at together, neither would be seen by the other, or both be refused.
    const looked = this.#turn.then(() => this.#assertFits(landing, files));
    this.#turn = looked.catch(() => undefined);
    await looked;
    return { [Symbol.dispose]: () => void this.#landings.delete(landing) };
  }

  async #assertFits(landing: Landing, files: Pick<LandingFiles, 'freeBytes'>): Promise<void> {
    const free = await files.freeBytes(landing.directory);
    if (free !== null) {
      const { dev } = await landing.handle.stat();
      const needed = await lacking(landing, dev);
      const beside = await Promise.all([...this.#landings].map((other) => lacking(other, dev)));
      const promised = beside.reduce((sum, bytes) => sum + bytes, 0);
      if (needed + promised + MARGIN > free) throw noRoom(landing.path, needed, promised, free);
    }
    this.#landings.add(landing);
  }
}

/** Bytes that it has not got from that disk yet; 0 for one that has ended meanwhile. */
async function lacking({ handle, size }: Landing, device: number): Promise<number> {
  const stats = await handle.stat().catch(() => null);
  return stats === null || stats.dev !== device ? 0 : Math.max(0, size - stats.blocks * BLOCK);
}

/** What `blocks` counts, whatever the disk's own are. */
const BLOCK = 512;

function noRoom(path: RelPath, needed: number, promised: number, free: number): Failure {
  const others = promised === 0 ? '' : `, of which ${inMiB(promised)} are for downloads under way`;
  const message = `no room for ${printable(path)}: it needs ${inMiB(needed)}, and the disk has ${inMiB(free)} free${others}`;
  return new Failure('NO_ROOM', message, {
    hint: `free some space, ${inMiB(MARGIN)} beyond what is needed, and run the same command again`,
  });
}

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
