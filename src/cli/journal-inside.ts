// Finds a journal that lies in the directory that it is about.

import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { realPathOf } from '../journal/real-path.js';
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
    return relative(realpathSync(directory), realPathOf(journal));
  } catch {
    return null;
  }
}
