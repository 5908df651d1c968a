// The file and the name that upload-file is given: where the file really is, and what the journal is to call it.

import { accessSync, constants, realpathSync } from 'node:fs';
import { lookAt } from '../../disk/look.js';
import type { Place } from '../../disk/place.js';
import { Instant } from '../../model/clock.js';
import { encodeDescription } from '../../model/description.js';
import { asFailure, Failure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { nameOfNoFile, withoutFormInJournal } from '../../model/refused-name.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { TextEncoding } from '../../model/text-encoding.js';
import type { CommandContext } from '../command-context.js';

/** A file that can be stored, and a place that knows it by its new name, wherever it is. */
export interface NamedFile {
  readonly file: LocalFile;
  readonly place: Place;
}

type Encodings = CommandContext['encodings'];

/**
 * A file below a directory. Links are followed first: the name is that of the real file below the real directory.
 * @throws Failure USAGE
 */
export function fileBelow(filename: string, dir: string, encodings: Encodings): NamedFile {
  const { filenames } = encodings;
  const location = realLocation('--filename', filename, filenames);
  const way = wayBelow(realLocation('--dir', dir, filenames), location);
  if (way === null) {
    throw new Failure('USAGE', `--filename ${printable(filename)} is not in --dir ${printable(dir)}`, {
      hint: 'links are followed on both; --set-rel-filename in the place of --dir stores a file from anywhere',
    });
  }
  const name = filenames.decode(way);
  if (name === null) {
    const message = `the real name of --filename ${printable(filename)} is not written in ${filenames.name}`;
    throw new Failure('USAGE', message, { hint: 'give the encoding of this disk with --filenames-encoding' });
  }
  return namedFile(location, filename, name, encodings);
}

/** A file from anywhere, under the given name. @throws Failure USAGE */
export function fileUnder(filename: string, name: string, encodings: Encodings): NamedFile {
  return namedFile(realLocation('--filename', filename, encodings.filenames), filename, name, encodings);
}

/**
 * The name as a path that a journal, a description and a disk can hold.
 * @throws Failure USAGE
 */
export function storableName(name: string, journal: TextEncoding): RelPath {
  return asUsage(() => {
    const path = RelPath.parse(name);
    if (!RelPath.canNameAFile(path)) throw nameOfNoFile(path);
    if (journal.encode(path) === null) throw withoutHint(withoutFormInJournal(path, journal));
    encodeDescription({ filename: path, mtime: Instant.ofSeconds(0) });
    return path;
  });
}

/** What is refused here is what the user has typed. */
function asUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    const { message, hint = 'give another name with --set-rel-filename' } = asFailure(cause);
    throw new Failure('USAGE', message, { hint, cause });
  }
}

/** Here the name can be chosen, where elsewhere it is that of a file. */
function withoutHint({ code, message }: Failure): Failure {
  return new Failure(code, message);
}

function namedFile(location: Buffer, filename: string, name: string, { filenames, journal }: Encodings): NamedFile {
  const path = storableName(name, journal);
  const locate = (asked: RelPath): Buffer | null => (asked === path ? location : null);
  const place: Place = { root: filename, encoding: filenames, location, locate };
  const looked = lookAt(place, path);
  switch (looked.kind) {
    case 'file':
      asUsage(() => encodeDescription({ filename: path, mtime: looked.file.mtime }));
      assertReadable(location, filename);
      return { file: looked.file, place };
    case 'empty':
      throw unusable(filename, 'is empty, and no archive can be', 'there is nothing in it to store');
    case 'other':
      throw unusable(filename, 'is no regular file', 'what a pipe or a device gives is stored with --stdin');
    case 'missing':
      throw unusable(filename, 'does not exist', 'check the name');
    case 'unseen':
      throw unusable(filename, `cannot be looked at: ${looked.failure.message}`, looked.failure.hint);
  }
}

/** @throws Failure USAGE when nothing is there, or it cannot be told */
function realLocation(option: string, name: string, encoding: TextEncoding): Buffer {
  const bytes = encoding.encode(name);
  if (bytes === null) {
    const message = `${option} ${printable(name)} cannot be written in ${encoding.name}, the encoding of file names`;
    throw new Failure('USAGE', message, { hint: 'give the encoding of this disk with --filenames-encoding' });
  }
  try {
    // Not the one of JavaScript, which takes all bytes for UTF-8.
    return realpathSync.native(Buffer.from(bytes), 'buffer');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const why = isMissing ? 'does not exist' : `cannot be read (${code})`;
    throw new Failure('USAGE', `${option} ${printable(name)} ${why}`, { hint: 'check the name', cause });
  }
}

function assertReadable(location: Buffer, filename: string): void {
  try {
    accessSync(location, constants.R_OK);
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw unusable(filename, `cannot be read (${code})`, 'check its owner and mode');
  }
}

function unusable(filename: string, why: string, hint?: string): Failure {
  return new Failure('USAGE', `--filename ${printable(filename)} ${why}`, { hint });
}

/** What follows the directory and its slash; null where the file is not below it. */
function wayBelow(directory: Buffer, file: Buffer): Buffer | null {
  const slash = Buffer.from('/');
  const start = directory.equals(slash) ? directory : Buffer.concat([directory, slash]);
  return file.length > start.length && file.subarray(0, start.length).equals(start)
    ? file.subarray(start.length)
    : null;
}
