// The story of restore-completed: bring home what is ready, and say when the rest will be.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Archive } from '../../model/archive.js';
import { Failure } from '../../model/failure.js';
import { forEachInLanes, type Halt } from '../../transfer/concurrently.js';
import type { Expected, ReadyRetrieval, Retrieval, Retrieving } from '../../vault/retrieving-port.js';
import { Budget, type Limit, type RunLimits } from '../budget.js';
import { byFileSize, type FileLanes } from '../file-lanes.js';
import { attempt, reportUnforeseen } from '../items.js';
import { spanOf } from './expected.js';
import { countingMismatches, type FetchPorts, type FetchRequest, fetch } from './fetch.js';
import { type MissingPorts, type MissingTally, missingArchives } from './missing.js';

export interface RestoreCompletedPorts extends MissingPorts, FetchPorts {
  readonly vault: Pick<Retrieving, 'retrievals'>;
  readonly directory: Pick<KeptDirectory, 'look' | 'land'>;
}

export interface RestoreCompletedRequest extends FetchRequest {
  /** Files that may be under way at once. */
  readonly files: FileLanes;
  readonly limits?: RunLimits;
}

/** Every path of the journal is in exactly one of the counts. */
export interface RestoreCompletedTally extends MissingTally {
  restored: number;
  restoredBytes: number;
  /** Asked for and not ready yet. */
  waiting: number;
  /** Of `failed`: the vault gave other content than the journal says. */
  mismatches: number;
  /** Ready, and beyond the limit. */
  left: number;
  limit: Limit | null;
  /** Missing, and nobody asked the vault for it. */
  notRequested: number;
  /** When the waiting ones can be expected: the first not before `from`, the last not after `to`; null if unknown. */
  readyAt: Expected | null;
}

export function emptyRestoreCompletedTally(): RestoreCompletedTally {
  const found = { here: 0, failed: 0, mismatches: 0, waiting: 0, notRequested: 0, left: 0 };
  return { ...found, restored: 0, restoredBytes: 0, limit: null, readyAt: null };
}

/**
 * Downloads every archive that is ready and whose file is not here; each is verified before it appears.
 * @throws Failure when it concerns the run
 */
export async function restoreCompleted(
  request: RestoreCompletedRequest,
  ports: RestoreCompletedPorts,
  tally: RestoreCompletedTally,
  halt: Halt,
): Promise<void> {
  await foresee(ports, halt);
  const budget = new Budget(null, request.limits);
  const lanes = byFileSize(request.files, ({ archive }: Ready) => archive.size);
  await forEachInLanes(readyArchives(ports, tally, halt), lanes, halt, ({ archive, ready }, halt) =>
    attempt(archive.path, tally, ports.report, async () => {
      if (!budget.take(archive.size)) return void tally.left++;
      await countingMismatches(tally, fetch(archive, ready, request, ports, halt));
      tally.restored++;
      tally.restoredBytes += archive.size;
    }),
  );
  tally.limit = budget.exceeded;
}

/** What would be fetched if it were ready, as 'planned' events. The vault is not asked. */
export async function planRestoreCompleted(
  ports: MissingPorts,
  tally: RestoreCompletedTally,
  halt: Halt,
): Promise<void> {
  for await (const { path, id } of missingArchives(ports, tally, halt)) {
    ports.report({ event: 'planned', do: 'download', path, archiveId: id });
    tally.notRequested++;
  }
}

interface Ready {
  readonly archive: Archive;
  readonly ready: ReadyRetrieval;
}

/** The missing archives that can be read now; of the others it tells where they stand. */
async function* readyArchives(
  ports: RestoreCompletedPorts,
  tally: RestoreCompletedTally,
  halt: Halt,
): AsyncGenerator<Ready> {
  const missing = missingArchives(ports, tally, halt);
  for await (const { archive, retrieval } of ports.vault.retrievals(missing, halt.now)) {
    switch (retrieval.state) {
      case 'ready':
        yield { archive, ready: retrieval };
        break;
      case 'running':
        tally.waiting++;
        tally.readyAt = spanOf(tally.readyAt, retrieval.expected);
        ports.report({
          event: 'waiting',
          path: archive.path,
          archiveId: archive.id,
          expected: retrieval.expected,
        });
        break;
      case 'none':
        tally.notRequested++;
        break;
      case 'failed':
        tally.failed++;
        reportUnforeseen(archive.path, retrievalFailed(archive, retrieval), ports.report);
        break;
    }
  }
}

function retrievalFailed(archive: Archive, { why }: Extract<Retrieval, { state: 'failed' }>): Failure {
  return new Failure('ARCHIVE_NOT_FOUND', `the retrieval of archive ${archive.id} failed: ${why}`, {
    hint: 'ask again with mtglacier restore; if the archive is gone from the vault, only an inventory tells',
  });
}

/** Counts what is ready, before any of it is fetched. */
async function foresee(ports: RestoreCompletedPorts, halt: Halt): Promise<void> {
  const silent = { ...ports, report: () => undefined };
  let files = 0;
  let bytes = 0;
  for await (const { archive } of readyArchives(silent, emptyRestoreCompletedTally(), halt)) {
    files++;
    bytes += archive.size;
  }
  ports.report({ event: 'ahead', files, bytes });
}
