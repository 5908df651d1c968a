// The story of purge-vault: delete every archive that the journal knows, all versions.

import type { ReadableJournal } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import type { Report } from '../model/events.js';
import { throwIfInterrupted } from '../model/failure.js';
import { forEachConcurrently, type Halt } from '../transfer/concurrently.js';
import { forget } from './forget.js';
import { attempt, type Failures } from './items.js';
import { abandonLeftovers, settleLeftovers } from './leftovers.js';
import type { StorePorts } from './store.js';

export type PurgePorts = Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'clock' | 'report'>;

export interface PurgeTally {
  deleted: number;
  deletedBytes: number;
  failed: number;
  /** What earlier runs left and could not be finished. */
  readonly leftovers: Failures;
}

export function emptyPurgeTally(): PurgeTally {
  return { deleted: 0, deletedBytes: 0, failed: 0, leftovers: { failed: 0 } };
}

/**
 * Deletes the archives and drops the unfinished uploads. What is not in the journal is not touched.
 * @throws Failure when it concerns the run
 */
export async function purge(width: number, ports: PurgePorts, tally: PurgeTally, halt: Halt): Promise<void> {
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  await abandonLeftovers(resumable, ports, tally.leftovers, halt);
  ports.report({ event: 'ahead', files: ports.journal.live.count, bytes: 0 });
  await forEachConcurrently(ports.journal.live.all(), width, halt, (archive) =>
    attempt(archive.path, tally, ports.report, async () => {
      await forget(archive, 'purged', ports, halt);
      count(archive, tally);
    }),
  );
}

/** What a purge would delete, as 'planned' events. */
export async function planPurge(
  ports: { readonly journal: ReadableJournal; readonly report: Report },
  tally: PurgeTally,
  halt: Halt,
): Promise<void> {
  for await (const archive of ports.journal.live.all()) {
    throwIfInterrupted(halt.soon);
    ports.report({ event: 'planned', do: 'delete', path: archive.path, archiveId: archive.id });
    count(archive, tally);
  }
}

function count(archive: Archive, tally: PurgeTally): void {
  tally.deleted++;
  tally.deletedBytes += archive.size;
}
