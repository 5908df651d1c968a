// Walks the kept directory in the order of paths.

import { type BigIntStats, type Dirent, readdirSync, statSync } from 'node:fs';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { comparePaths, printable, RelPath } from '../model/rel-path.js';
import { readFailure, systemCode } from './disk-failure.js';
import { localFile } from './location.js';
import { unusableRoot } from './look.js';
import { ownerOfTemporary } from './temporary-name.js';

/** How long the walk may hold the thread before others get a turn. */
const TURN_MS = 10;

/**
 * Everything in the directory, each once: files to keep, and what is left out, refused or could not be seen. Links to
 * files are files; linked directories are not entered. `root` itself may be a link.
 * Memory: the names of the directories on the way to the present one.
 * @throws Failure USAGE when `root` is no readable directory, INTERRUPTED
 */
export async function* walk(root: string, signal: AbortSignal): AsyncGenerator<Found> {
  let turnEnds = performance.now() + TURN_MS;
  for (const found of findings(root)) {
    if (performance.now() >= turnEnds) {
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN_MS;
    }
    throwIfInterrupted(signal);
    yield found;
  }
}

/** A directory that is being read: its entries in order, and which is next. */
interface OpenDirectory {
  readonly path: RelPath | null;
  readonly entries: readonly Entry[];
  next: number;
}

/** `name` is null where the bytes are not UTF-8; `key` places the entry among the others. */
interface Entry {
  readonly key: string;
  readonly name: string | null;
  readonly dirent: Dirent<Buffer>;
}

function* findings(root: string): Generator<Found> {
  const open = [openRoot(root)];
  for (let directory = open.at(-1); directory !== undefined; directory = open.at(-1)) {
    const entry = directory.entries[directory.next++];
    if (entry === undefined) {
      open.pop();
      continue;
    }
    const path = safePath(directory.path, entry);
    if (typeof path !== 'string') {
      yield path;
    } else if (entry.dirent.isDirectory()) {
      const below = openBelow(root, path);
      if ('kind' in below) yield below;
      else open.push(below);
    } else {
      yield findingOf(root, path, entry);
    }
  }
}

function openRoot(root: string): OpenDirectory {
  try {
    return { path: null, entries: entriesOf(root), next: 0 };
  } catch (cause) {
    throw unusableRoot(root, cause);
  }
}

function openBelow(root: string, path: RelPath): OpenDirectory | Found {
  try {
    const entries = entriesOf(`${root}/${path}`);
    if (entries.length > 0) return { path, entries, next: 0 };
    const { mtime: changedAt } = localFile(path, statSync(`${root}/${path}`, { bigint: true }));
    return { kind: 'left-out', name: path, why: 'empty-directory', changedAt };
  } catch (thrown) {
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
}

function entriesOf(directory: string): Entry[] {
  const entries = readdirSync(directory, { encoding: 'buffer', withFileTypes: true }).map((dirent): Entry => {
    const name = decodeUtf8(dirent.name);
    const shown = name ?? show(dirent.name);
    return { key: dirent.isDirectory() ? `${shown}/` : shown, name, dirent };
  });
  return entries.sort((a, b) => comparePaths(a.key, b.key));
}

/** The path of an entry, or its refusal where a journal cannot hold it. */
function safePath(directory: RelPath | null, entry: Entry): RelPath | Found {
  const why = entry.name === null ? 'is not UTF-8' : RelPath.whyNot(entry.name);
  if (why === null) return RelPath.join(directory, entry.name as string);
  const name = RelPath.join(directory, entry.name ?? show(entry.dirent.name)) as string;
  // Undecodable bytes are escaped in it already.
  const shown = entry.name === null ? name : printable(name);
  const failure = new Failure('NAME_REFUSED', `name ${shown} ${why}`, { hint: 'rename it to keep it' });
  return { kind: 'refused', name, failure };
}

function findingOf(root: string, path: RelPath, { dirent, key }: Entry): Found {
  const isLink = dirent.isSymbolicLink();
  if (!isLink && !dirent.isFile()) return { kind: 'left-out', name: path, why: 'special-file' };
  if (ownerOfTemporary(key) !== null) {
    return { kind: 'left-out', name: path, why: 'unfinished-download' };
  }
  try {
    return isLink ? linkFinding(path, statSync(`${root}/${path}`, { bigint: true })) : fileFinding(root, path);
  } catch (thrown) {
    if (isLink && leadsNowhere(thrown)) return { kind: 'left-out', name: path, why: 'dangling-link' };
    return { kind: 'unseen', path, failure: readFailure(path, thrown) };
  }
}

function linkFinding(path: RelPath, target: BigIntStats): Found {
  if (target.isDirectory()) return { kind: 'left-out', name: path, why: 'link-to-directory' };
  return kept(path, target);
}

function fileFinding(root: string, path: RelPath): Found {
  const stats = statSync(`${root}/${path}`, { bigint: true });
  if (!stats.isDirectory()) return kept(path, stats);
  // A file when its directory was read; what is below it now has no place in the order any more.
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

/** The text of a name, or null where its bytes are not UTF-8. */
function decodeUtf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  // A replacement character stands for undecodable bytes, unless it is really part of the name.
  return !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

/** A name with its undecodable bytes as `\xNN`. */
function show(name: Buffer): string {
  let shown = '';
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((length) => decodeUtf8(name.subarray(at, at + length)) !== null);
    shown += length === undefined ? `\\x${name.toString('hex', at, at + 1)}` : name.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return shown;
}
