// What a vault in memory is told at its making, and what it holds: archives, open uploads, retrievals and inventories.

import { type Clock, Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import type { HashEngine } from '../model/hash-engine.js';
import type { ArchiveId, JobId, UploadId } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import { READABLE_SECONDS, type Tier } from '../model/tier.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { Inventory, InventoryFormat } from './inventory-port.js';
import type { StoredArchive, UploadedPart } from './port.js';
import type { Retrieval, VaultNotifications } from './retrieving-port.js';

export interface MemorySettings {
  readonly clock: Clock;
  readonly delaysSeconds: Readonly<Record<Tier, number>>;
  readonly engine: HashEngine;
  readonly nextId: (kind: string) => string;
}

/** An archive that a memory vault holds. */
export interface MemoryArchive {
  readonly id: ArchiveId;
  readonly description: string;
  readonly bytes: Uint8Array;
  readonly treeHash: TreeHash;
  readonly createdAt: Instant;
}

export interface OpenUpload {
  readonly partSize: number;
  readonly description: string;
  readonly begunAt: Instant;
  /** By the start of their range. */
  readonly parts: Map<number, { part: UploadedPart; bytes: Uint8Array }>;
}

/** Something asked for, and when it can be read. */
export interface MemoryJob {
  readonly id: JobId;
  readonly requestedAt: Instant;
  readonly readyAt: Instant;
}

export interface RetrievalJob extends MemoryJob {
  readonly archive: MemoryArchive;
  readonly tier: Tier;
  /** null: all of it. */
  readonly range: ByteRange | null;
  /** Why it failed; null for one that succeeds. */
  readonly failure: string | null;
}

export interface InventoryJob extends MemoryJob {
  readonly format: InventoryFormat;
  readonly description: string;
  /** As they were when it was asked for. */
  readonly archives: readonly MemoryArchive[];
}

export interface VaultContents {
  readonly createdAt: Instant;
  readonly archives: Map<ArchiveId, MemoryArchive>;
  readonly uploads: Map<UploadId, OpenUpload>;
  readonly completed: Map<UploadId, StoredArchive>;
  readonly retrievals: Map<JobId, RetrievalJob>;
  readonly inventories: Map<JobId, InventoryJob>;
  notifications: VaultNotifications | null;
}

export function emptyContents(createdAt: Instant): VaultContents {
  return {
    createdAt,
    archives: new Map(),
    uploads: new Map(),
    completed: new Map(),
    retrievals: new Map(),
    inventories: new Map(),
    notifications: null,
  };
}

/** The parts by their range. */
export function partsInOrder(upload: OpenUpload): { part: UploadedPart; bytes: Uint8Array }[] {
  return [...upload.parts.values()].sort((a, b) => a.part.range.start - b.part.range.start);
}

/**
 * The parts as one.
 * @throws Failure VAULT_REFUSED when they leave a gap or are not `size` bytes
 */
export function joined(upload: OpenUpload, size: number): Uint8Array {
  const parts = partsInOrder(upload);
  let end = 0;
  for (const { part } of parts) {
    if (part.range.start !== end) throw new Failure('VAULT_REFUSED', `the parts leave a gap at ${end}`);
    ({ end } = part.range);
  }
  if (end !== size || size === 0) throw new Failure('VAULT_REFUSED', `the parts make ${end} bytes, not ${size}`);
  return Buffer.concat(parts.map(({ bytes }) => bytes));
}

/** Where the retrieval stands that the job makes. A job whose time is over is as if it had never been. */
export function retrievalOf(job: RetrievalJob, now: Instant): Retrieval {
  const { id: jobId, requestedAt, readyAt } = job;
  if (now < readyAt) return { state: 'running', jobId, requestedAt, expected: { from: readyAt, to: readyAt } };
  const readableUntil = readableUntilOf(job);
  if (now >= readableUntil) return { state: 'none' };
  if (job.failure !== null) return { state: 'failed', jobId, requestedAt, why: job.failure };
  const { start, end } = job.range ?? { start: 0, end: job.archive.bytes.length };
  return { state: 'ready', jobId, requestedAt, size: end - start, readableUntil };
}

/** Where the inventory stands that the job makes; null when its time is over. */
export function inventoryOf(job: InventoryJob, now: Instant): Inventory | null {
  const { id: jobId, requestedAt, readyAt, format } = job;
  if (now < readyAt) return { state: 'running', jobId, requestedAt, expected: { from: readyAt, to: readyAt } };
  const readableUntil = readableUntilOf(job);
  if (now >= readableUntil) return null;
  return { state: 'ready', jobId, requestedAt, readableUntil, size: null, format };
}

function readableUntilOf({ readyAt }: MemoryJob): Instant {
  return Instant.plusSeconds(readyAt, READABLE_SECONDS);
}
