// The archives of the journal that a run is about: those that the user's filters let through.

import type { ReadableJournal } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import { EVERYTHING, type Selection } from '../model/selection.js';

/** A journal, and which of its paths take part. What is beside them is not looked at, counted or touched. */
export interface SelectedPorts {
  readonly journal: ReadableJournal;
  readonly selection: Selection;
}

/** Of each selected path the latest version, by path. */
export function latestSelected({ journal, selection }: SelectedPorts): AsyncIterable<Archive> {
  return selected(journal.live.latest(), selection);
}

/** The same in batches that are never empty. */
export function latestSelectedInBatches({ journal, selection }: SelectedPorts): AsyncIterable<readonly Archive[]> {
  const batches = journal.live.latestInBatches();
  return selection === EVERYTHING ? batches : includingInBatches(batches, selection);
}

/** Every version of every selected path, by path, oldest version first. */
export function allSelected({ journal, selection }: SelectedPorts): AsyncIterable<Archive> {
  return selected(journal.live.all(), selection);
}

/** How many archives `allSelected` gives. */
export async function countSelected(ports: SelectedPorts): Promise<number> {
  if (ports.selection === EVERYTHING) return ports.journal.live.count;
  let count = 0;
  for await (const _ of allSelected(ports)) count++;
  return count;
}

function selected(archives: AsyncIterable<Archive>, selection: Selection): AsyncIterable<Archive> {
  return selection === EVERYTHING ? archives : including(archives, selection);
}

async function* including(archives: AsyncIterable<Archive>, selection: Selection): AsyncGenerator<Archive> {
  for await (const archive of archives) if (selection.includes(archive.path)) yield archive;
}

async function* includingInBatches(
  batches: AsyncIterable<readonly Archive[]>,
  selection: Selection,
): AsyncGenerator<readonly Archive[]> {
  for await (const batch of batches) {
    const included = batch.filter(({ path }) => selection.includes(path));
    if (included.length > 0) yield included;
  }
}
