// A small file that is replaced whole: after a crash it has its old content or its new one.

import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './record-log.js';

/** On stable storage, under its name, when it resolves; readable by its owner alone. One writer at a time. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const made = `${file}.new`;
  await rm(made, { force: true });
  const handle = await open(made, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(made, file);
  await syncDirectory(dirname(file));
}
