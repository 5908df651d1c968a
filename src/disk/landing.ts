// Lands a download: a hidden temporary file beside the place, and the name only when all is there and on the disk.

import { randomBytes } from 'node:crypto';
import { constants, write } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import type { Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { bytePath, lastNameOf, within } from './byte-path.js';
import { makeDirectoryWithin } from './directory-within.js';
import { systemCode, writeFailure } from './disk-failure.js';
import { type Place, unnameable } from './place.js';
import { StaleDownloads } from './stale-downloads.js';
import { RANDOM_IN_NAME, temporaryName } from './temporary-name.js';

/** A file to be. Unless it is finished nothing is left of it when it is disposed of. */
export interface Landing extends AsyncDisposable {
  /** For `writeToLanding`, in any thread of this process, as long as the landing has not ended. */
  readonly file: LandingFile;
  /** Pieces may come in any order and at once. @throws Failure FILE_UNWRITABLE, DISK_FULL */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /**
   * Gives the file its time (null leaves the present one) and its name, both on stable storage when this ends.
   * @throws Failure FILE_UNWRITABLE also when its size is not the expected one, or when something has appeared in
   * the place: nothing is ever written over
   */
  finish(mtime: Instant | null): Promise<void>;
}

/** The open file of a landing, as plain data: the number means the same in all threads. */
export interface LandingFile {
  readonly fd: number;
  /** As messages call it. */
  readonly path: RelPath;
  /** Bytes that it is to have in the end. */
  readonly size: number;
}

/** Writes where the landing's own `write` would. @throws Failure FILE_UNWRITABLE, DISK_FULL */
export async function writeToLanding({ fd, path, size }: LandingFile, bytes: Uint8Array, at: number): Promise<void> {
  assertWithin(size, bytes, at);
  try {
    for (let done = 0; done < bytes.length; ) done += await writeSome(fd, bytes.subarray(done), at + done);
  } catch (thrown) {
    throw writeFailure(path, thrown);
  }
}

function writeSome(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, at, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}

function assertWithin(size: number, bytes: Uint8Array, at: number): void {
  if (at < 0 || at + bytes.length > size) throw new RangeError(`bytes beyond the end of a landing: ${at}`);
}

/** The calls that disks fail in: replaced where that is to be tried out. */
export interface LandingFiles {
  open(path: Buffer, flags: string | number): Promise<FileHandle>;
  link(from: Buffer, to: Buffer): Promise<void>;
}

/** Only a memory of where it has looked last, so that the files of one directory do not each look again. */
const staleDownloads = new StaleDownloads();

/**
 * Opens a landing of `size` bytes for `path`, and makes the directories that it needs.
 * @throws Failure NAME_REFUSED when no file can have this name here, or when a link leads it out of the place;
 * FILE_UNWRITABLE, also when something is in the place already; DISK_FULL
 */
export async function openLanding(
  place: Place,
  path: RelPath,
  size: number,
  files: LandingFiles = { open, link },
): Promise<Landing> {
  const location = place.locate(path);
  if (location === null) throw unnameable(place, path);
  try {
    const directory = await makeDirectoryWithin(place, path);
    const target = within(directory, lastNameOf(bytePath(location)));
    if (await isTaken(target)) throw new Failure('FILE_UNWRITABLE', `${printable(path)} is there already`);
    await staleDownloads.removeFrom(directory);
    const temporary = within(directory, Buffer.from(temporaryName(randomBytes(RANDOM_IN_NAME))));
    const handle = await files.open(temporary, 'wx');
    return new OpenLanding({ path, size, directory, target, temporary, handle, files });
  } catch (thrown) {
    throw asWriteFailure(path, thrown);
  }
}

async function isTaken(place: Buffer): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function asWriteFailure(path: RelPath, thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : writeFailure(path, thrown);
}

interface LandingParts {
  readonly path: RelPath;
  readonly size: number;
  /** Real paths. */
  readonly directory: Buffer;
  readonly target: Buffer;
  readonly temporary: Buffer;
  readonly handle: FileHandle;
  readonly files: LandingFiles;
}

class OpenLanding implements Landing {
  readonly #parts: LandingParts;
  #ended = false;

  constructor(parts: LandingParts) {
    this.#parts = parts;
  }

  get file(): LandingFile {
    const { handle, path, size } = this.#parts;
    return { fd: handle.fd, path, size };
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    const { handle, path, size } = this.#parts;
    assertWithin(size, bytes, at);
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
    } catch (thrown) {
      throw writeFailure(path, thrown);
    }
  }

  async finish(mtime: Instant | null): Promise<void> {
    try {
      await this.#complete(mtime);
      await this.#appear();
      this.#ended = true;
      await syncDirectory(this.#parts.directory, this.#parts.files);
    } catch (thrown) {
      await this[Symbol.asyncDispose]();
      throw asWriteFailure(this.#parts.path, thrown);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // What made us give up is the news. A file that cannot be removed now is removed as stale by a later run.
    await this.#parts.handle.close().catch(() => undefined);
    await unlink(this.#parts.temporary).catch(() => undefined);
  }

  /** Time before flush, so that one flush takes both to the disk. */
  async #complete(mtime: Instant | null): Promise<void> {
    const { handle, path, size } = this.#parts;
    const actual = (await handle.stat()).size;
    if (actual !== size) {
      throw new Failure('FILE_UNWRITABLE', `${printable(path)} has ${actual} bytes instead of ${size}`);
    }
    if (mtime !== null) await setTime(handle, mtime);
    await handle.datasync();
    await handle.close();
  }

  /** A hard link never replaces anything, where a rename would; file systems without links get a look and a rename. */
  async #appear(): Promise<void> {
    const { temporary, target, path, files } = this.#parts;
    try {
      await files.link(temporary, target);
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === 'EEXIST') throw appeared(path, thrown);
      if (code === null || !NO_HARD_LINKS.has(code)) throw thrown;
      if (await isTaken(target)) throw appeared(path, thrown);
      return rename(temporary, target);
    }
    await unlink(temporary);
  }
}

const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function appeared(path: RelPath, cause: unknown): Failure {
  return new Failure('FILE_UNWRITABLE', `${printable(path)} has appeared meanwhile and is left as it is`, { cause });
}

/** Puts the new name on stable storage; some network file systems know no flush of directories and need none. */
async function syncDirectory(directory: Buffer, files: LandingFiles): Promise<void> {
  await using handle = await files.open(directory, constants.O_RDONLY);
  await handle.sync().catch((thrown: unknown) => {
    const code = systemCode(thrown);
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw thrown;
  });
}

/** Old journals hold any number; a time that the system refuses is not worth the file. */
async function setTime(handle: FileHandle, mtime: Instant): Promise<void> {
  // Node takes a negative number for now, but a date before 1970 for what it is.
  const time = mtime < 0 ? new Date(mtime * 1000) : mtime;
  await handle.utimes(time, time).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EINVAL') throw thrown;
  });
}
