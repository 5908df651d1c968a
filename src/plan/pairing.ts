// Lays the walk of the kept directory beside the journal's latest versions, path by path.

import type { Archive } from '../model/archive.js';
import type { Instant } from '../model/clock.js';
import type { LeftOutReason } from '../model/events.js';
import type { Found } from '../model/found.js';
import type { LocalFile } from '../model/local-file.js';
import { comparePaths, RelPath } from '../model/rel-path.js';

/** What cannot be stored, and is told instead. A refused name concerns no archive. */
type Aside = Exclude<Found, { kind: 'file' }>;

export type Pair =
  | { readonly side: 'here'; readonly here: LocalFile }
  /** There is no such file: it was looked for and not seen. An empty file counts as none. */
  | { readonly side: 'there'; readonly there: Archive }
  | { readonly side: 'both'; readonly here: LocalFile; readonly there: Archive }
  /** At or below something that could not be seen, or is not what it was: nothing may be concluded. */
  | { readonly side: 'unknown'; readonly there: Archive; readonly below: RelPath }
  | { readonly side: 'aside'; readonly found: Aside };

/** Pairs given at a time, about. */
const BATCH = 1000;

/**
 * Every file and every archive comes out once, in the order of paths; asides as they come. What comes in and goes out
 * are batches, since to wait for each single one would cost more than all that is done about it.
 * @param there one archive a path
 * @throws Error when a side is out of order, besides what the sides throw
 */
export async function* pair(
  here: AsyncIterable<readonly Found[]>,
  there: AsyncIterable<readonly Archive[]>,
): AsyncGenerator<readonly Pair[], void> {
  await using archives = await Archives.of(there);
  const shadows = new Shadows();
  let last = '';
  let pairs: Pair[] = [];
  for await (const batch of here) {
    for (const found of batch) {
      last = placeAfter(last, found);
      // Archives before this place have been passed by the walk, whatever it has come upon.
      while (archives.isBefore(last)) {
        pairs.push(notHere(archives.take(), shadows));
        if (archives.head === null) await archives.refill();
        if (pairs.length < BATCH) continue;
        yield pairs;
        pairs = [];
      }
      pairs.push(pairOf(found, archives, shadows));
      if (archives.head === null) await archives.refill();
    }
    if (pairs.length > 0) yield pairs;
    pairs = [];
  }
  for (; archives.head !== null; await archives.refill()) {
    yield archives.takeAll().map((archive) => notHere(archive, shadows));
  }
}

/** What has been found, with the archive of the same path; no earlier one is left. */
function pairOf(found: Found, archives: Archives, shadows: Shadows): Pair {
  if (found.kind === 'file') {
    const there = archives.takeIf(found.file.path);
    return there === null ? { side: 'here', here: found.file } : { side: 'both', here: found.file, there };
  }
  const shadow = shadowOf(found);
  if (shadow !== null) shadows.add(shadow);
  return { side: 'aside', found };
}

function notHere(there: Archive, shadows: Shadows): Pair {
  const below = shadows.over(there);
  return below === null ? { side: 'there', there } : { side: 'unknown', there, below };
}

/** Left out without having been looked into, so no sign that what was stored under the name is gone. */
const HIDING: ReadonlySet<LeftOutReason> = new Set([
  'dangling-link',
  'link-to-directory',
  'entered-already',
  'own-file',
]);

/** A path at and below which nothing may be concluded of archives stored later than `from`; null: of any. */
interface Shadow {
  readonly path: RelPath;
  readonly from: Instant | null;
}

/**
 * A link may lead to where a disk is not mounted, or was not followed. An empty directory that was last changed before
 * an archive was stored from it is not the directory that the file was in: removing it would have changed that one.
 */
function shadowOf(found: Aside): Shadow | null {
  switch (found.kind) {
    case 'unseen':
      return { path: found.path, from: null };
    case 'left-out':
      if (found.why === 'empty-directory') return { path: found.name, from: found.changedAt };
      return HIDING.has(found.why) ? { path: found.name, from: null } : null;
    case 'refused':
      return null;
  }
}

/** Where the walk stands with this finding: behind where it stood. Refused names have no place among paths. */
function placeAfter(last: string, found: Found): string {
  if (found.kind === 'refused') return last;
  const path = found.kind === 'file' ? found.file.path : found.kind === 'unseen' ? found.path : found.name;
  if (comparePaths(last, path) < 0) return path;
  if (found.kind === 'file' || comparePaths(last, `${path}/`) >= 0) {
    throw new Error(`out of order: the walk gives ${JSON.stringify(path)} after ${JSON.stringify(last)}`);
  }
  return `${path}/`;
}

/** The shadows that archives to come can still lie under. */
class Shadows {
  #open: Shadow[] = [];

  add(shadow: Shadow): void {
    this.#open.push(shadow);
  }

  /** The path of a shadow over the archive, or null. Asked for ascending paths only. */
  over({ path, createdAt }: Archive): RelPath | null {
    if (this.#open.length === 0) return null;
    // `0` comes right after `/`: everything below a directory lies before the directory's name and `0`.
    this.#open = this.#open.filter((shadow) => comparePaths(path, `${shadow.path}0`) < 0);
    const over = this.#open.find(
      (shadow) => RelPath.isWithin(path, shadow.path) && (shadow.from === null || createdAt > shadow.from),
    );
    return over?.path ?? null;
  }
}

/**
 * Archives one at a time, out of batches. Their order is asserted: of one that is taken because it has the path of a
 * file by the order of the files, which is asserted too, since all taken before lay before that file.
 */
class Archives implements AsyncDisposable {
  readonly #source: AsyncIterator<readonly Archive[]>;
  #batch: readonly Archive[] = [];
  #next = 0;
  #last = '';

  private constructor(source: AsyncIterator<readonly Archive[]>) {
    this.#source = source;
  }

  static async of(batches: AsyncIterable<readonly Archive[]>): Promise<Archives> {
    const archives = new Archives(batches[Symbol.asyncIterator]());
    await archives.refill();
    return archives;
  }

  /** Null when all were taken, or the next batch is to be asked for by `refill`. */
  get head(): Archive | null {
    return this.#batch[this.#next] ?? null;
  }

  /** Whether the head has a path before this place. */
  isBefore(place: string): boolean {
    const { head } = this;
    return head !== null && head.path !== place && comparePaths(head.path, place) < 0;
  }

  /** The head, if it is of this very path, behind which no archive was taken yet. */
  takeIf(path: RelPath): Archive | null {
    const { head } = this;
    if (head?.path !== path) return null;
    this.#last = path;
    this.#next++;
    return head;
  }

  take(): Archive {
    const head = this.#batch[this.#next++] as Archive;
    this.#assertAfterLast(head);
    this.#last = head.path;
    return head;
  }

  /** The head and all others of its batch. */
  takeAll(): Archive[] {
    return Array.from({ length: this.#batch.length - this.#next }, () => this.take());
  }

  /** Has the head in view again, unless there is none any more. */
  async refill(): Promise<void> {
    while (this.head === null) {
      const { done, value } = await this.#source.next();
      if (done === true) return;
      this.#batch = value;
      this.#next = 0;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }

  #assertAfterLast({ path }: Archive): void {
    if (comparePaths(this.#last, path) < 0) return;
    throw new Error(`out of order: the journal gives ${JSON.stringify(path)} after ${JSON.stringify(this.#last)}`);
  }
}
