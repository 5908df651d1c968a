// What a walk comes upon, one after another, in the order of paths.

import { type BigIntStats, statSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { printable, RelPath } from '../model/rel-path.js';
import { EVERYTHING } from '../model/selection.js';
import { UTF_8 } from '../model/text-encoding.js';
import { readEntries } from './directory-entries.js';
import { readFailure, systemCode } from './disk-failure.js';
import { EnteredDirectories, type Visit } from './entered-directories.js';
import { localFile } from './file-status.js';
import { locationIn, type NameRules, refusalOf } from './judged-names.js';
import { unusableRoot } from './look.js';
import type { Place } from './place.js';
import type { Entry } from './sorted-entries.js';

/** Without a selection everything takes part. */
export type WalkOptions = Partial<Omit<NameRules, 'place'>> & {
  /**
   * How many things are looked at at once, for file systems on which a look takes long; 1 where nothing is said. More
   * than 4 only where the process has more threads for files (UV_THREADPOOL_SIZE).
   */
  readonly concurrency?: number;
};

/** What the file system tells a walk, of directories in the order of paths. */
export interface Eyes {
  /** What is to be waited for before the name may be asked about, or null. */
  awaited(path: RelPath | null): Promise<unknown> | null;
  /** Of what the name leads to. @throws the error of the file system */
  status(path: RelPath | null): BigIntStats;
  /** As `readEntries`, of a directory whose status was asked for. */
  entries(path: RelPath | null, size: bigint): Iterable<Entry> | null;
}

/**
 * Everything selected in the directory, each once: files to keep, and what is left out, refused or could not be seen.
 * A directory in which nothing can be selected is not read at all. Links to files are files. Links to directories are
 * entered when they are to be followed, each directory under the first of its paths below which a file is selected.
 * The root itself may be a link. A directory is read when it is come upon, a file looked at when it is asked for.
 * Memory: the entries of the directories on the way to the present one; when following, 50 bytes a directory.
 * @throws Failure USAGE when the place is no readable directory
 */
export function findings(place: Place, options: WalkOptions): Generator<Found, void> {
  const rules = nameRules(place, options);
  const eyes: Eyes = {
    awaited: () => null,
    status: (path) => statSync(locationIn(path, place), { bigint: true }),
    entries: (path, size) => readEntries({ location: locationIn(path, place), path, size }, rules),
  };
  // With such eyes there is nothing to wait for.
  return findingsSeen(rules, eyes) as Generator<Found, void>;
}

/** The rules of a walk without a selection let everything take part. */
export function nameRules(place: Place, options: WalkOptions): NameRules {
  return { place, selection: EVERYTHING, follow: false, journalEncoding: UTF_8, ...options };
}

/** The same as it is seen; of what cannot be seen yet comes first what is to be waited for. */
export function* findingsSeen(rules: NameRules, eyes: Eyes): Generator<Found | Promise<unknown>, void> {
  const walking: Walking = { ...rules, entered: rules.follow ? new EnteredDirectories() : null, eyes };
  const wait = eyes.awaited(null);
  if (wait !== null) yield wait;
  const open = [openRoot(walking)];
  for (let directory = open.at(-1); directory !== undefined; directory = open.at(-1)) {
    const { done, value: entry } = directory.entries.next();
    if (done === true) {
      open.pop();
      leave(directory, open.at(-1), walking);
    } else if (entry.kind === 'directory') {
      const path = RelPath.join(directory.path, entry.key.slice(0, -1));
      const wait = eyes.awaited(path);
      if (wait !== null) yield wait;
      const below = openBelow(path, walking);
      if ('kind' in below) yield below;
      else open.push(below);
    } else {
      const path = RelPath.join(directory.path, entry.key);
      const wait = isLookedAt(entry) ? eyes.awaited(path) : null;
      if (wait !== null) yield wait;
      const found = findingOf(path, entry, walking);
      if (found?.kind === 'file') directory.isFruitful = true;
      if (found !== null) yield found;
    }
  }
}

/** Whether more has to be known of it than its name and kind tell. */
export function isLookedAt({ kind }: Entry): boolean {
  return kind === 'file' || kind === 'link' || kind === 'directory';
}

interface Walking extends NameRules {
  /** Null where no link is followed: then there is one way to each. */
  readonly entered: EnteredDirectories | null;
  readonly eyes: Eyes;
}

/** A directory that is being walked: what is left of its entries, and whether a file was found in it. */
interface OpenDirectory {
  /** Null is the root. */
  readonly path: RelPath | null;
  readonly entries: Iterator<Entry, undefined>;
  readonly visit: Visit | null;
  isFruitful: boolean;
}

/** What filters left out under one name may be what they let through under another. */
function leave({ isFruitful, visit }: OpenDirectory, above: OpenDirectory | undefined, { selection }: Walking): void {
  if (isFruitful && above !== undefined) above.isFruitful = true;
  if (!isFruitful && selection !== EVERYTHING) visit?.forget();
}

function openRoot(walking: Walking): OpenDirectory {
  const { entered, eyes } = walking;
  try {
    const status = eyes.status(null);
    const visit = entered?.enter(status) ?? null;
    const entries = eyes.entries(null, status.size) ?? [];
    return { path: null, entries: entries[Symbol.iterator](), visit, isFruitful: false };
  } catch (cause) {
    throw unusableRoot(walking.place.root, cause);
  }
}

function openBelow(path: RelPath, walking: Walking): OpenDirectory | Found {
  const { entered, eyes } = walking;
  try {
    // Its time is that of before it was read: what was removed meanwhile has not been removed at that time.
    const status = eyes.status(path);
    const visit = entered?.enter(status) ?? null;
    if (visit === null && entered !== null) return { kind: 'left-out', name: path, why: 'entered-already' };
    const entries = eyes.entries(path, status.size);
    if (entries !== null) return { path, entries: entries[Symbol.iterator](), visit, isFruitful: false };
    const { mtime: changedAt } = localFile(path, status);
    return { kind: 'left-out', name: path, why: 'empty-directory', changedAt };
  } catch (thrown) {
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
}

/** Null for what turns out not to be selected. */
function findingOf(path: RelPath, entry: Entry, walking: Walking): Found | null {
  const { kind } = entry;
  if (kind === 'not-text' || kind === 'unsafe') return refused(path, entry, walking);
  if (kind === 'special') return { kind: 'left-out', name: path, why: 'special-file' };
  if (kind === 'unfinished') return { kind: 'left-out', name: path, why: 'unfinished-download' };
  try {
    const stats = walking.eyes.status(path);
    if (kind === 'link') return linkFinding(path, stats, walking);
    return stats.isDirectory() ? becomeDirectory(path) : kept(path, stats);
  } catch (thrown) {
    if (kind === 'link' && leadsNowhere(thrown)) return { kind: 'left-out', name: path, why: 'dangling-link' };
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
}

function refused(path: RelPath, entry: Entry, walking: Walking): Found {
  const name = path.replace(/\/$/, '');
  return { kind: 'refused', name, failure: refusalOf(name, entry, walking) };
}

function linkFinding(path: RelPath, target: BigIntStats, { selection, follow }: Walking): Found | null {
  if (!target.isDirectory()) return selection.includes(path) ? kept(path, target) : null;
  if (!selection.enters(path)) return null;
  return follow ? becomeDirectory(path) : { kind: 'left-out', name: path, why: 'link-to-directory' };
}

/** No directory when the one that it is in was read; what is below it now has no place in the order any more. */
function becomeDirectory(path: RelPath): Found {
  const failure = new Failure('FILE_CHANGED', `${printable(path)} has become a directory meanwhile`);
  return { kind: 'unseen', path, failure };
}

function kept(path: RelPath, stats: BigIntStats): Found {
  if (!stats.isFile()) return { kind: 'left-out', name: path, why: 'special-file' };
  if (stats.size === 0n) return { kind: 'left-out', name: path, why: 'empty-file' };
  return { kind: 'file', file: localFile(path, stats) };
}

function leadsNowhere(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
