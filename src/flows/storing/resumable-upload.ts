// Whether an unfinished upload can be gone on with: its file must be here as it was, be new to the journal, and fit.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { LiveArchives } from '../../journal/journal.js';
import { type Archive, compareVersions } from '../../model/archive.js';
import { Failure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { type ByteRange, LIMITS } from '../../model/parts.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { FoundUpload } from './unfinished-uploads.js';

export interface Continuation {
  readonly file: LocalFile;
  /** The version that the upload was begun to replace, to be deleted then. */
  readonly old: Pick<Archive, 'id' | 'path'> | null;
  /** The latest version until now, which nobody said was to be deleted. */
  readonly older: Archive | null;
}

/** The journal that is to hold it. */
export interface Holder {
  readonly live: LiveArchives;
  readonly canHold: (path: RelPath) => boolean;
}

/** @throws Failure NOT_RESUMABLE, saying why */
export function continuationOf(
  upload: FoundUpload,
  directory: Pick<KeptDirectory, 'look'>,
  { live, canHold }: Holder,
): Continuation {
  const file = describedFile(upload, directory);
  if (!canHold(file.path))
    throw notResumable(upload, `${printable(file.path)} cannot be written in the encoding of the journal`);
  assertFits(upload, file);
  const latest = live.versionsOf(file.path).at(-1) ?? null;
  if (latest !== null) assertNewer(upload, file, latest);
  const superseded = upload.intents[0]?.supersedes ?? null;
  const old = superseded !== null && live.has(superseded) ? { id: superseded, path: file.path } : null;
  return { file, old, older: old === null ? latest : null };
}

/** The file that the description names, if it is here in the described state. */
function describedFile(upload: FoundUpload, directory: Pick<KeptDirectory, 'look'>): LocalFile {
  const { described } = upload;
  const begun = upload.intents[0]?.file;
  if (begun?.size === 0) throw notResumable(upload, 'its content came through a pipe, and is gone');
  if (described === null) throw notResumable(upload, 'its description names no file');
  const path = described.filename as RelPath;
  const why = RelPath.whyNot(path);
  if (why !== null) throw notResumable(upload, `its name ${printable(path)} ${why}`);
  const looked = directory.look(path);
  if (looked.kind === 'unseen') throw looked.failure;
  if (looked.kind !== 'file') throw notResumable(upload, `${printable(path)} is not in the directory`);
  const isAsItWas = looked.file.mtime === described.mtime && looked.file.size === (begun ?? looked.file).size;
  if (!isAsItWas) throw notResumable(upload, `${printable(path)} has changed since it was begun`);
  return looked.file;
}

/** Parts that were cut otherwise, or are of a longer file, can make no archive of this one. */
function assertFits(upload: FoundUpload, { path, size }: LocalFile): void {
  const { partSize, held } = upload;
  if (Math.ceil(size / partSize) > LIMITS.partCount) {
    throw notResumable(upload, `${printable(path)} needs more than 10,000 of its parts`);
  }
  const isPart = ({ start, end }: ByteRange): boolean =>
    start % partSize === 0 && end === Math.min(start + partSize, size);
  if (!held.every(isPart)) throw notResumable(upload, `its parts do not fit the ${size} bytes of ${printable(path)}`);
}

function assertNewer(upload: FoundUpload, file: LocalFile, latest: Archive): void {
  const { path, size, mtime } = file;
  if (latest.size === size && latest.mtime === mtime) {
    throw notResumable(upload, `the journal has ${printable(path)} already, as it is now`);
  }
  if (compareVersions(latest, { ...latest, mtime }) > 0) {
    throw notResumable(upload, `the journal has a newer version of ${printable(path)}`);
  }
}

/** What is said of an upload that is left alone. @param why ends the sentence */
export function notResumable({ uploadId }: FoundUpload, why: string): Failure {
  return new Failure('NOT_RESUMABLE', `cannot go on with upload ${uploadId}: ${why}`, {
    hint: `it is left alone; mtglacier uploads --abort --id=${uploadId} drops it`,
  });
}
