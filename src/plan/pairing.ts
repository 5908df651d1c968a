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

/**
 * Every file and every archive comes out once, in the order of paths; asides as they come.
 * @param there one archive a path
 * @throws Error when a side is out of order, besides what the sides throw
 */
export async function* pair(
  here: AsyncIterable<Found> | Iterable<Found>,
  there: AsyncIterable<Archive> | Iterable<Archive>,
): AsyncGenerator<Pair> {
  const shadows = new Shadows();
  await using archives = await Ascending.over(there);
  let last = '';
  for await (const found of here) {
    last = placeAfter(last, found);
    // Archives before this place have been passed by the walk, whatever it has come upon.
    while (archives.head !== null && comparePaths(archives.head.path, last) < 0) {
      yield notHere(await archives.take(archives.head), shadows);
    }
    if (found.kind !== 'file') {
      const shadow = shadowOf(found);
      if (shadow !== null) shadows.add(shadow);
      yield { side: 'aside', found };
    } else if (archives.head?.path === found.file.path) {
      yield { side: 'both', here: found.file, there: await archives.take(archives.head) };
    } else {
      yield { side: 'here', here: found.file };
    }
  }
  while (archives.head !== null) yield notHere(await archives.take(archives.head), shadows);
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

/** Archives one at a time, the next always in view; their order is asserted. */
class Ascending implements AsyncDisposable {
  readonly #source: AsyncIterator<Archive> | Iterator<Archive>;
  #head: Archive | null = null;

  private constructor(source: AsyncIterator<Archive> | Iterator<Archive>) {
    this.#source = source;
  }

  static async over(archives: AsyncIterable<Archive> | Iterable<Archive>): Promise<Ascending> {
    const isAsync = Symbol.asyncIterator in archives;
    const all = new Ascending(isAsync ? archives[Symbol.asyncIterator]() : archives[Symbol.iterator]());
    await all.#pull();
    return all;
  }

  get head(): Archive | null {
    return this.#head;
  }

  /** Moves on from `head`, and gives it. */
  async take(head: Archive): Promise<Archive> {
    await this.#pull();
    if (this.#head !== null && comparePaths(head.path, this.#head.path) >= 0) {
      const paths = `${JSON.stringify(this.#head.path)} after ${JSON.stringify(head.path)}`;
      throw new Error(`out of order: the journal gives ${paths}`);
    }
    return head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#source.next();
    this.#head = done === true ? null : value;
  }
}
