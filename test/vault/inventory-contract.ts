// What is true of the inventories, the jobs and the unfinished uploads of every vault, whatever stands behind it.

import { describe, expect, it } from 'vitest';
import type { Instant } from '../../src/model/clock.js';
import { JobId, VaultName } from '../../src/model/identifiers.js';
import type { InventoryFormat, InventoryItem, ReadyInventory } from '../../src/vault/inventory-port.js';
import type { StoredArchive, UnfinishedUpload, Vault } from '../../src/vault/port.js';
import { type VaultJob, wholeAt } from '../../src/vault/retrieving-port.js';
import { allOf } from '../all-of.js';
import { bytesOf, collected, hashed, MIB } from './bytes.js';
import { codeOf, type Service } from './contract.js';

const NAME = VaultName.parse('photos');
const signal = new AbortController().signal;
const DAY = 24 * 3600;
const DESCRIPTIONS = ['mt2 xyz', '', 'plain, "quoted" and \\ struck', '"', '\\"', 'ends with \\', ',,,', '{"a":[1]}'];

export function contractOfInventories(who: string, open: () => Promise<Service>): void {
  const fact = (what: string, prove: (service: Service, vault: Vault) => Promise<void>): void => {
    it(`${who}: ${what}`, async () => {
      await using service = await open();
      await service.vaults.create(NAME, signal);
      await prove(service, service.vault(NAME));
    });
  };

  describe(`${who}: inventories`, () => {
    for (const format of ['JSON', 'CSV'] as const) {
      fact(`an inventory in ${format} lists every archive as it was stored`, async (service, vault) => {
        const due: InventoryItem[] = [];
        for (const [i, description] of DESCRIPTIONS.entries()) {
          const body = hashed(bytesOf(10 + i, i + 1));
          const stored = await vault.uploadWhole(body, description, signal);
          due.push(entryOf(stored, description, body));
        }
        const items = await allOf(vault.readInventory(await readied(service, vault, format), signal));
        expect(withoutTaken(items).map(undated)).toEqual(due.map(undated));
        for (const item of items) if (item.item === 'archive') expect(item.archive.createdAt).toSatisfy(about(service));
        expect(items.filter(({ item }) => item === 'taken')).toHaveLength(format === 'JSON' ? 1 : 0);
      });

      fact(`an inventory in ${format} of an empty vault is empty`, async (service, vault) => {
        const items = await allOf(vault.readInventory(await readied(service, vault, format), signal));
        expect(withoutTaken(items)).toEqual([]);
      });

      fact(`an inventory in ${format} can be read from any byte on`, async (service, vault) => {
        for (let i = 0; i < 20; i++) await vault.uploadWhole(hashed(bytesOf(10, i + 1)), 'x'.repeat(i), signal);
        const ready = await readied(service, vault, format);
        const whole = await vault.inventoryOutput(ready, 0, signal);
        expect(whole).toMatchObject({ format, start: 0 });
        const bytes = await collected(whole.body);
        expect(whole.size ?? bytes.length).toBe(bytes.length);
        for (const from of [1, 100, bytes.length - 1]) {
          const rest = await vault.inventoryOutput(ready, from, signal);
          const read = await collected(rest.body);
          expect(read.equals(bytes.subarray(rest.start))).toBe(true);
        }
      });
    }

    fact('an inventory is first not asked for, then on its way, then ready for a day', async (service, vault) => {
      expect(await vault.inventories(signal)).toEqual([]);
      const { jobId, at, expected } = await vault.requestInventory('JSON', 'mtijob1 x', signal);
      expect(Math.abs(at - service.now())).toBeLessThanOrEqual(2);
      const [running] = await vault.inventories(signal);
      if (running?.state !== 'running') throw new Error(`is ${running?.state}`);
      expect(running.jobId).toBe(jobId);
      expect(Math.abs(running.requestedAt - at)).toBeLessThanOrEqual(2);
      expect(Math.abs(running.expected!.to - expected!.to)).toBeLessThanOrEqual(2);
      expect(expected!.to).toBeGreaterThan(at);

      service.pass(running.expected!.to - service.now());
      const [ready] = await vault.inventories(signal);
      if (ready?.state !== 'ready') throw new Error(`is ${ready?.state}`);
      expect(ready).toMatchObject({ jobId, format: 'JSON' });
      expect(Math.abs(ready.readableUntil! - DAY - running.expected!.to)).toBeLessThanOrEqual(2);

      service.pass(ready.readableUntil! - service.now());
      expect(await vault.inventories(signal)).toEqual([]);
      service.pass(1); // a vault may count in milliseconds
      expect(await codeOf(allOf(vault.readInventory(ready, signal)))).toBe('JOB_NOT_FOUND');
    });

    fact('of several inventories the newest comes first', async (service, vault) => {
      const asked: JobId[] = [];
      for (const format of ['JSON', 'CSV', 'JSON'] as const) {
        asked.unshift((await vault.requestInventory(format, '', signal)).jobId);
        service.pass(10);
      }
      expect((await vault.inventories(signal)).map(({ jobId }) => jobId)).toEqual(asked);
    });

    fact('what is stored or deleted after an inventory was asked for does not change it', async (service, vault) => {
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(10)), 'kept', signal);
      await vault.requestInventory('JSON', '', signal);
      await vault.deleteArchive(archiveId, signal);
      await vault.uploadWhole(hashed(bytesOf(20)), 'new', signal);
      service.pass(DAY / 2);
      const [ready] = await vault.inventories(signal);
      const items = withoutTaken(await allOf(vault.readInventory(ready as ReadyInventory, signal)));
      expect(items).toMatchObject([{ archive: { id: archiveId, description: 'kept' } }]);
    });

    fact('an unknown inventory is not found, one under way is refused', async (_, vault) => {
      const { jobId, at: requestedAt } = await vault.requestInventory('CSV', '', signal);
      const ready = { state: 'ready', jobId, requestedAt, readableUntil: null, size: null, format: null } as const;
      expect(await codeOf(allOf(vault.readInventory(ready, signal)))).toBe('VAULT_REFUSED');
      const unknown = { ...ready, jobId: JobId.parse('unknown') };
      expect(await codeOf(allOf(vault.readInventory(unknown, signal)))).toBe('JOB_NOT_FOUND');
    });

    fact('an inventory that is not read to the end can be returned', async (service, vault) => {
      for (let i = 0; i < 5; i++) await vault.uploadWhole(hashed(bytesOf(10, i + 1)), 'x'.repeat(1000), signal);
      const ready = await readied(service, vault, 'JSON');
      for (let i = 0; i < 20; i++) {
        const items = vault.readInventory(ready, signal)[Symbol.asyncIterator]();
        if (i % 2 === 0) await items.next();
        await items.return?.();
        const { body } = await vault.inventoryOutput(ready, 0, signal);
        await body[Symbol.asyncIterator]().return?.();
      }
    });

    fact('an interrupted reading ends as interrupted', async (service, vault) => {
      const ready = await readied(service, vault, 'JSON');
      expect(await codeOf(allOf(vault.readInventory(ready, AbortSignal.abort())))).toBe('INTERRUPTED');
    });
  });

  describe(`${who}: jobs`, () => {
    fact('every job is listed with what it is about, until its time is over', async (service, vault) => {
      expect(await allOf(vault.jobs(signal))).toEqual([]);
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
      const retrieval = await vault.requestRetrieval(archiveId, wholeAt('Expedited'), signal);
      const inventory = await vault.requestInventory('JSON', 'mtijob1 x', signal);
      const running = await jobsById(vault);
      expect(running.size).toBe(2);
      expect(running.get(retrieval.jobId)).toMatchObject({
        kind: 'archive',
        description: '',
        archiveId,
        size: 10,
        range: null,
        tier: 'Expedited',
        progress: { state: 'running', expected: { to: expect.any(Number) } },
      });
      expect(running.get(inventory.jobId)).toMatchObject({
        kind: 'inventory',
        description: 'mtijob1 x',
        archiveId: null,
        size: null,
        range: null,
        tier: null,
        progress: { state: 'running' },
      });
      for (const { requestedAt } of running.values()) {
        expect(Math.abs(requestedAt! - service.now())).toBeLessThanOrEqual(2);
      }

      service.pass(DAY / 2);
      const ready = [...(await jobsById(vault)).values()].map(({ progress }) => progress);
      expect(ready).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
      for (const progress of ready) {
        if (progress.state !== 'ready') throw new Error(`is ${progress.state}`);
        expect(progress.readableUntil! - progress.completedAt!).toBe(DAY);
      }
      service.pass(DAY);
      expect(await allOf(vault.jobs(signal))).toEqual([]);
    });

    fact('more than fifty jobs are listed', async (_, vault) => {
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(1)), '', signal);
      const asked: string[] = [];
      for (let i = 0; i < 60; i++) asked.push((await vault.requestRetrieval(archiveId, wholeAt('Bulk'), signal)).jobId);
      expect([...(await jobsById(vault)).keys()].sort()).toEqual(asked.sort());
    });
  });

  describe(`${who}: unfinished uploads`, () => {
    fact('an upload is listed from its beginning until it is completed or abandoned', async (service, vault) => {
      const body = hashed(bytesOf(10));
      const completed = await vault.beginUpload(MIB, 'mt2 x', signal);
      const abandoned = await vault.beginUpload(2 * MIB, '', signal);
      const listed = await allOf(vault.unfinishedUploads(signal));
      expect(new Set(listed.map(undatedUpload))).toEqual(
        new Set([
          { uploadId: completed, description: 'mt2 x', partSize: MIB },
          { uploadId: abandoned, description: '', partSize: 2 * MIB },
        ]),
      );
      for (const { begunAt } of listed) expect(Math.abs(begunAt - service.now())).toBeLessThanOrEqual(2);
      await vault.uploadPart(completed, { start: 0, end: 10 }, body, signal);
      await vault.completeUpload(completed, 10, body.treeHash, signal);
      await vault.abandonUpload(abandoned, signal);
      expect(await allOf(vault.unfinishedUploads(signal))).toEqual([]);
    });

    fact('more than fifty uploads are listed', async (_, vault) => {
      const begun: string[] = [];
      for (let i = 0; i < 60; i++) begun.push(await vault.beginUpload(MIB, '', signal));
      const listed = (await allOf(vault.unfinishedUploads(signal))).map(({ uploadId }) => uploadId);
      expect(listed.sort()).toEqual(begun.sort());
    });
  });
}

function entryOf({ archiveId: id, at }: StoredArchive, description: string, body: ReturnType<typeof hashed>) {
  const { treeHash, bytes } = body;
  return { item: 'archive', archive: { id, description, createdAt: at, size: bytes.length, treeHash } } as const;
}

function undated(item: InventoryItem): unknown {
  if (item.item !== 'archive') return item;
  const { createdAt: _, ...archive } = item.archive;
  return archive;
}

function undatedUpload(upload: UnfinishedUpload): object {
  const { begunAt: _, ...rest } = upload;
  return rest;
}

/** Between the storing at the beginning of a fact and the reading at its end half a day goes by. */
function about(service: Service): (createdAt: Instant) => boolean {
  return (createdAt) => Math.abs(service.now() - DAY / 2 - createdAt) <= 5;
}

function withoutTaken(items: readonly InventoryItem[]): InventoryItem[] {
  return items.filter(({ item }) => item !== 'taken');
}

async function readied(service: Service, vault: Vault, format: InventoryFormat): Promise<ReadyInventory> {
  await vault.requestInventory(format, '', signal);
  service.pass(DAY / 2);
  const [inventory] = await vault.inventories(signal);
  if (inventory?.state !== 'ready') throw new Error(`is ${inventory?.state}`);
  return inventory;
}

async function jobsById(vault: Vault): Promise<Map<JobId, VaultJob>> {
  return new Map((await allOf(vault.jobs(signal))).map((job) => [job.jobId, job]));
}
