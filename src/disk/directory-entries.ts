// Reads what stands in one directory: names as bytes, judged, and put in the order of paths.

import { type BigIntStats, type Dirent, opendirSync, readdirSync } from 'node:fs';
import { opendir, readdir } from 'node:fs/promises';
import type { RelPath } from '../model/rel-path.js';
import { UTF_8 } from '../model/text-encoding.js';
import { systemCode } from './disk-failure.js';
import { JudgedNames, type NameRules } from './judged-names.js';
import type { Location } from './place.js';
import type { SortedEntries } from './sorted-entries.js';

/** A directory to be read. */
export interface Listed {
  readonly location: Location;
  /** Null is the root. */
  readonly path: RelPath | null;
  /** As its status tells it: an estimate of how many names it holds. */
  readonly size: BigIntStats['size'];
}

/**
 * Of all that stands in the directory what can take part; null when nothing at all stands there.
 * Memory: what `SortedEntries` holds, beside a megabyte or two; twice that where a system tells small sizes of large
 * directories.
 * @throws the error of the file system
 */
export function readEntries(directory: Listed, rules: NameRules): SortedEntries | null {
  const { encoding } = rules.place;
  if (encoding === UTF_8) {
    const reading = new JudgedNames(directory.path, rules);
    if (readExactly(directory, reading)) return reading.entries;
  }
  const reading = new JudgedNames(directory.path, rules);
  for (const dirent of direntsOf<Buffer>(directory, 'buffer')) reading.addBytes(dirent);
  return reading.entries;
}

/** Reads names as text, which is faster. False when bytes were lost, or may have been: it must be done again. */
function readExactly(directory: Listed, reading: JudgedNames): boolean {
  try {
    for (const dirent of direntsOf<string>(directory, 'utf8')) if (!reading.addText(dirent)) return false;
    return true;
  } catch (thrown) {
    // Where the system does not tell what an entry is, it is looked at, under a name that may have lost bytes.
    if (systemCode(thrown) === null) throw thrown;
    return false;
  }
}

/** Bytes of a directory with some ten thousand names: from here on they are not read all at once, which is faster. */
const LARGE = 1024 * 1024;

/** Names asked of the system at a time, of a large directory. */
const NAMES_AT_ONCE = 256;

/** The library's types do not know all of its encodings. */
function direntsOf<Name extends string | Buffer>(
  { location, size }: Listed,
  encoding: Name extends string ? 'utf8' : 'buffer',
): Iterable<Dirent<Name>> {
  if (size >= LARGE) return oneByOne(location, encoding);
  return readdirSync(location, { encoding: encoding as 'buffer', withFileTypes: true }) as unknown as Dirent<Name>[];
}

function* oneByOne<Name extends string | Buffer>(
  location: Location,
  encoding: Name extends string ? 'utf8' : 'buffer',
): Generator<Dirent<Name>> {
  const directory = opendirSync(location, { encoding: encoding as 'utf8', bufferSize: NAMES_AT_ONCE });
  try {
    for (let dirent = directory.readSync(); dirent !== null; dirent = directory.readSync()) {
      yield dirent as unknown as Dirent<Name>;
    }
  } finally {
    directory.closeSync();
  }
}

/** As `readEntries`, and others get their turn meanwhile. */
export async function readEntriesSoon(directory: Listed, rules: NameRules): Promise<SortedEntries | null> {
  const { encoding } = rules.place;
  if (encoding === UTF_8) {
    const reading = new JudgedNames(directory.path, rules);
    if (await readExactlySoon(directory, reading)) return reading.entries;
  }
  const reading = new JudgedNames(directory.path, rules);
  for await (const dirent of await direntsSoon<Buffer>(directory, 'buffer')) reading.addBytes(dirent);
  return reading.entries;
}

async function readExactlySoon(directory: Listed, reading: JudgedNames): Promise<boolean> {
  try {
    for await (const dirent of await direntsSoon<string>(directory, 'utf8')) {
      if (!reading.addText(dirent)) return false;
    }
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === null) throw thrown;
    return false;
  }
}

async function direntsSoon<Name extends string | Buffer>(
  { location, size }: Listed,
  encoding: Name extends string ? 'utf8' : 'buffer',
): Promise<AsyncIterable<Dirent<Name>> | Iterable<Dirent<Name>>> {
  const names = { encoding: encoding as 'utf8' };
  const dirents =
    size >= LARGE
      ? await opendir(location, { ...names, bufferSize: NAMES_AT_ONCE })
      : await readdir(location, { ...names, withFileTypes: true });
  return dirents as AsyncIterable<Dirent<never>> | Iterable<Dirent<never>>;
}
