// About how many archives a journal holds, told before it is opened.

import { promises as fs } from 'node:fs';
import { readContents } from './index/index-folder.js';
import { sidecarsOf } from './sidecars.js';

/** Bytes of the journal for one archive, in most journals. */
const LINE = 250;

/** As its index says; otherwise reckoned from its size. 0 where neither can be seen: who opens it is told why. */
export async function expectedArchives(file: string): Promise<number> {
  try {
    const { journal, index } = await sidecarsOf(file);
    return (await readContents(index))?.alive ?? Math.floor((await fs.stat(journal)).size / LINE);
  } catch {
    return 0;
  }
}
