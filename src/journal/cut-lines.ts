// Keeps what is cut off a journal: an editor may have left a whole fact without its line end.

import { promises as fs } from 'node:fs';

import { syncDirectoryOf } from './append-file.js';
import { writeFailure } from './write-failure.js';

/**
 * Adds the torn line, as a line of its own, to the file of those that were cut before. When this ends it is on stable
 * storage.
 * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function keepCut(file: string, torn: Uint8Array): Promise<void> {
  try {
    await fs.appendFile(file, Buffer.concat([torn, Buffer.from('\n')]), { flush: true });
    await syncDirectoryOf(file);
  } catch (cause) {
    throw writeFailure(file, cause);
  }
}
