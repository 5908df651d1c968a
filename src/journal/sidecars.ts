// The names of the files beside a journal.

import { promises as fs } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { errorCode } from './write-failure.js';

/** `journal` is the real path: a journal reached through a link has the same sidecars, so the same lock. */
export interface Sidecars {
  readonly journal: string;
  readonly lock: string;
  /** The directory that marks the lock where kernels have none. */
  readonly lockMarker: string;
  readonly pending: string;
  readonly vault: string;
  /** What the inventory listed that the journal was made from, and it could not hold. */
  readonly setAside: string;
  /** Which touched files are what their archives hold. */
  readonly compared: string;
}

/** What follows a journal's name in that of itself, of the files beside it, and of its runs (docs/journal-format.md). */
const ENDINGS =
  /^$|^\.(new|lock|lock\.d|pending|pending\.new|vault|vault\.new|set-aside|set-aside\.new|compared|compared\.new|runs|runs\/.*)$/s;

/** Whether the path is that of the journal or of what lies beside it; both spelled from the same place. */
export function belongsToJournal(path: string, journal: string): boolean {
  return path.startsWith(journal) && ENDINGS.test(path.slice(journal.length));
}

/** @param file as the user names it; need not exist, nor its directory */
export async function sidecarsOf(file: string): Promise<Sidecars> {
  const journal = await realPath(resolve(file));
  return {
    journal,
    lock: `${journal}.lock`,
    lockMarker: `${journal}.lock.d`,
    pending: `${journal}.pending`,
    vault: `${journal}.vault`,
    setAside: `${journal}.set-aside`,
    compared: `${journal}.compared`,
  };
}

async function realPath(path: string): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT' || dirname(path) === path) return path;
    return join(await realPath(dirname(path)), basename(path));
  }
}
