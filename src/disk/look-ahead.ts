// Looks ahead of a walk, at several things at once: for file systems that let each look wait.

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RelPath } from '../model/rel-path.js';
import { type Listed, readEntriesSoon } from './directory-entries.js';
import { type Eyes, isLookedAt } from './findings.js';
import { locationIn, type NameRules } from './judged-names.js';
import type { Location } from './place.js';
import type { Entry, SortedEntries } from './sorted-entries.js';

/** What the file system is asked; benchmarks and tests let it wait. */
export interface SlowFileSystem {
  status(location: Location): Promise<BigIntStats>;
  entries(directory: Listed, rules: NameRules): Promise<SortedEntries | null>;
}

const FILE_SYSTEM: SlowFileSystem = {
  status: (location) => stat(location, { bigint: true }),
  entries: readEntriesSoon,
};

/** For each thing that may be looked at at once, so many may have been seen ahead of the walk. */
const SEEN_AHEAD = 8;

/** Something that is looked at. */
interface Sight {
  /** Null is the root. */
  readonly path: RelPath | null;
  /** Null once it has been seen. */
  seeing: Promise<void> | null;
  status: () => BigIntStats;
  entries: () => SortedEntries | null;
}

/** What has not been looked at of a directory that was read. */
interface Rest {
  readonly directory: RelPath | null;
  readonly entries: Iterator<Entry, undefined>;
}

/**
 * Sees what a walk is about to ask for, in its order, `width` things at a time. What the walk passes without asking is
 * forgotten. Links that are to be followed are told from files one at a time, as their directory is read.
 * Memory: the entries of as many directories as were seen ahead, eight times the width.
 */
export class LookAhead implements Eyes {
  readonly #rules: NameRules;
  readonly #width: number;
  readonly #fileSystem: SlowFileSystem;
  /** In the order of paths, from where the walk stands; the rest of a directory before what comes after it. */
  readonly #line: (Sight | Rest)[] = [];
  /** Sights in the line. */
  #seen = 0;
  #looking = 0;

  constructor(rules: NameRules, width: number, fileSystem = FILE_SYSTEM) {
    this.#rules = rules;
    this.#width = width;
    this.#fileSystem = fileSystem;
    this.#line.push(this.#lookAt(null, true));
  }

  awaited(path: RelPath | null): Promise<void> | null {
    const sight = this.#reach(path);
    this.#lookOn();
    return sight.seeing;
  }

  status(path: RelPath | null): BigIntStats {
    return this.#reach(path).status();
  }

  entries(path: RelPath | null): SortedEntries | null {
    return this.#reach(path).entries();
  }

  /** Forgets all that lies before it, which then is the first in the line. */
  #reach(path: RelPath | null): Sight {
    for (let first = this.#line[0]; first !== undefined; first = this.#line[0]) {
      if ('path' in first && first.path === path) return first;
      const sight = 'path' in first ? null : this.#reachWithin(first, path);
      if (sight !== null) return sight;
      this.#line.shift();
      if ('path' in first) this.#seen--;
    }
    throw new Error(`the walk asks for what does not lie before it: ${JSON.stringify(path)}`);
  }

  #reachWithin(rest: Rest, path: RelPath | null): Sight | null {
    for (let next = rest.entries.next(); next.done !== true; next = rest.entries.next()) {
      if (pathOf(next.value, rest) !== path) continue;
      const sight = this.#lookAt(path, next.value.kind === 'directory');
      this.#line.unshift(sight);
      return sight;
    }
    return null;
  }

  /** Looks at what comes next, as long as there are looks to spare. */
  #lookOn(): void {
    for (let at = 0; at < this.#line.length && this.#canLook(); ) {
      const rest = this.#line[at] as Sight | Rest;
      const next = 'path' in rest ? null : nextToLookAt(rest);
      if (next === null) at++;
      else this.#line.splice(at++, 0, this.#lookAt(next.path, next.isDirectory));
    }
  }

  #canLook(): boolean {
    return this.#looking < this.#width && this.#seen < SEEN_AHEAD * this.#width;
  }

  #lookAt(path: RelPath | null, isDirectory: boolean): Sight {
    const sight: Sight = { path, seeing: null, status: unseen, entries: unseen };
    this.#seen++;
    this.#looking++;
    sight.seeing = this.#see(sight, isDirectory);
    return sight;
  }

  /** Never fails: what is thrown is thrown to whoever asks. */
  async #see(sight: Sight, isDirectory: boolean): Promise<void> {
    await this.#seeStatus(sight, isDirectory);
    sight.seeing = null;
    this.#looking--;
    this.#lookOn();
  }

  async #seeStatus(sight: Sight, isDirectory: boolean): Promise<void> {
    try {
      const location = locationIn(sight.path, this.#rules.place);
      const status = await this.#fileSystem.status(location);
      sight.status = () => status;
      if (isDirectory) await this.#seeEntries(sight, { location, path: sight.path, size: status.size });
    } catch (error) {
      sight.status = throwing(error);
    }
  }

  async #seeEntries(sight: Sight, directory: Listed): Promise<void> {
    try {
      const entries = await this.#fileSystem.entries(directory, this.#rules);
      sight.entries = () => entries;
      const at = this.#line.indexOf(sight);
      if (entries === null || at < 0) return;
      this.#line.splice(at + 1, 0, { directory: sight.path, entries: entries[Symbol.iterator]() });
    } catch (error) {
      sight.entries = throwing(error);
    }
  }
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

function unseen(): never {
  throw new Error('the walk asks for what has not been seen yet');
}

function pathOf({ key, kind }: Entry, { directory }: Rest): RelPath {
  return RelPath.join(directory, kind === 'directory' ? key.slice(0, -1) : key);
}

function nextToLookAt(rest: Rest): { path: RelPath; isDirectory: boolean } | null {
  for (let next = rest.entries.next(); next.done !== true; next = rest.entries.next()) {
    if (isLookedAt(next.value)) return { path: pathOf(next.value, rest), isDirectory: next.value.kind === 'directory' };
  }
  return null;
}
