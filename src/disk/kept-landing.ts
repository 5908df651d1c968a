// Opens what there is of a landing that is kept, for one process at a time, or begins it.

import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { within } from './byte-path.js';
import { systemCode } from './disk-failure.js';
import type { LandingFiles } from './landing-files.js';
import { closeLanding } from './landing-lock.js';
import { isOwnFile, LandingRecord, lockRecord } from './landing-record.js';
import { keptNames, type LandingKey } from './temporary-name.js';

export interface KeptLanding {
  /** The file that the bytes are in, and open to read and write. */
  readonly hidden: Buffer;
  readonly handle: FileHandle;
  readonly record: LandingRecord;
}

export interface ToKeep {
  /** Its real path. */
  readonly directory: Buffer;
  /** What the file is to be called in it. */
  readonly name: Buffer;
  /** Bytes. */
  readonly size: number;
  /** Bytes; that of an earlier run counts, where something has landed. */
  readonly segmentSize: number;
}

/** 'taken': another process lands it. 'unsupported': here nothing can be kept. */
export async function openKept(
  { directory, name, size, segmentSize }: ToKeep,
  key: LandingKey,
  files: LandingFiles,
): Promise<KeptLanding | 'taken' | 'unsupported'> {
  const names = keptNames(key);
  const recordFile = within(directory, Buffer.from(names.record));
  const lock = await lockRecord(recordFile, files);
  if (lock === 'taken' || lock === 'unsupported') return lock;
  try {
    const hidden = within(directory, Buffer.from(names.bytes));
    const record = await LandingRecord.of(lock, recordFile, { segmentSize, name });
    return { hidden, handle: await openBytes(hidden, size, files), record };
  } catch (thrown) {
    await closeLanding(lock);
    throw thrown;
  }
}

/** What is there of it, if it is all ours; what has another name too is somebody's file. */
async function openBytes(hidden: Buffer, size: number, files: LandingFiles): Promise<FileHandle> {
  const handle = await openThere(hidden, files);
  if (handle === null) return files.open(hidden, NEW_BYTES);
  if (await isOwnFile(handle)) {
    if ((await handle.stat()).size > size) await handle.truncate(size);
    return handle;
  }
  await handle.close();
  await files.unlink(hidden);
  return files.open(hidden, NEW_BYTES);
}

/** Null when there is nothing. A link is not followed, and a pipe not waited for. */
async function openThere(hidden: Buffer, files: LandingFiles): Promise<FileHandle | null> {
  try {
    return await files.open(hidden, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    if (systemCode(thrown) !== 'ELOOP') throw thrown;
    await files.unlink(hidden);
    return null;
  }
}

const NEW_BYTES = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
