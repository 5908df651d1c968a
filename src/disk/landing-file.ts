// The open file of a landing, as plain data: any thread of the process can write to it, and read it again.

import { read, write } from 'node:fs';
import type { RelPath } from '../model/rel-path.js';
import { systemCode, writeFailure } from './disk-failure.js';

/** The number means the same in all threads. */
export interface LandingFile {
  readonly fd: number;
  /** As messages call it. */
  readonly path: RelPath;
  /** Bytes that it is to have in the end. */
  readonly size: number;
}

/** Pieces may come in any order and at once. @throws Failure FILE_UNWRITABLE, DISK_FULL */
export async function writeToLanding({ fd, path, size }: LandingFile, bytes: Uint8Array, at: number): Promise<void> {
  if (at < 0 || at + bytes.length > size) throw new RangeError(`bytes beyond the end of a landing: ${at}`);
  try {
    for (let done = 0; done < bytes.length; ) done += await writeSome(fd, bytes.subarray(done), at + done);
  } catch (thrown) {
    throw writeFailure(path, thrown);
  }
}

/** Fills `into` with what has landed; false where less has, or where the disk cannot read it any more. */
export async function readFromLanding({ fd }: LandingFile, into: Uint8Array, at: number): Promise<boolean> {
  try {
    for (let done = 0; done < into.length; ) {
      const got = await readSome(fd, into.subarray(done), at + done);
      if (got === 0) return false;
      done += got;
    }
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === null) throw thrown;
    return false;
  }
}

function writeSome(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, at, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}

function readSome(fd: number, into: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, at, (error, got) => (error === null ? resolve(got) : reject(error)));
  });
}
