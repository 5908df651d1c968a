// The bytes of a run: in memory as long as they are not on disk, then in a file that may lose its name.

import { closeSync, readSync } from 'node:fs';

/** Bytes that never change, read at once: a page or a block, mostly from the system's cache. */
export interface RunBytes {
  /** May give fewer than asked for, where the file is shorter than it was. */
  read(start: number, length: number): Buffer;
  close(): void;
}

export function bytesInMemory(bytes: Buffer): RunBytes {
  return { read: (start, length) => bytes.subarray(start, start + length), close: () => undefined };
}

/** @param descriptor open to read; closing is left to these bytes */
export function bytesOfFile(descriptor: number): RunBytes {
  return {
    read(start, length) {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, start));
    },
    close: () => closeSync(descriptor),
  };
}
