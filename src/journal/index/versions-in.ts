// The archives of runs that are laid beside one another, gathered by path.

import { type Archive, compareVersions } from '../../model/archive.js';
import { archiveAt } from './entry.js';
import { MergedEntries } from './merge.js';
import type { Run } from './run.js';

/** Paths given at a time. */
const BATCH = 1000;

/** Of each path all versions, oldest first; by path, about a thousand at a time and never none. */
export function* versionsIn(runs: readonly Run[]): Generator<Archive[][]> {
  const entries = new MergedEntries(runs);
  let batch: Archive[][] = [];
  let last: Archive[] = [];
  while (entries.next()) {
    const archive = archiveAt(entries.block, entries.at);
    if (archive.path === last[0]?.path) {
      last.push(archive);
      // Equals keep the order in which they were created: entries of one path come in it.
      last.sort(compareVersions);
      continue;
    }
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
    last = [archive];
    batch.push(last);
  }
  if (batch.length > 0) yield batch;
}
