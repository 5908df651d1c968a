// Writes a small file anew so that a crash leaves either the old one or the new one, whole.

import { promises as fs } from 'node:fs';

import { syncDirectoryOf } from './append-file.js';
import { writeFailure } from './write-failure.js';

/**
 * @param temporary a name beside it; where it is the fixed one, only the holder of the lock may call this
 * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function replaceFile(file: string, text: string, temporary = `${file}.new`): Promise<void> {
  try {
    const handle = await fs.open(temporary, 'w', 0o666);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
    await syncDirectoryOf(file);
  } catch (cause) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(file, cause);
  }
}
