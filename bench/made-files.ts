// Files to keep: the same bytes on every machine, and no two alike.

import { createCipheriv } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MIB = 1024 * 1024;

/** The next bytes of an endless stream that no program can compress. */
function randomBytes(seed: number): (size: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return (size) => cipher.update(Buffer.alloc(size));
}

/** One file of `size` bytes, a multiple of 1 MiB, on stable storage. */
export function makeLargeFile(file: string, size: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const next = randomBytes(1);
  const handle = openSync(file, 'wx');
  for (let at = 0; at < size; at += MIB) writeSync(handle, next(MIB));
  fsyncSync(handle);
  closeSync(handle);
}

/** `count` files of `size` bytes, a hundred in a directory. */
export function makeSmallFiles(directory: string, count: number, size: number): void {
  const next = randomBytes(2);
  for (let i = 0; i < count; i++) {
    const below = join(directory, `d${String(Math.floor(i / 100)).padStart(4, '0')}`);
    if (i % 100 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `file-${String(i).padStart(6, '0')}.bin`), next(size));
  }
}
