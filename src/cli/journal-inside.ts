// Finds a journal that lies in the directory that it is about.

import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { belongsToJournal } from '../journal/sidecars.js';
import type { RelPath } from '../model/rel-path.js';

/**
 * Tells paths of the directory that are the journal's or of what lies beside it. Null when it lies elsewhere, or cannot
 * lie anywhere yet.
 */
export function journalInside(directory: string, journal: string): ((path: RelPath) => boolean) | null {
  const way = wayTo(directory, journal);
  if (way === null || way === '..' || way.startsWith('../')) return null;
  return (path) => belongsToJournal(path, way);
}

/** A journal that is a link has the files beside it where it leads to. */
function wayTo(directory: string, journal: string): string | null {
  try {
    return relative(realpathSync(directory), realOf(journal));
  } catch {
    return null;
  }
}

function realOf(journal: string): string {
  try {
    return realpathSync(journal);
  } catch {
    return join(realpathSync(dirname(journal)), basename(journal));
  }
}
