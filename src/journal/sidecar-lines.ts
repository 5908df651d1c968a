// Files of lines beside a journal: read where there is one, and written anew or done away with.

import { promises as fs } from 'node:fs';

import { UTF_8 } from '../model/text-encoding.js';
import { replaceFile } from './replace-file.js';
import { type Scanned, scanLines } from './scan.js';
import { errorCode, writeFailure } from './write-failure.js';

/**
 * Gives every whole line of the file in order, numbered from 1. Null when there is no such file.
 * @throws Failure JOURNAL_DAMAGED, JOURNAL_UNWRITABLE when it cannot be opened, and whatever `take` throws
 */
export async function scanSidecar(file: string, take: (line: string, number: number) => void): Promise<Scanned | null> {
  await using handle = await openIfThere(file);
  if (handle === null) return null;
  // Such a file is short.
  const { signal } = new AbortController();
  return await scanLines({ name: file, handle, encoding: UTF_8, signal }, take);
}

/** Null when there is no such file. @throws Failure JOURNAL_UNWRITABLE when it cannot be opened */
export async function openIfThere(file: string): Promise<fs.FileHandle | null> {
  try {
    return await fs.open(file, 'r');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    throw writeFailure(file, cause);
  }
}

/** Puts the text in the file's place; a file that has nothing to say goes. @throws Failure as `replaceFile` */
export async function replaceSidecar(file: string, text: string): Promise<void> {
  if (text === '') await fs.rm(file, { force: true });
  else await replaceFile(file, text);
}
