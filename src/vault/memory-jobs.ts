// Jobs of a vault in memory: retrievals and inventories.

import { Instant } from '../model/clock.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { JobId } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import type { Tier } from '../model/tier.js';
import { LEAF_SIZE, treeHashOf } from '../model/tree-hash.js';
import { betterRetrieval } from './best-retrieval.js';
import { inventoryItems } from './inventory-items.js';
import type { Inventorying } from './inventory-port.js';
import {
  inventoryOf,
  type MemoryJob,
  type MemorySettings,
  retrievalOf,
  type VaultContents,
} from './memory-contents.js';
import { inventoryText, vaultJobs } from './memory-listings.js';
import type { Expected, JobListing, Notifying, Retrieving } from './retrieving-port.js';
import { isTreeAligned } from './tree-aligned.js';

/** Lets a retrieval that is under way end badly, as one may at any service. */
export interface Failing {
  failRetrieval(id: JobId, why: string): void;
}

/** `contents` throws VAULT_NOT_FOUND while the vault does not exist. */
export function memoryRetrieving(contents: () => VaultContents, settings: MemorySettings): Retrieving & Failing {
  const { clock, engine } = settings;
  return {
    failRetrieval(id, failure) {
      const { retrievals } = contents();
      const job = retrievals.get(id);
      if (job === undefined) throw gone('retrieval', id);
      retrievals.set(id, { ...job, failure, readyAt: clock.now() });
    },

    async requestRetrieval(archiveId, { tier, range: wanted }, signal) {
      throwIfInterrupted(signal);
      const { archives, retrievals } = contents();
      const archive = archives.get(archiveId);
      if (archive === undefined) throw new Failure('ARCHIVE_NOT_FOUND', `archive ${archiveId} is not in the vault`);
      const { length } = archive.bytes;
      if (wanted !== null && !isWithin(wanted, length)) throw refused(`no such range: ${wanted.start}`);
      const range = wanted?.start === 0 && wanted.end === length ? null : wanted;
      const asked = newJob(settings, tier);
      retrievals.set(asked.id, { ...asked, archive, tier, range, failure: null });
      return requested(asked);
    },

    async *retrievals(wanted, signal) {
      for await (const archive of wanted) {
        throwIfInterrupted(signal);
        const jobs = [...contents().retrievals.values()].filter(
          (job) => job.archive.id === archive.id && job.range === null,
        );
        const retrieval = jobs.map((job) => retrievalOf(job, clock.now())).reduce(betterRetrieval, { state: 'none' });
        yield { archive, retrieval };
      }
    },

    async read(ready, range, signal) {
      throwIfInterrupted(signal);
      const job = contents().retrievals.get(ready.jobId);
      const { state } = job === undefined ? { state: 'none' } : retrievalOf(job, clock.now());
      if (job === undefined || state === 'none') throw gone('retrieval', ready.jobId);
      if (state !== 'ready') throw refused(`retrieval ${ready.jobId} is not ready`);
      const { bytes } = job.archive;
      const whole = job.range ?? { start: 0, end: bytes.length };
      const wanted = { start: whole.start + range.start, end: whole.start + range.end };
      if (wanted.start >= wanted.end || wanted.end > whole.end) throw refused(`no such range: ${range.start}`);
      const piece = bytes.slice(wanted.start, wanted.end);
      const isAligned = isTreeAligned(whole, bytes.length) && isTreeAligned(wanted, bytes.length);
      return { treeHash: isAligned ? treeHashOf(piece, engine) : null, body: inPieces(piece) };
    },
  };
}

/** `contents` as for `memoryRetrieving`. */
export function memoryNotifying(contents: () => VaultContents): Notifying {
  return {
    async notifications(signal) {
      throwIfInterrupted(signal);
      return contents().notifications;
    },

    async notify(notifications, signal) {
      throwIfInterrupted(signal);
      contents().notifications = notifications;
    },

    async stopNotifying(signal) {
      throwIfInterrupted(signal);
      contents().notifications = null;
    },
  };
}

/** An inventory takes as long as a Standard retrieval. `contents` as for `memoryRetrieving`. */
export function memoryInventorying(contents: () => VaultContents, settings: MemorySettings): Inventorying & JobListing {
  const { clock } = settings;
  return {
    async requestInventory(format, description, signal) {
      throwIfInterrupted(signal);
      const { archives, inventories } = contents();
      const asked = newJob(settings, 'Standard');
      inventories.set(asked.id, { ...asked, format, description, archives: [...archives.values()] });
      return requested(asked);
    },

    async inventories(signal) {
      throwIfInterrupted(signal);
      const now = clock.now();
      return [...contents().inventories.values()].flatMap((job) => inventoryOf(job, now) ?? []).reverse();
    },

    async inventoryOutput(ready, from, signal) {
      throwIfInterrupted(signal);
      const job = contents().inventories.get(ready.jobId);
      const inventory = job === undefined ? null : inventoryOf(job, clock.now());
      if (job === undefined || inventory === null) throw gone('inventory', ready.jobId);
      if (inventory.state !== 'ready') throw refused(`inventory ${ready.jobId} is not ready`);
      const bytes = Buffer.from(inventoryText(job));
      const body = inPieces(bytes.subarray(from));
      return { format: job.format, start: from, size: bytes.length, treeHash: null, body };
    },

    readInventory(ready, signal) {
      return inventoryItems(this, ready, signal);
    },

    async *jobs(signal) {
      throwIfInterrupted(signal);
      yield* vaultJobs(contents(), clock.now());
    },

    async job(id, signal) {
      throwIfInterrupted(signal);
      for (const job of vaultJobs(contents(), clock.now())) if (job.jobId === id) return job;
      return null;
    },
  };
}

function newJob({ clock, delaysSeconds, nextId }: MemorySettings, tier: Tier): MemoryJob {
  const requestedAt = clock.now();
  const readyAt = Instant.plusSeconds(requestedAt, delaysSeconds[tier]);
  return { id: JobId.parse(nextId('job')), requestedAt, readyAt };
}

function requested({ id, requestedAt, readyAt }: MemoryJob): { jobId: JobId; at: Instant; expected: Expected } {
  return { jobId: id, at: requestedAt, expected: { from: readyAt, to: readyAt } };
}

/** Whole MiB, the last one perhaps shorter. */
function isWithin({ start, end }: ByteRange, size: number): boolean {
  return start % LEAF_SIZE === 0 && start < end && (end === size || (end < size && end % LEAF_SIZE === 0));
}

/** A few pieces rather than one, so that readers do not come to rely on one. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

function gone(what: string, job: JobId): Failure {
  return new Failure('JOB_NOT_FOUND', `${what} ${job} cannot be read any more`, { hint: 'ask for it again' });
}

function refused(message: string): Failure {
  return new Failure('VAULT_REFUSED', message);
}
