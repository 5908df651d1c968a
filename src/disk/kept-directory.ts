// The kept directory as flows see it.

import { statSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import type { Found, Looked } from '../model/found.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { identityOf } from './file-status.js';
import type { WalkOptions } from './findings.js';
import { type Landing, type LandingContent, openLanding } from './landing.js';
import { lookAt } from './look.js';
import { type Place, placeOf } from './place.js';
import { untilSettled } from './settled.js';
import { walk } from './walk.js';
import { WalkInThread, type WalkScript, walkInThread } from './walk-in-thread.js';

type IsOwn = (path: RelPath) => boolean;

export interface KeptDirectoryOptions extends WalkOptions {
  /** How the names in it stand in bytes; UTF-8 where nothing is said. */
  readonly encoding?: TextEncoding;
  /** Tells the program's own files in it, which change while they would be kept: they are left out. */
  readonly isOwn?: IsOwn | null;
  /** With it, walks over much that is expected get a thread of their own. It selects what the selection does. */
  readonly thread?: WalkScript | null;
}

/** A thread costs 20 ms: so long takes the walk of a tenth of these. */
const EXPECTED_FOR_THREAD = 50_000;

export interface KeptDirectory {
  readonly root: string;
  readonly place: Place;
  /**
   * Begins the walk that is asked for next, if it is one for a thread: so it goes on while all else is opened. To be
   * closed in the end, whether that walk was asked for or not.
   * @param expected as `walk`
   */
  beginWalk(expected: number): AsyncDisposable;
  /**
   * Everything in it, by path, in batches that are never empty.
   * @param expected about how many files, where that is known
   */
  walk(signal: AbortSignal, expected?: number): AsyncIterable<readonly Found[]>;
  look(path: RelPath): Looked;
  /** Ends when a change of the file would show in its time; a second at most. Undefined when it would now. */
  settled(file: LocalFile, signal: AbortSignal): Promise<void> | undefined;
  /**
   * A file to be, hidden until it is finished. `size` bytes are expected.
   * @param content what it is, where a landing that does not come to its end is to be gone on with
   */
  land(path: RelPath, size: number, content?: LandingContent | null): Promise<Landing>;
  /** Whether the root is still the very directory that was opened; not so after an unmount. */
  inPlace(): boolean;
}

/** @throws Failure USAGE when there is no such directory */
export function openKeptDirectory(root: string, options: KeptDirectoryOptions = {}): KeptDirectory {
  const { encoding, isOwn = null, thread = null, ...walking } = options;
  const place = placeOf(root, encoding);
  const identity = identityOfRoot(place);
  if (identity === null) {
    throw new Failure('USAGE', `--dir ${root} is not a directory`, { hint: 'name a directory that exists' });
  }
  let begun: WalkInThread | null = null;
  return {
    root,
    place,
    beginWalk(expected) {
      if (thread === null || expected < EXPECTED_FOR_THREAD) return NOTHING_BEGUN;
      begun = new WalkInThread(place, walking, thread);
      return begun;
    },
    walk(signal, expected = 0) {
      const apart = expected >= EXPECTED_FOR_THREAD ? thread : null;
      const anew = () => (apart === null ? walk(place, walking, signal) : walkInThread(place, walking, apart, signal));
      const walked = begun?.batches(signal) ?? anew();
      begun = null;
      return withoutOwn(walked, isOwn);
    },
    look: (path) => lookAt(place, path),
    settled: (file, signal) => untilSettled(file, signal),
    land: (path, size, content) => openLanding(place, path, size, content),
    inPlace: () => identityOfRoot(place) === identity,
  };
}

const NOTHING_BEGUN: AsyncDisposable = { async [Symbol.asyncDispose]() {} };

function withoutOwn(walked: AsyncIterable<readonly Found[]>, isOwn: IsOwn | null): AsyncIterable<readonly Found[]> {
  return isOwn === null ? walked : leavingOut(walked, isOwn);
}

async function* leavingOut(
  walked: AsyncIterable<readonly Found[]>,
  isOwn: IsOwn,
): AsyncGenerator<readonly Found[], void> {
  for await (const batch of walked) yield batch.map((found) => leftOutIfOwn(found, isOwn));
}

function leftOutIfOwn(found: Found, isOwn: IsOwn): Found {
  const path = pathOf(found);
  return path !== null && isOwn(path) ? { kind: 'left-out', name: path, why: 'own-file' } : found;
}

function pathOf(found: Found): RelPath | null {
  switch (found.kind) {
    case 'file':
      return found.file.path;
    case 'left-out':
      return found.name;
    case 'unseen':
      return found.path;
    case 'refused':
      return null;
  }
}

/** Of the directory that the name leads to, or null. */
function identityOfRoot({ location }: Place): string | null {
  const stats = statSync(location, { throwIfNoEntry: false, bigint: true });
  return stats?.isDirectory() ? identityOf(stats) : null;
}
