// Where a journal really is: what links lead to, also while nothing is there yet.

import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { errorCode } from './write-failure.js';

/** Absolute. @param file as the user names it; need not exist, nor its directory */
export function realPathOf(file: string): string {
  const path = resolve(file);
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT' || dirname(path) === path) return path;
  }
  const named = join(realPathOf(dirname(path)), basename(path));
  const target = targetOf(named);
  return target === null ? named : realPathOf(resolve(dirname(named), target));
}

/** Null for what is no link. */
function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
