// Asking for one archive to be made readable, at most once a day: what the vault or the journal knows of counts.

import type { Journal, KnownRetrieval, ReadableJournal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { printable } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Expected, FailedRetrieval, Retrieval, RetrievalTerms, Retrieving } from '../../vault/retrieving-port.js';

/** A retrieval that cannot be read yet, or that there is none of. */
export type NotReady = Exclude<Retrieval, { state: 'ready' }>;

/** How all of an archive is asked for. */
export type WholeTerms = Omit<RetrievalTerms, 'range'>;

export interface AskingPorts {
  readonly vault: Pick<Retrieving, 'requestRetrieval'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
}

export interface Asking {
  /** Whether it was asked for now. */
  readonly asked: boolean;
  readonly expected: Expected | null;
}

/** A retrieval that somebody asked for, and that the vault has begun. */
export type BegunRetrieval = Extract<Retrieval, { state: 'running' | 'ready' }>;

interface NotedPorts {
  readonly journal: ReadableJournal;
  readonly clock: Clock;
}

/** What the journal says was asked for in the last 24 hours and, where a retrieval has failed, after that one. */
export function notedRetrieval(
  { id }: Archive,
  failed: FailedRetrieval | null,
  { journal: { live }, clock }: NotedPorts,
): KnownRetrieval | null {
  const newest = live.activeRetrieval(id, clock.now());
  if (newest === null || failed === null) return newest;
  const isAnother = newest.jobId !== null && newest.jobId !== failed.jobId;
  return isAnother && newest.at >= failed.requestedAt ? newest : null;
}

/** Whether the journal says that the archive was asked for in the last 24 hours. */
export function isNoted(archive: Archive, ports: NotedPorts): boolean {
  return notedRetrieval(archive, null, ports) !== null;
}

/** Whether nothing is left to ask for or to write down: a retrieval is under way, and the journal knows of it. */
export function isAskedFor(archive: Archive, known: NotReady, ports: NotedPorts): boolean {
  switch (known.state) {
    case 'running':
      return isKnown(archive, known, ports);
    // The journal's word counts where the vault says nothing, or nothing newer.
    case 'failed':
      return notedRetrieval(archive, known, ports) !== null;
    case 'none':
      return isNoted(archive, ports);
  }
}

function isKnown(archive: Archive, { jobId, requestedAt }: BegunRetrieval, ports: NotedPorts): boolean {
  const { live } = ports.journal;
  return live.activeRetrieval(archive.id, requestedAt)?.jobId === jobId || isNoted(archive, ports);
}

/** Requests a retrieval unless one is under way. */
export async function askFor(
  archive: Archive,
  known: NotReady,
  terms: WholeTerms,
  ports: AskingPorts,
  halt: Halt,
): Promise<Asking> {
  if (isAskedFor(archive, known, ports)) return { asked: false, expected: expectedOf(known) };
  if (known.state === 'running') {
    await noteBegun(archive, known, ports);
    return { asked: false, expected: known.expected };
  }
  if (known.state === 'failed') ports.report(failedBefore(archive, known.why));
  return { asked: true, expected: await requestAndNote(archive, terms, ports, halt) };
}

/** Asks, and writes it down. Gives when the archive can be expected. */
async function requestAndNote(
  { id: archiveId, path }: Archive,
  { tier, topic }: WholeTerms,
  { vault, journal, report }: AskingPorts,
  halt: Halt,
): Promise<Expected | null> {
  const { jobId, at, expected } = await vault.requestRetrieval(archiveId, { tier, topic, range: null }, halt.now);
  await journal.append({ type: 'retrieve-job', at, archiveId, jobId });
  report({ event: 'requested', path, archiveId, jobId });
  return expected;
}

/** Writes down, once, what somebody asked for, perhaps a run that died before it could write so. */
export async function noteBegun(
  archive: Archive,
  known: BegunRetrieval,
  ports: Pick<AskingPorts, 'journal' | 'clock'>,
): Promise<void> {
  if (isKnown(archive, known, ports)) return;
  const { jobId, requestedAt: at } = known;
  await ports.journal.append({ type: 'retrieve-job', at, archiveId: archive.id, jobId });
}

/** When it can be read, as far as the vault tells. */
export function expectedOf(known: NotReady): Expected | null {
  return known.state === 'running' ? known.expected : null;
}

export function failedBefore({ path }: Archive, why: string): Parameters<Report>[0] {
  const message = `an earlier retrieval of ${printable(path)} failed: ${why}`;
  return { event: 'notice', topic: 'retrieval-failed', message, hint: 'it is asked for again' };
}
