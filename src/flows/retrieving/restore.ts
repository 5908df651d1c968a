// The story of restore: ask the vault to make readable what is missing here, each archive once a day at most.

import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Expected, Retrieving, Tier } from '../../vault/retrieving-port.js';
import { Budget, untilExceeded } from '../budget.js';
import { attempt } from '../items.js';
import { type BegunRetrieval, isAskedFor, isNoted, noteBegun, requestAndNote } from './ask-for.js';
import { spanOf } from './expected.js';
import { type MissingPorts, type MissingTally, missingArchives } from './missing.js';

export interface RestoreRequest {
  readonly tier: Tier;
  readonly width: number;
  readonly maxFiles: number | null;
}

export interface RestorePorts extends MissingPorts {
  readonly vault: Pick<Retrieving, 'requestRetrieval' | 'retrievals'>;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Every path of the journal is in exactly one of the counts, or beyond the limit. */
export interface RestoreTally extends MissingTally {
  requested: number;
  requestedBytes: number;
  /** Asked for already, by this journal or by anybody. */
  underWay: number;
  limitReached: boolean;
  /** When what is under way can be expected: the first not before `from`, the last not after `to`; null if unknown. */
  readyAt: Expected | null;
}

export function emptyRestoreTally(): RestoreTally {
  return { here: 0, failed: 0, requested: 0, requestedBytes: 0, underWay: 0, limitReached: false, readyAt: null };
}

/**
 * Requests a retrieval of each archive whose file is not here, unless one is under way or readable.
 * @throws Failure when it concerns the run
 */
export async function restore(
  request: RestoreRequest,
  ports: RestorePorts,
  tally: RestoreTally,
  halt: Halt,
): Promise<void> {
  const budget = new Budget(request.maxFiles);
  const known = ports.vault.retrievals(missingArchives(ports, tally, halt), halt.now);
  await forEachConcurrently(untilExceeded(known, budget), request.width, halt, ({ archive, retrieval }) =>
    attempt(archive.path, tally, ports.report, async () => {
      if (retrieval.state === 'running' || retrieval.state === 'ready') {
        return countBegun(archive, retrieval, ports, tally);
      }
      if (isAskedFor(archive, retrieval, ports)) return void tally.underWay++;
      if (!budget.take()) return;
      const expected = await requestAndNote(archive, request.tier, ports, halt);
      tally.requested++;
      tally.requestedBytes += archive.size;
      tally.readyAt = spanOf(tally.readyAt, expected);
    }),
  );
  tally.limitReached = budget.exceeded !== null;
}

/** What a restore would ask for, as 'planned' events. The vault is not asked and nothing is written. */
export async function planRestore(
  request: RestoreRequest,
  ports: Omit<RestorePorts, 'vault' | 'journal'> & MissingPorts,
  tally: RestoreTally,
  halt: Halt,
): Promise<void> {
  const budget = new Budget(request.maxFiles);
  for await (const archive of unrequested(ports, tally, halt)) {
    if (!budget.take()) break;
    ports.report({ event: 'planned', do: 'retrieve', path: archive.path, archiveId: archive.id });
    tally.requested++;
    tally.requestedBytes += archive.size;
  }
  tally.limitReached = budget.exceeded !== null;
}

/** The missing archives that the journal knows no retrieval of the last 24 hours for. */
async function* unrequested(
  ports: MissingPorts & Pick<RestorePorts, 'clock'>,
  tally: RestoreTally,
  halt: Halt,
): AsyncGenerator<Archive> {
  for await (const archive of missingArchives(ports, tally, halt)) {
    if (isNoted(archive, ports)) tally.underWay++;
    else yield archive;
  }
}

async function countBegun(
  archive: Archive,
  known: BegunRetrieval,
  ports: RestorePorts,
  tally: RestoreTally,
): Promise<void> {
  tally.underWay++;
  if (known.state === 'running') tally.readyAt = spanOf(tally.readyAt, known.expected);
  await noteBegun(archive, known, ports);
}
