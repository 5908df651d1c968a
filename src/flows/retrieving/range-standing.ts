// Where the retrievals stand that ranges of an archive can be read from, whoever asked for them.

import type { Archive } from '../../model/archive.js';
import type { Clock, Instant } from '../../model/clock.js';
import { Failure } from '../../model/failure.js';
import type { ByteRange } from '../../model/parts.js';
import type { Halt } from '../../transfer/concurrently.js';
import { betterRetrieval } from '../../vault/best-retrieval.js';
import type { JobListing, ReadyRetrieval, Retrieval, VaultJob } from '../../vault/retrieving-port.js';
import { isTreeAligned } from '../../vault/tree-aligned.js';
import type { NotReady } from './ask-for.js';

/** A subtree of the archive, and the retrieval that serves it best. */
export type RangeStanding = ReadyRange | PendingRange;

export interface ReadyRange {
  readonly subtree: ByteRange;
  readonly retrieval: ReadyRetrieval;
  /** The bytes of the archive that can be read, this range among them: offsets in the retrieval begin there. */
  readonly held: ByteRange;
}

export interface PendingRange {
  readonly subtree: ByteRange;
  readonly retrieval: NotReady;
}

export interface StandingPorts {
  readonly vault: Pick<JobListing, 'jobs'>;
  readonly clock: Clock;
}

/**
 * In the order of the subtrees. A retrieval of more serves too, that of all as well; but only one whose own range is a
 * subtree: of others the vault tells no hashes. The jobs are listed, which costs nothing.
 * @throws Failure HASH_MISMATCH when the vault's archive has another length than the journal's
 */
export async function rangeStandings(
  archive: Archive,
  subtrees: readonly ByteRange[],
  { vault, clock }: StandingPorts,
  halt: Halt,
): Promise<readonly RangeStanding[]> {
  const best: RangeStanding[] = subtrees.map((subtree) => ({ subtree, retrieval: { state: 'none' } }));
  for await (const job of vault.jobs(halt.now)) {
    if (job.kind !== 'archive' || job.archiveId !== archive.id) continue;
    const held = heldBy(job, archive);
    if (!isTreeAligned(held, archive.size)) continue;
    for (const [i, known] of best.entries()) {
      if (isWithin(known.subtree, held)) best[i] = better(known, standingOf(known.subtree, job, held, clock.now()));
    }
  }
  return best;
}

function heldBy({ size, range }: VaultJob, archive: Archive): ByteRange {
  if (size !== null && size !== archive.size) {
    throw new Failure('HASH_MISMATCH', `the vault has ${size} bytes for this file, the journal ${archive.size}`);
  }
  return range ?? { start: 0, end: archive.size };
}

function isWithin(inner: ByteRange, outer: ByteRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function better(known: RangeStanding, found: RangeStanding): RangeStanding {
  const best: Retrieval = betterRetrieval(known.retrieval, found.retrieval);
  return best === known.retrieval ? known : found;
}

function standingOf(subtree: ByteRange, job: VaultJob, held: ByteRange, now: Instant): RangeStanding {
  const { jobId, progress, requestedAt: told } = job;
  const requestedAt = told ?? now;
  switch (progress.state) {
    case 'failed':
      return { subtree, retrieval: { state: 'failed', jobId, requestedAt, why: progress.why } };
    case 'running':
      return { subtree, retrieval: { state: 'running', jobId, requestedAt, expected: progress.expected } };
    case 'ready': {
      const { readableUntil } = progress;
      const size = held.end - held.start;
      return { subtree, held, retrieval: { state: 'ready', jobId, requestedAt, size, readableUntil } };
    }
  }
}

export function isReadyRange(standing: RangeStanding): standing is ReadyRange {
  return 'held' in standing;
}
