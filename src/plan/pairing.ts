// Lays the walk of the kept directory beside the journal's latest versions, path by path.

import type { Archive } from '../model/archive.js';
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
  /** At or below something that could not be seen: nothing may be concluded. */
  | { readonly side: 'unknown'; readonly there: Archive }
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
      const hidden = hiddenBy(found);
      if (hidden !== null) shadows.add(hidden);
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
  return { side: shadows.lieOver(there.path) ? 'unknown' : 'there', there };
}

/** The path at and below which nothing was seen. A link may lead to where a disk is not mounted, or was not followed. */
function hiddenBy(found: Aside): RelPath | null {
  switch (found.kind) {
    case 'unseen':
      return found.path;
    case 'left-out':
      return found.why === 'dangling-link' || found.why === 'link-to-directory' ? found.name : null;
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

/** The paths at and below which nothing was seen and that archives to come can still lie under. */
class Shadows {
  #paths: RelPath[] = [];

  add(path: RelPath): void {
    this.#paths.push(path);
  }

  /** Asked for ascending paths only. */
  lieOver(path: RelPath): boolean {
    if (this.#paths.length === 0) return false;
    // `0` comes right after `/`: everything below a directory lies before the directory's name and `0`.
    this.#paths = this.#paths.filter((shadow) => comparePaths(path, `${shadow}0`) < 0);
    return this.#paths.some((shadow) => RelPath.isWithin(path, shadow));
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
