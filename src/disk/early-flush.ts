// Puts what lands on the disk while more comes, so that little is left for the flush at the end.

import type { FileHandle } from 'node:fs/promises';

const MIB = 1024 * 1024;
/** Bytes that are worth a flush: each waits for the disk, and for what the file system writes down beside them. */
const DUE = 64 * MIB;
/** Bytes that may wait for one; beyond it what comes has to. Nothing can end a flush, Ctrl-C neither. */
const BEHIND_MAX = 4 * DUE;

/** Flushes of all that lands in a process: one at a time, since threads that wait for a disk can do nothing else. */
export class EarlyFlushes {
  #isUnderWay = false;

  /** Those of one file. */
  of(handle: Pick<FileHandle, 'datasync'>): EarlyFlush {
    const flush = async (): Promise<void> => {
      this.#isUnderWay = true;
      try {
        await handle.datasync();
      } finally {
        this.#isUnderWay = false;
      }
    };
    return new EarlyFlush(() => (this.#isUnderWay ? null : flush()));
  }
}

export class EarlyFlush {
  /** null: not now */
  readonly #begin: () => Promise<void> | null;
  #behind = 0;
  /** Never rejects. */
  #flush: Promise<void> = Promise.resolve();
  /** A system tells once what its disk has lost. */
  #lost: { readonly thrown: unknown } | null = null;

  constructor(begin: () => Promise<void> | null) {
    this.#begin = begin;
  }

  /** So many bytes more have been written. @throws what a flush has thrown, for ever */
  async landed(bytes: number): Promise<void> {
    this.#behind += bytes;
    if (this.#behind >= BEHIND_MAX) await this.settled();
    this.#assertNothingLost();
    const flush = this.#behind >= DUE ? this.#begin() : null;
    if (flush === null) return;
    this.#behind = 0;
    this.#flush = flush.catch((thrown: unknown) => {
      this.#lost ??= { thrown };
    });
  }

  /** Ends when no flush is under way. @throws what one has thrown */
  async settled(): Promise<void> {
    await this.#flush;
    this.#assertNothingLost();
  }

  #assertNothingLost(): void {
    if (this.#lost !== null) throw this.#lost.thrown;
  }
}
