import type { GlacierJobDescription } from '@aws-sdk/client-glacier';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { inventoryOf, retrievalOf, vaultJobOf } from '../../src/vault/glacier-jobs.js';

const CREATED = Date.parse('2026-11-20T10:00:00.500Z');
const NOW = Instant.ofMs(CREATED + 60_000);
const at = (seconds: number): Instant => Instant.ofMs(CREATED + 500 + seconds * 1000);
const JOB: GlacierJobDescription = {
  JobId: 'j',
  Action: 'ArchiveRetrieval',
  ArchiveId: 'a',
  ArchiveSizeInBytes: 100,
  CreationDate: '2026-11-20T10:00:00.500Z',
  StatusCode: 'InProgress',
  Tier: 'Standard',
  RetrievalByteRange: '0-99',
};

const INVENTORY: GlacierJobDescription = {
  JobId: 'j',
  Action: 'InventoryRetrieval',
  CreationDate: '2026-11-20T10:00:00.500Z',
  StatusCode: 'Succeeded',
  CompletionDate: '2026-11-20T10:00:30Z',
  InventorySizeInBytes: 1234,
};

describe('jobs', () => {
  it.each([
    ['Expedited', 60, 300],
    ['Standard', 3 * 3600, 5 * 3600],
    ['Bulk', 5 * 3600, 12 * 3600],
  ])('jobs: %s is expected within the documented times', (Tier, from, to) => {
    const requestedAt = Instant.ofMs(CREATED);
    const expected = { from: at(from), to: at(to) };
    expect(retrievalOf({ ...JOB, Tier }, null, NOW)).toEqual({ state: 'running', jobId: 'j', requestedAt, expected });
  });

  it('jobs: a server that tells its delays is believed, and a job is not expected before it is ready', () => {
    const told = 'Expedited=1000;Standard=5501;Bulk=10000';
    const retrieval = retrievalOf(JOB, told, NOW);
    expect(retrieval).toMatchObject({ expected: { from: at(6), to: at(6) } });
    const unknown = retrievalOf({ ...JOB, Tier: 'Overnight' }, told, NOW);
    expect(unknown).toMatchObject({ state: 'running', expected: null });
  });

  it('jobs: one that does not say when it was asked for counts from now', () => {
    const { CreationDate: _, ...undated } = JOB;
    expect(retrievalOf(undated, null, NOW)).toMatchObject({ state: 'running', requestedAt: NOW, expected: null });
  });

  it('jobs: a finished one is readable for a day, and then not', () => {
    const job: GlacierJobDescription = { ...JOB, StatusCode: 'Succeeded', CompletionDate: '2026-11-20T14:00:00Z' };
    const readableUntil = Instant.ofMs(Date.parse('2026-11-21T14:00:00Z'));
    expect(retrievalOf(job, null, NOW)).toMatchObject({ state: 'ready', jobId: 'j', size: 100, readableUntil });
    expect(retrievalOf(job, null, Instant.plusSeconds(readableUntil, -1))).toMatchObject({ state: 'ready' });
    expect(retrievalOf(job, null, readableUntil)).toBe(null);
  });

  it('jobs: a failed one says why', () => {
    const job: GlacierJobDescription = { ...JOB, StatusCode: 'Failed', StatusMessage: 'archive is gone' };
    expect(retrievalOf(job, null, NOW)).toEqual({
      state: 'failed',
      jobId: 'j',
      requestedAt: Instant.ofMs(CREATED),
      why: 'archive is gone',
    });
  });

  it('jobs: an inventory, and a retrieval of a piece, are no retrieval of an archive', () => {
    const { ArchiveSizeInBytes: _, ...inventory } = { ...JOB, Action: 'InventoryRetrieval' as const };
    expect(retrievalOf(inventory, null, NOW)).toBe(null);
    expect(retrievalOf({ ...JOB, RetrievalByteRange: '0-49' }, null, NOW)).toBe(null);
    expect(retrievalOf({ ...JOB, RetrievalByteRange: undefined }, null, NOW)).toMatchObject({ state: 'running' });
  });

  it('jobs: an inventory of dates or of a page is none of the whole vault', () => {
    const whole = { EndDate: undefined, Format: 'CSV', Limit: undefined, Marker: undefined, StartDate: undefined };
    const job = { ...INVENTORY, InventoryRetrievalParameters: whole as never };
    expect(inventoryOf(job, null, NOW)).toMatchObject({ state: 'ready', format: 'CSV', size: 1234 });
    expect(inventoryOf(INVENTORY, null, NOW)).toMatchObject({ state: 'ready', format: null });
    for (const part of [{ StartDate: '2026' }, { EndDate: '2026' }, { Limit: '5' }, { Marker: 'm' }]) {
      const InventoryRetrievalParameters = { ...whole, ...part } as never;
      expect(inventoryOf({ ...INVENTORY, InventoryRetrievalParameters }, null, NOW)).toBe(null);
    }
    expect(inventoryOf(JOB, null, NOW)).toBe(null);
  });

  it('jobs: an inventory is expected within the documented times, or as the server tells', () => {
    const job: GlacierJobDescription = { ...INVENTORY, StatusCode: 'InProgress' };
    const requestedAt = Instant.ofMs(CREATED);
    const expected = { from: at(3 * 3600), to: at(5 * 3600) };
    expect(inventoryOf(job, null, NOW)).toEqual({ state: 'running', jobId: 'j', requestedAt, expected });
    expect(inventoryOf(job, 'Bulk=1;Inventory=5000', NOW)).toMatchObject({ expected: { from: at(5), to: at(5) } });
  });

  it('jobs: an inventory that failed says why', () => {
    const failed = { ...INVENTORY, StatusCode: 'Failed', StatusMessage: 'no' } as const;
    expect(inventoryOf(failed, null, NOW)).toMatchObject({ state: 'failed', jobId: 'j', why: 'no' });
  });

  it('jobs: a retrieval of a piece tells which', () => {
    const piece = { ...JOB, ArchiveSizeInBytes: 4_194_304, RetrievalByteRange: '1048576-2097151' };
    expect(vaultJobOf(piece, null, NOW)).toMatchObject({
      kind: 'archive',
      size: 4_194_304,
      range: { start: 1_048_576, end: 2_097_152 },
    });
    expect(vaultJobOf(JOB, null, NOW)).toMatchObject({ range: null, tier: 'Standard' });
  });

  it('jobs: one of a kind or speed that nobody knows is told as such', () => {
    const job = { ...JOB, Action: 'Select', Tier: 'Overnight', CreationDate: undefined } as GlacierJobDescription;
    expect(vaultJobOf(job, null, NOW)).toMatchObject({
      kind: 'other',
      tier: null,
      requestedAt: null,
      progress: { state: 'running', expected: null },
    });
  });
});
