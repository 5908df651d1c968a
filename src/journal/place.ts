// Whether a journal can be where the user says: looks at the place, and names what is wrong with it.

import { constants, promises as fs } from 'node:fs';
import { dirname } from 'node:path';

import { Failure } from '../model/failure.js';
import type { Sidecars } from './sidecars.js';
import { errorCode, writeFailure } from './write-failure.js';

/** @throws Failure USAGE when something else than a file has the name */
async function isThere(file: string, { journal }: Sidecars): Promise<boolean> {
  let found: Awaited<ReturnType<typeof fs.stat>>;
  try {
    found = await fs.stat(journal);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return false;
    throw unreadable(file, cause);
  }
  if (found.isFile()) return true;
  throw new Failure('USAGE', `journal ${file} is ${found.isDirectory() ? 'a directory' : 'no regular file'}`, {
    hint: 'name a file with --journal',
  });
}

/** Null when there is no such file. @throws Failure USAGE */
export async function openToRead(file: string, sidecars: Sidecars): Promise<fs.FileHandle | null> {
  if (!(await isThere(file, sidecars))) return null;
  try {
    return await fs.open(sidecars.journal, 'r');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * Looks only, for a journal that is to be made: nothing may be lost by it.
 * @throws Failure USAGE when there is a file with something in it, JOURNAL_UNWRITABLE
 */
export async function assertVacant(file: string, sidecars: Sidecars): Promise<void> {
  await assertWritable(file, sidecars, true);
  if (!(await isThere(file, sidecars)) || (await fs.stat(sidecars.journal)).size === 0) return;
  throw new Failure('USAGE', `journal ${file} exists and is not empty`, {
    hint: 'name a file with --new-journal that does not exist yet',
  });
}

/** Looks only, and creates nothing. @throws Failure USAGE, JOURNAL_MISSING, JOURNAL_UNWRITABLE */
export async function assertWritable(file: string, sidecars: Sidecars, create: boolean): Promise<void> {
  if (!(await isThere(file, sidecars))) {
    if (!create) throw missing(file);
    await assertHasDirectory(file, sidecars);
    return;
  }
  try {
    const handle = await fs.open(sidecars.journal, constants.O_RDWR | constants.O_APPEND);
    await handle.close();
  } catch (cause) {
    throw writeFailure(file, cause);
  }
}

async function assertHasDirectory(file: string, { journal }: Sidecars): Promise<void> {
  const directory = dirname(journal);
  try {
    if ((await fs.stat(directory)).isDirectory()) return;
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw unreadable(file, cause);
  }
  throw new Failure('USAGE', `there is no directory ${directory} for journal ${file}`, {
    hint: 'create the directory, or check --journal',
  });
}

export function missing(file: string): Failure {
  return new Failure('JOURNAL_MISSING', `journal ${file} does not exist`, {
    hint: 'check --journal; a journal is made by the first sync',
  });
}

function unreadable(file: string, cause: unknown): Failure {
  return new Failure('USAGE', `cannot read journal ${file} (${errorCode(cause) ?? 'unknown error'})`, {
    hint: 'check --journal, and that you may read the file',
    cause,
  });
}
