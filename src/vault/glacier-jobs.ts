// What a Glacier job says of a retrieval or an inventory.

import type { GlacierJobDescription } from '@aws-sdk/client-glacier';
import { Instant } from '../model/clock.js';
import { ArchiveId, JobId } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import { READABLE_SECONDS, READY_AFTER, TIERS } from '../model/tier.js';
import type { Inventory } from './inventory-port.js';
import type { Expected, Retrieval, VaultJob } from './retrieving-port.js';

/**
 * Seconds from request to readiness; of inventories the Glacier developer guide
 * says that most take about four hours.
 */
const DOCUMENTED: Readonly<Record<string, readonly [from: number, to: number]>> = {
  ...READY_AFTER,
  Inventory: [3 * 3600, 5 * 3600],
};

/**
 * null when the job does not retrieve a whole archive, or its output has outlived what Glacier promises.
 * @param delays `Expedited=1000;Standard=5000;Bulk=10000;Inventory=5000`: exact times in milliseconds, where a server
 * tells them
 */
export function retrievalOf(job: GlacierJobDescription, delays: string | null, now: Instant): Retrieval | null {
  const size = job.ArchiveSizeInBytes;
  if (job.Action !== 'ArchiveRetrieval' || job.JobId === undefined || size === undefined) return null;
  if (job.RetrievalByteRange !== undefined && job.RetrievalByteRange !== `0-${size - 1}`) return null;
  const jobId = JobId.parse(job.JobId);
  const requestedAt = requestedAtOf(job) ?? now;
  const progress = progressOf(job, delays, now);
  switch (progress?.state) {
    case undefined:
      return null;
    case 'failed':
      return { state: 'failed', jobId, requestedAt, why: progress.why };
    case 'running':
      return { state: 'running', jobId, requestedAt, expected: progress.expected };
    case 'ready':
      return { state: 'ready', jobId, requestedAt, size, readableUntil: progress.readableUntil };
  }
}

/**
 * null when the job does not make an inventory of the whole vault, or its output has outlived what Glacier promises.
 * @param delays as `retrievalOf` takes them
 */
export function inventoryOf(job: GlacierJobDescription, delays: string | null, now: Instant): Inventory | null {
  if (job.Action !== 'InventoryRetrieval' || job.JobId === undefined || isOfAPart(job)) return null;
  const common = { jobId: JobId.parse(job.JobId), requestedAt: requestedAtOf(job) ?? now };
  const progress = progressOf(job, delays, now);
  switch (progress?.state) {
    case undefined:
      return null;
    case 'failed':
    case 'running':
      return { ...common, ...progress };
    case 'ready': {
      const format = job.InventoryRetrievalParameters?.Format;
      return {
        ...common,
        state: 'ready',
        readableUntil: progress.readableUntil,
        size: job.InventorySizeInBytes ?? null,
        format: format === 'JSON' || format === 'CSV' ? format : null,
      };
    }
  }
}

/**
 * null when the job's output has outlived what Glacier promises.
 * @param delays as `retrievalOf` takes them
 */
export function vaultJobOf(job: GlacierJobDescription, delays: string | null, now: Instant): VaultJob | null {
  const progress = progressOf(job, delays, now);
  if (progress === null) return null;
  return {
    jobId: JobId.parse(job.JobId ?? ''),
    kind: KINDS[job.Action ?? ''] ?? 'other',
    requestedAt: requestedAtOf(job),
    description: job.JobDescription ?? '',
    size: job.ArchiveSizeInBytes ?? job.InventorySizeInBytes ?? null,
    archiveId: job.ArchiveId === undefined ? null : ArchiveId.parse(job.ArchiveId),
    range: rangeOf(job),
    tier: TIERS.find((tier) => tier === job.Tier) ?? null,
    progress,
  };
}

const KINDS: Readonly<Record<string, VaultJob['kind']>> = {
  ArchiveRetrieval: 'archive',
  InventoryRetrieval: 'inventory',
};

/** An inventory of some dates, or a page of one. */
function isOfAPart({ InventoryRetrievalParameters: parameters }: GlacierJobDescription): boolean {
  const { StartDate, EndDate, Limit, Marker } = parameters ?? {};
  return [StartDate, EndDate, Limit, Marker].some((value) => value !== undefined && value !== '');
}

/** `0-1048575`: the end is included. null for all of the archive. */
function rangeOf({ RetrievalByteRange: text, ArchiveSizeInBytes: size }: GlacierJobDescription): ByteRange | null {
  const found = /^(\d+)-(\d+)$/.exec(text ?? '');
  if (found === null) return null;
  const range = { start: Number(found[1]), end: Number(found[2]) + 1 };
  return range.start === 0 && range.end === size ? null : range;
}

/** null when what it made has outlived what Glacier promises. */
function progressOf(job: GlacierJobDescription, delays: string | null, now: Instant): VaultJob['progress'] | null {
  if (job.StatusCode === 'Failed') return { state: 'failed', why: job.StatusMessage ?? 'no reason given' };
  if (job.StatusCode !== 'Succeeded') {
    const speed = job.Action === 'InventoryRetrieval' ? 'Inventory' : job.Tier;
    return { state: 'running', expected: expectedOf(speed, Date.parse(job.CreationDate ?? ''), delays) };
  }
  const completedAt = instantOf(job.CompletionDate);
  const readableUntil = completedAt === null ? null : Instant.plusSeconds(completedAt, READABLE_SECONDS);
  return readableUntil !== null && now >= readableUntil ? null : { state: 'ready', completedAt, readableUntil };
}

function requestedAtOf(job: GlacierJobDescription): Instant | null {
  return instantOf(job.CreationDate);
}

function instantOf(date: string | undefined): Instant | null {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? null : Instant.ofMs(ms);
}

/**
 * @param speed a tier, or `Inventory`
 * @param delays as `retrievalOf` takes them
 */
export function expectedOf(speed = 'Standard', requestedMs: number, delays: string | null): Expected | null {
  if (Number.isNaN(requestedMs)) return null;
  const exactMs = new RegExp(`(?:^|;)\\s*${speed}=(\\d+)`).exec(delays ?? '')?.[1];
  if (exactMs !== undefined) {
    const at = secondAfter(requestedMs + Number(exactMs));
    return { from: at, to: at };
  }
  const documented = DOCUMENTED[speed];
  if (documented === undefined) return null;
  return { from: secondAfter(requestedMs + documented[0] * 1000), to: secondAfter(requestedMs + documented[1] * 1000) };
}

/** The first whole second that is not before: "ready at" must not be too early. */
function secondAfter(ms: number): Instant {
  return Instant.ofMs(ms + 999);
}
