// Requests for jobs: tried again, and yet not made twice.

import { Instant } from '../model/clock.js';
import { asFailure, type Failure, isUnanswered } from '../model/failure.js';
import type { ArchiveId } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import type { Inventory, InventoryFormat, Inventorying, RequestedInventory } from './inventory-port.js';
import { type Patience, patiently } from './patience.js';
import type { JobListing, RequestedRetrieval, Retrieval, RetrievalTerms, Retrieving } from './retrieving-port.js';

/** Asking twice costs twice. */
export function requestRetrieval(
  vault: Retrieving & JobListing,
  patience: Patience,
  archive: ArchiveId,
  terms: RetrievalTerms,
  signal: AbortSignal,
): Promise<RequestedRetrieval> {
  return once(
    'request retrieval',
    patience,
    signal,
    () => vault.requestRetrieval(archive, terms, signal),
    (since) => retrievalSince(since, vault, archive, terms, signal),
  );
}

/** Asking twice costs nothing, and leaves a job that nobody reads. */
export function requestInventory(
  vault: Inventorying,
  patience: Patience,
  format: InventoryFormat,
  description: string,
  signal: AbortSignal,
): Promise<RequestedInventory> {
  return once(
    'request inventory',
    patience,
    signal,
    () => vault.requestInventory(format, description, signal),
    async (since) => {
      const heard = (await vault.inventories(signal)).flatMap((inventory) => requestedSince(since, inventory) ?? []);
      return heard[0] ?? null;
    },
  );
}

/** A server that throttles has refused before it did anything; one that broke off or broke down may have done all. */
export function endedWithoutAnswer({ code }: Failure): boolean {
  return isUnanswered(code) && code !== 'INTERRUPTED';
}

/** After an attempt without an answer it is first looked up whether that was heard. */
async function once<Requested>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  ask: () => Promise<Requested>,
  heardSince: (since: Instant) => Promise<Requested | null>,
): Promise<Requested> {
  const since = Instant.plusSeconds(patience.clock.now(), -CLOCKS_DIFFER_SECONDS);
  let unanswered = false;
  return patiently(request, patience, signal, async () => {
    const heard = unanswered ? await heardSince(since) : null;
    if (heard !== null) return heard;
    try {
      return await ask();
    } catch (thrown) {
      unanswered ||= endedWithoutAnswer(asFailure(thrown));
      throw thrown;
    }
  });
}

/** As much as Glacier lets the clocks of clients differ from its own. */
const CLOCKS_DIFFER_SECONDS = 300;

async function retrievalSince(
  since: Instant,
  vault: Retrieving & JobListing,
  id: ArchiveId,
  { range }: RetrievalTerms,
  signal: AbortSignal,
): Promise<RequestedRetrieval | null> {
  if (range !== null) return rangeRequestedSince(since, vault, id, range, signal);
  for await (const { retrieval } of vault.retrievals([{ id }], signal)) {
    const found = requestedSince(since, retrieval);
    if (found !== null) return found;
  }
  return null;
}

async function rangeRequestedSince(
  since: Instant,
  vault: JobListing,
  id: ArchiveId,
  range: ByteRange,
  signal: AbortSignal,
): Promise<RequestedRetrieval | null> {
  for await (const job of vault.jobs(signal)) {
    // A range that holds all of an archive is listed as the whole.
    const { start, end } = job.range ?? { start: 0, end: job.size };
    const isIt = job.archiveId === id && start === range.start && end === range.end;
    const { requestedAt: at, progress } = job;
    if (!isIt || at === null || at < since || progress.state === 'failed') continue;
    return { jobId: job.jobId, at, expected: progress.state === 'running' ? progress.expected : null };
  }
  return null;
}

function requestedSince(since: Instant, job: Retrieval | Inventory): RequestedRetrieval | null {
  if ((job.state !== 'running' && job.state !== 'ready') || job.requestedAt < since) return null;
  return { jobId: job.jobId, at: job.requestedAt, expected: job.state === 'running' ? job.expected : null };
}
