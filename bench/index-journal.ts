// A journal of any length to measure with: the same on every machine, in an order that is not that of its names.

import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines written at a time. */
const BATCH = 10_000;
/** A prime: by its multiples all names come once, far from their neighbours. */
const STEP = 7_368_787;

/** What is known of archive `n`, and of the file that it was made of. One in ten is deleted again. */
export interface Numbered {
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
  readonly alive: boolean;
}

/** Ascending numbers have ascending paths. */
export function numbered(n: number): Numbered {
  const path = `dir${String(Math.floor(n / 1000)).padStart(6, '0')}/sub/photo-${String(n).padStart(9, '0')}.jpg`;
  return { path, size: n + 1, mtime: 1_700_000_000 + n, alive: n % 10 !== 9 };
}

/** `count` archives of 250 to 300 bytes a line. @param count a power of ten, at most 10 million */
export function makeJournal(file: string, count: number): void {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 3), Buffer.alloc(16));
  const next = (size: number): Buffer => cipher.update(Buffer.alloc(size));
  const handle = openSync(file, 'wx');
  for (let from = 0; from < count; from += BATCH) {
    let lines = '';
    for (let i = from; i < Math.min(count, from + BATCH); i++) lines += lineOf((i * STEP) % count, i, next);
    writeSync(handle, lines);
  }
  closeSync(handle);
}

function lineOf(n: number, i: number, next: (size: number) => Buffer): string {
  const id = next(104).toString('base64url').slice(0, 138);
  const { path, size, mtime, alive } = numbered(n);
  const time = 1_800_000_000 + i;
  const line = `B\t${time}\tCREATED\t${id}\t${size}\t${mtime}\t${next(32).toString('hex')}\t${path}\n`;
  return alive ? line : `${line}B\t${time}\tDELETED\t${id}\t${path}\n`;
}
