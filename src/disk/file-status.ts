// What a file's status says, in the program's units.

import type { BigIntStats } from 'node:fs';
import { Instant } from '../model/clock.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';

/**
 * The file that a status describes. Statuses are read as big integers, because a double rounds the last nanoseconds
 * of a second up into the next.
 */
export function localFile(path: RelPath, stats: BigIntStats): LocalFile {
  const { mtimeNs: ns, ctimeNs, size } = stats;
  const beyond = Number(ns % NS_PER_SECOND);
  const seconds = Number(ns / NS_PER_SECOND);
  // Before 1970 both are rounded up.
  const mtime = Instant.ofSeconds(beyond < 0 ? seconds - 1 : seconds);
  const mtimeNs = beyond < 0 ? beyond + Number(NS_PER_SECOND) : beyond;
  return { path, size: Number(size), mtime, mtimeNs, ctimeUs: Number(ctimeNs / NS_PER_US) };
}

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_US = 1_000n;

/** Device and inode: what a thing is, whatever name leads to it. */
export function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
