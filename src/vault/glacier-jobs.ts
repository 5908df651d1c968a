// What a Glacier job says of a retrieval.

import type { GlacierJobDescription } from '@aws-sdk/client-glacier';
import { Instant } from '../model/clock.js';
import { JobId } from '../model/identifiers.js';
import type { Expected, Retrieval } from './port.js';

/** Seconds from request to readiness. Source: Glacier developer guide, "Archive Retrieval Options". */
const DOCUMENTED: Readonly<Record<string, readonly [from: number, to: number]>> = {
  Expedited: [60, 300],
  Standard: [3 * 3600, 5 * 3600],
  Bulk: [5 * 3600, 12 * 3600],
};

/** Source: Glacier developer guide: the output of a job can be read for at least 24 hours. */
const READABLE_SECONDS = 24 * 3600;

/**
 * null when the job does not retrieve a whole archive, or its output has outlived what Glacier promises.
 * @param delays `Expedited=1000;Standard=5000;Bulk=10000`: exact times in milliseconds, where a server tells them
 */
export function retrievalOf(job: GlacierJobDescription, delays: string | null, now: Instant): Retrieval | null {
  const size = job.ArchiveSizeInBytes;
  if (job.Action !== 'ArchiveRetrieval' || job.JobId === undefined || size === undefined) return null;
  if (job.RetrievalByteRange !== undefined && job.RetrievalByteRange !== `0-${size - 1}`) return null;
  const jobId = JobId.parse(job.JobId);
  const requestedMs = Date.parse(job.CreationDate ?? '');
  const requestedAt = Number.isNaN(requestedMs) ? now : Instant.ofMs(requestedMs);
  if (job.StatusCode === 'Failed') return { state: 'failed', jobId, why: job.StatusMessage ?? 'no reason given' };
  if (job.StatusCode !== 'Succeeded') {
    return { state: 'running', jobId, requestedAt, expected: expectedOf(job.Tier, requestedMs, delays) };
  }
  const readableUntil = readableUntilOf(job.CompletionDate);
  if (readableUntil !== null && now >= readableUntil) return null;
  return { state: 'ready', jobId, requestedAt, size, readableUntil };
}

function readableUntilOf(completed: string | undefined): Instant | null {
  const ms = Date.parse(completed ?? '');
  return Number.isNaN(ms) ? null : Instant.plusSeconds(Instant.ofMs(ms), READABLE_SECONDS);
}

/** @param delays as `retrievalOf` takes them */
export function expectedOf(tier = 'Standard', requestedMs: number, delays: string | null): Expected | null {
  if (Number.isNaN(requestedMs)) return null;
  const exactMs = new RegExp(`(?:^|;)\\s*${tier}=(\\d+)`).exec(delays ?? '')?.[1];
  if (exactMs !== undefined) {
    const at = secondAfter(requestedMs + Number(exactMs));
    return { from: at, to: at };
  }
  const documented = DOCUMENTED[tier];
  if (documented === undefined) return null;
  return { from: secondAfter(requestedMs + documented[0] * 1000), to: secondAfter(requestedMs + documented[1] * 1000) };
}

/** The first whole second that is not before: "ready at" must not be too early. */
function secondAfter(ms: number): Instant {
  return Instant.ofMs(ms + 999);
}
