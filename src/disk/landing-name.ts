// Gives a file that has landed its name: on stable storage, and never over anything that is there.

import { constants } from 'node:fs';
import { type FileHandle, lstat } from 'node:fs/promises';
import type { Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { systemCode } from './disk-failure.js';
import type { LandingFiles } from './landing-files.js';

export async function isTaken(place: Buffer): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

/**
 * A hard link never replaces anything, where a rename would; file systems without links get a look and a rename. False
 * when something has appeared in the place: it is left as it is. Where this fails in between both names may be there.
 */
export async function giveName(hidden: Buffer, target: Buffer, files: LandingFiles): Promise<boolean> {
  try {
    await files.link(hidden, target);
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'EEXIST') return false;
    if (code === null || !NO_HARD_LINKS.has(code)) throw thrown;
    if (await isTaken(target)) return false;
    await files.rename(hidden, target);
    return true;
  }
  await files.unlink(hidden);
  return true;
}

const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Puts the new name on stable storage; some network file systems know no flush of directories and need none. */
export async function syncDirectory(directory: Buffer, files: LandingFiles): Promise<void> {
  await using handle = await files.open(directory, constants.O_RDONLY);
  await handle.sync().catch((thrown: unknown) => {
    const code = systemCode(thrown);
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw thrown;
  });
}

/** Time before flush, so that one flush takes both to the disk. @throws Failure FILE_UNWRITABLE when the size is another */
export async function complete(
  handle: FileHandle,
  { path, size }: { readonly path: RelPath; readonly size: number },
  mtime: Instant | null,
): Promise<void> {
  const actual = (await handle.stat()).size;
  if (actual !== size) {
    throw new Failure('FILE_UNWRITABLE', `${printable(path)} has ${actual} bytes instead of ${size}`);
  }
  if (mtime !== null) await setTime(handle, mtime);
  await handle.datasync();
  await handle.close();
}

/** Old journals hold any number; a time that the system refuses is not worth the file. */
async function setTime(handle: FileHandle, mtime: Instant): Promise<void> {
  // Node takes a negative number for now, but a date before 1970 for what it is.
  const time = mtime < 0 ? new Date(mtime * 1000) : mtime;
  await handle.utimes(time, time).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EINVAL') throw thrown;
  });
}
