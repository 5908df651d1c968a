// Looks at one name of the kept directory.

import { type BigIntStats, lstatSync, opendirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.js';
import type { Looked } from '../model/found.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { readFailure, systemCode } from './disk-failure.js';
import { localFile, locate } from './location.js';

/** What stands under `path`, now; links are followed. It counts as missing only when nothing at all is there. */
export function lookAt(root: string, path: RelPath): Looked {
  const place = locate(root, path);
  if (place === null) return { kind: 'missing' };
  try {
    return lookedAs(path, statSync(place, { bigint: true }));
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return lookedAsNothing(root, path, code);
    return { kind: 'unseen', failure: readFailure(path, thrown) };
  }
}

function lookedAs(path: RelPath, stats: BigIntStats): Looked {
  if (!stats.isFile()) return { kind: 'other' };
  return stats.size === 0n ? { kind: 'empty' } : { kind: 'file', file: localFile(path, stats) };
}

/** A link that leads nowhere may lead to a disk that is not mounted: then nothing was seen. */
function lookedAsNothing(root: string, path: RelPath, code: 'ENOENT' | 'ENOTDIR'): Looked {
  for (let way: string = path; way !== '.'; way = dirname(way)) {
    if (!isThere(lstatSync, `${root}/${way}`)) continue;
    if (isThere(statSync, `${root}/${way}`)) break;
    const failure = new Failure('FILE_UNREADABLE', `cannot read ${printable(path)}: a link leads nowhere`);
    return { kind: 'unseen', failure };
  }
  return { kind: code === 'ENOENT' ? 'missing' : 'other' };
}

function isThere(look: typeof statSync, place: string): boolean {
  try {
    return look(place, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether nothing at all is in the directory, as in a place where a disk is not mounted.
 * @throws Failure USAGE
 */
export function isEmptyDirectory(root: string): boolean {
  try {
    const directory = opendirSync(root);
    const first = directory.readSync();
    directory.closeSync();
    return first === null;
  } catch (cause) {
    throw unusableRoot(root, cause);
  }
}

/** The failure of a command that was pointed at no readable directory. */
export function unusableRoot(root: string, cause: unknown): Failure {
  const { message } = readFailure(root, cause);
  return new Failure('USAGE', message, { cause, hint: 'name an existing directory that you may read' });
}
