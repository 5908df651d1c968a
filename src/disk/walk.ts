// Walks the kept directory in the order of paths.

import { type BigIntStats, statSync } from 'node:fs';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { EVERYTHING } from '../model/selection.js';
import { UTF_8 } from '../model/text-encoding.js';
import { type Entry, entriesOf, locationOf, type NameRules, readNames } from './directory-entries.js';
import { readFailure, systemCode } from './disk-failure.js';
import { EnteredDirectories, type Visit } from './entered-directories.js';
import { localFile } from './file-status.js';
import { unusableRoot } from './look.js';
import type { Place } from './place.js';
import { ownerOfTemporary } from './temporary-name.js';

/** Without a selection everything takes part. */
export type WalkOptions = Partial<Omit<NameRules, 'place'>>;

/** How long the walk may hold the thread before others get a turn. */
const TURN_MS = 10;

/**
 * Everything selected in the directory, each once: files to keep, and what is left out, refused or could not be seen.
 * A directory in which nothing can be selected is not read at all. Links to files are files. Links to directories are
 * entered when they are to be followed, each directory under the first of its paths below which a file is selected.
 * `root` itself may be a link.
 * Memory: the names of the directories on the way to the present one; when following, 50 bytes a directory.
 * @throws Failure USAGE when the place is no readable directory, INTERRUPTED
 */
export async function* walk(place: Place, options: WalkOptions, signal: AbortSignal): AsyncGenerator<Found> {
  let turnEnds = performance.now() + TURN_MS;
  for (const found of findings(place, options)) {
    if (performance.now() >= turnEnds) {
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN_MS;
    }
    throwIfInterrupted(signal);
    yield found;
  }
}

interface Walking extends NameRules {
  /** Null where no link is followed: then there is one way to each. */
  readonly entered: EnteredDirectories | null;
}

/** A directory that is being read: its entries in order, which is next, and whether a file was found in it. */
interface OpenDirectory {
  readonly entries: readonly Entry[];
  readonly visit: Visit | null;
  next: number;
  isFruitful: boolean;
}

function* findings(place: Place, options: WalkOptions): Generator<Found> {
  const { selection = EVERYTHING, follow = false, journalEncoding = UTF_8 } = options;
  const entered = follow ? new EnteredDirectories() : null;
  const walking: Walking = { place, selection, follow, journalEncoding, entered };
  const open = [openRoot(walking)];
  for (let directory = open.at(-1); directory !== undefined; directory = open.at(-1)) {
    const entry = directory.entries[directory.next++];
    if (entry === undefined) {
      open.pop();
      leave(directory, open.at(-1), walking);
    } else if (entry.kind === 'directory') {
      const below = openBelow(entry.path, walking);
      if ('kind' in below) yield below;
      else open.push(below);
    } else {
      const found = findingOf(entry, walking);
      if (found?.kind === 'file') directory.isFruitful = true;
      if (found !== null) yield found;
    }
  }
}

/** What filters left out under one name may be what they let through under another. */
function leave({ isFruitful, visit }: OpenDirectory, above: OpenDirectory | undefined, { selection }: Walking): void {
  if (isFruitful && above !== undefined) above.isFruitful = true;
  if (!isFruitful && selection !== EVERYTHING) visit?.forget();
}

function openRoot(walking: Walking): OpenDirectory {
  const { location, root } = walking.place;
  try {
    const visit = walking.entered?.enter(statSync(location, { bigint: true })) ?? null;
    return { entries: entriesOf(readNames(location), null, walking), visit, next: 0, isFruitful: false };
  } catch (cause) {
    throw unusableRoot(root, cause);
  }
}

function openBelow(path: RelPath, walking: Walking): OpenDirectory | Found {
  const location = locationOf(path, walking.place);
  try {
    const visit = walking.entered?.enter(statSync(location, { bigint: true })) ?? null;
    if (visit === null && walking.entered !== null) {
      return { kind: 'left-out', name: path, why: 'entered-already' };
    }
    const names = readNames(location);
    if (names.length > 0) return { entries: entriesOf(names, path, walking), visit, next: 0, isFruitful: false };
    const { mtime: changedAt } = localFile(path, statSync(location, { bigint: true }));
    return { kind: 'left-out', name: path, why: 'empty-directory', changedAt };
  } catch (thrown) {
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
}

/** Null for what turns out not to be selected. */
function findingOf(entry: Exclude<Entry, { kind: 'directory' }>, walking: Walking): Found | null {
  if (entry.kind === 'refused') return { kind: 'refused', name: entry.name, failure: entry.failure };
  const { kind, path, key } = entry;
  if (kind === 'special') return { kind: 'left-out', name: path, why: 'special-file' };
  if (ownerOfTemporary(key) !== null) return { kind: 'left-out', name: path, why: 'unfinished-download' };
  try {
    const stats = statSync(locationOf(path, walking.place), { bigint: true });
    if (kind === 'link') return linkFinding(path, stats, walking);
    return stats.isDirectory() ? becomeDirectory(path) : kept(path, stats);
  } catch (thrown) {
    if (kind === 'link' && leadsNowhere(thrown)) return { kind: 'left-out', name: path, why: 'dangling-link' };
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
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
