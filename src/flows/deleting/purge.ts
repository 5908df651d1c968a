// The story of purge-vault: delete every selected archive that the journal knows, all versions.

import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { throwIfInterrupted } from '../../model/failure.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import { attempt, type Failures } from '../items.js';
import { allSelected, countSelected, type SelectedPorts } from '../selected.js';
import { abandonLeftovers, settleLeftovers } from '../storing/leftovers.js';
import type { StorePorts } from '../storing/store.js';
import { forget } from './forget.js';

export type PurgePorts = Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'clock' | 'report'> & SelectedPorts;

export interface PurgeTally {
  /** To be deleted. */
  archives: number;
  deleted: number;
  deletedBytes: number;
  failed: number;
  /** What earlier runs left and could not be finished. */
  readonly leftovers: Failures;
}

export function emptyPurgeTally(): PurgeTally {
  return { archives: 0, deleted: 0, deletedBytes: 0, failed: 0, leftovers: { failed: 0 } };
}

/**
 * Deletes the archives, and drops the unfinished uploads of selected files. What is not in the journal is not touched.
 * @throws Failure when it concerns the run
 */
export async function purge(width: number, ports: PurgePorts, tally: PurgeTally, halt: Halt): Promise<void> {
  tally.archives = await countSelected(ports);
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  const unwanted = [...resumable].filter(({ file }) => ports.selection.includes(file.path));
  await abandonLeftovers(unwanted, ports, tally.leftovers, halt);
  // What was left may have been an archive more, or less.
  tally.archives = await countSelected(ports);
  ports.report({ event: 'ahead', files: tally.archives, bytes: 0 });
  await forEachConcurrently(allSelected(ports), width, halt, (archive) =>
    attempt(archive.path, tally, ports.report, async () => {
      await forget(archive, 'purged', ports, halt);
      count(archive, tally);
    }),
  );
}

/** What a purge would delete, as 'planned' events. */
export async function planPurge(
  ports: SelectedPorts & { readonly report: Report },
  tally: PurgeTally,
  halt: Halt,
): Promise<void> {
  for await (const archive of allSelected(ports)) {
    throwIfInterrupted(halt.soon);
    tally.archives++;
    ports.report({ event: 'planned', do: 'delete', path: archive.path, archiveId: archive.id });
    count(archive, tally);
  }
}

function count(archive: Archive, tally: PurgeTally): void {
  tally.deleted++;
  tally.deletedBytes += archive.size;
}
