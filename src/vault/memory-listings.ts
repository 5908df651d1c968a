// What a vault in memory tells of its jobs, and what its inventories list.

import type { Instant } from '../model/clock.js';
import type { Inventory } from './inventory-port.js';
import {
  type InventoryJob,
  inventoryOf,
  type RetrievalJob,
  retrievalOf,
  type VaultContents,
} from './memory-contents.js';
import type { Retrieval, VaultJob } from './retrieving-port.js';

/** The jobs whose time is not over. */
export function* vaultJobs({ retrievals, inventories }: VaultContents, now: Instant): Generator<VaultJob> {
  for (const job of retrievals.values()) {
    const progress = progressOf(retrievalOf(job, now), job.readyAt);
    if (progress !== null) yield { ...ofArchive(job), progress };
  }
  for (const job of inventories.values()) {
    const progress = progressOf(inventoryOf(job, now) ?? { state: 'none' }, job.readyAt);
    if (progress !== null) yield { ...ofInventory(job), progress };
  }
}

/** Every archive, in the order of storing; in JSON also when the inventory was taken. */
export function inventoryText({ format, requestedAt, archives }: InventoryJob): string {
  const rows = archives.map(({ id, description, createdAt, bytes, treeHash }) => ({
    ArchiveId: id,
    ArchiveDescription: description,
    CreationDate: timeOf(createdAt),
    Size: bytes.length,
    SHA256TreeHash: treeHash,
  }));
  if (format === 'JSON') return JSON.stringify({ InventoryDate: timeOf(requestedAt), ArchiveList: rows });
  const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
  const lines = rows.map((row) => Object.values({ ...row, ArchiveDescription: quoted(row.ArchiveDescription) }).join());
  return ['ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash', ...lines, ''].join('\n');
}

function timeOf(at: Instant): string {
  return new Date(at * 1000).toISOString();
}

function ofArchive({ id, requestedAt, archive, tier, range }: RetrievalJob): Omit<VaultJob, 'progress'> {
  const size = archive.bytes.length;
  return {
    jobId: id,
    kind: 'archive',
    requestedAt,
    description: '',
    archiveId: archive.id,
    size,
    range,
    tier,
  };
}

function ofInventory({ id, requestedAt, description }: InventoryJob): Omit<VaultJob, 'progress'> {
  return {
    jobId: id,
    kind: 'inventory',
    requestedAt,
    description,
    archiveId: null,
    size: null,
    range: null,
    tier: null,
  };
}

function progressOf(standing: Retrieval | Inventory, completedAt: Instant): VaultJob['progress'] | null {
  switch (standing.state) {
    case 'none':
      return null;
    case 'running':
      return { state: 'running', expected: standing.expected };
    case 'failed':
      return { state: 'failed', why: standing.why };
    case 'ready':
      return { state: 'ready', completedAt, readableUntil: standing.readableUntil };
  }
}
