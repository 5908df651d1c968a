// Asking for one archive to be made readable, at most once a day: what the vault or the journal knows of counts.

import type { Journal, ReadableJournal } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import type { Clock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import { printable } from '../model/rel-path.js';
import type { Halt } from '../transfer/concurrently.js';
import type { Expected, Retrieval, Retrieving, Tier } from '../vault/port.js';

/** A retrieval that cannot be read yet, or that there is none of. */
export type NotReady = Exclude<Retrieval, { state: 'ready' }>;

export interface AskingPorts {
  readonly vault: Pick<Retrieving, 'requestRetrieval'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
}

interface Asking {
  /** Whether it was asked for now. */
  readonly asked: boolean;
  readonly expected: Expected | null;
}

/** Whether nothing is left to ask for or to write down: a retrieval is under way, and the journal knows of it. */
export function isAskedFor(
  archive: Archive,
  known: NotReady,
  { journal: { live }, clock }: { readonly journal: ReadableJournal; readonly clock: Clock },
): boolean {
  if (known.state === 'failed') return false;
  const isRecorded =
    known.state === 'running' && live.activeRetrieval(archive.id, known.requestedAt)?.jobId === known.jobId;
  // The journal's word counts where the vault says nothing.
  return isRecorded || live.activeRetrieval(archive.id, clock.now()) !== null;
}

/**
 * Requests a retrieval unless one is under way. Of one that somebody else asked for, perhaps a run that died before it
 * could write so, the fact is written now.
 */
export async function askFor(
  archive: Archive,
  known: NotReady,
  tier: Tier,
  ports: AskingPorts,
  halt: Halt,
): Promise<Asking> {
  const { vault, journal, report } = ports;
  const { id: archiveId, path } = archive;
  if (isAskedFor(archive, known, ports)) return { asked: false, expected: expectedOf(known) };
  if (known.state === 'running') {
    await journal.append({ type: 'retrieve-job', at: known.requestedAt, archiveId, jobId: known.jobId });
    return { asked: false, expected: known.expected };
  }
  if (known.state === 'failed') report(failedBefore(archive, known.why));
  const { jobId, at, expected } = await vault.requestRetrieval(archiveId, tier, halt.now);
  await journal.append({ type: 'retrieve-job', at, archiveId, jobId });
  report({ event: 'requested', path, archiveId, jobId });
  return { asked: true, expected };
}

export function expectedOf(known: NotReady): Expected | null {
  return known.state === 'running' ? known.expected : null;
}

function failedBefore({ path }: Archive, why: string): Parameters<Report>[0] {
  const message = `an earlier retrieval of ${printable(path)} failed: ${why}`;
  return { event: 'notice', topic: 'retrieval-failed', message, hint: 'it is asked for again' };
}
