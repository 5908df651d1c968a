// Looks at one name of the kept directory.

import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.js';
import type { Looked } from '../model/found.js';
import { printable, RelPath } from '../model/rel-path.js';
import { type TextEncoding, UTF_8 } from '../model/text-encoding.js';
import { readFailure, systemCode } from './disk-failure.js';
import { localFile } from './file-status.js';
import { type Location, type Place, unnameable } from './place.js';

/**
 * What stands under `path`, now; links are followed. It counts as missing only when nothing at all is there, and not
 * when only the encoding has no form for it: with the right one the file may be there.
 */
export function lookAt(place: Place, path: RelPath): Looked {
  const location = place.locate(path);
  if (location === null) return lookedAsNameless(place, path);
  try {
    return lookedAs(path, statSync(location, { bigint: true }));
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return lookedAsNothing(place, path, code);
    return { kind: 'unseen', failure: readFailure(path, thrown) };
  }
}

function lookedAsNameless(place: Place, path: RelPath): Looked {
  return RelPath.canNameAFile(path) ? { kind: 'unseen', failure: unnameable(place, path) } : { kind: 'missing' };
}

function lookedAs(path: RelPath, stats: BigIntStats): Looked {
  if (!stats.isFile()) return { kind: 'other' };
  return stats.size === 0n ? { kind: 'empty' } : { kind: 'file', file: localFile(path, stats) };
}

/**
 * A link that leads nowhere may lead to a disk that is not mounted, and what has the name in UTF-8 may be what was meant:
 * then nothing was seen.
 */
function lookedAsNothing(place: Place, path: RelPath, code: 'ENOENT' | 'ENOTDIR'): Looked {
  for (let way: string = path; way !== '.'; way = dirname(way)) {
    const location = place.locate(way as RelPath);
    if (location !== null && isThere(lstatSync, location)) {
      if (isThere(statSync, location)) break;
      const failure = new Failure('FILE_UNREADABLE', `cannot read ${printable(path)}: a link leads nowhere`);
      return { kind: 'unseen', failure };
    }
    if (isOtherInUtf8(way, place) && isThere(lstatSync, `${place.root}/${way}`)) {
      return { kind: 'unseen', failure: namedInUtf8(way, place.encoding) };
    }
  }
  return { kind: code === 'ENOENT' ? 'missing' : 'other' };
}

function isOtherInUtf8(path: string, { encoding }: Place): boolean {
  return encoding !== UTF_8 && /\P{ASCII}/u.test(path);
}

function namedInUtf8(path: string, { name }: TextEncoding): Failure {
  const message = `${printable(path)} is there with its name in UTF-8, not in ${name}`;
  return new Failure('NAME_REFUSED', message, {
    hint: 'leave out --filenames-encoding if the names on this disk are UTF-8; else rename that one',
  });
}

function isThere(look: typeof statSync, location: Location): boolean {
  try {
    return look(location, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The failure of a command that was pointed at no readable directory. */
export function unusableRoot(root: string, cause: unknown): Failure {
  const { message } = readFailure(root, cause);
  return new Failure('USAGE', message, { cause, hint: 'name an existing directory that you may read' });
}
