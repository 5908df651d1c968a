// The names of the files beside a journal.

import { Failure } from '../model/failure.js';
import { realPathOf } from './real-path.js';

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
  /** Torn last lines that were cut off the journal. */
  readonly cut: string;
  /** Which touched files are what their archives hold. */
  readonly compared: string;
  /** The restores that were accepted and are not at their end. */
  readonly restores: string;
  /** Jobs that the vault has told of, as `notify listen` heard them. */
  readonly completions: string;
  /** The folder of the index over the journal. */
  readonly index: string;
}

/** What follows a journal's name in that of itself, of the files beside it, and of its runs (docs/journal-format.md). */
const ENDINGS =
  /^$|^\.(new|lock|lock\.d|pending|pending\.new|vault|vault\.new|set-aside|set-aside\.new|cut|compared|compared\.new|completions|completions\.new|restores|restores\.new|restores\.\d+\.lock(\.d)?|index|index\/.*|runs|runs\/.*)$/s;

/** Whether the path is that of the journal or of what lies beside it; both spelled from the same place. */
export function belongsToJournal(path: string, journal: string): boolean {
  return path.startsWith(journal) && ENDINGS.test(path.slice(journal.length));
}

/** What Node puts in the place of bytes that are not UTF-8: such a path leads nowhere. */
const NOT_UTF8 = '\ufffd';

/**
 * @param file as the user names it; need not exist, nor its directory
 * @throws Failure USAGE when a directory on its way has a name that is not UTF-8
 */
export async function sidecarsOf(file: string): Promise<Sidecars> {
  const journal = realPathOf(file);
  if (journal.includes(NOT_UTF8) && !file.includes(NOT_UTF8)) {
    throw new Failure('USAGE', `journal ${file} is in a directory whose path is not UTF-8`, {
      hint: 'keep the journal where the whole path is plain ASCII',
    });
  }
  return {
    journal,
    lock: `${journal}.lock`,
    lockMarker: `${journal}.lock.d`,
    pending: `${journal}.pending`,
    vault: `${journal}.vault`,
    setAside: `${journal}.set-aside`,
    cut: `${journal}.cut`,
    compared: `${journal}.compared`,
    restores: `${journal}.restores`,
    completions: `${journal}.completions`,
    index: `${journal}.index`,
  };
}
