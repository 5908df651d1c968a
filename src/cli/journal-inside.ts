// Notices a journal that lies in the directory that it is about.

import { realpathSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { printable } from '../model/rel-path.js';
import type { Notice } from './notice.js';

/** Null when it lies elsewhere, or cannot lie anywhere yet. */
export function journalInsideNotice(directory: string, journal: string): Notice | null {
  if (!isWithin(directory, dirname(journal))) return null;
  return {
    topic: 'journal-inside',
    message: `journal ${printable(journal)} lies in the directory that is kept: it is stored too, with what is beside it`,
    hint: 'it changes with every run, and is of no use when it is lost with the directory: keep it elsewhere',
  };
}

function isWithin(directory: string, place: string): boolean {
  try {
    const way = relative(realpathSync(directory), realpathSync(place));
    return way !== '..' && !way.startsWith('../');
  } catch {
    return false;
  }
}
