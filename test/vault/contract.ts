// What is true of every vault, whatever stands behind it.

import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { ArchiveId, JobId, UploadId, VaultName } from '../../src/model/identifiers.js';
import { rangesOf } from '../../src/model/parts.js';
import type { Tier } from '../../src/model/tier.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import type { ReadyInventory } from '../../src/vault/inventory-port.js';
import type { UploadedPart, Vault, Vaults } from '../../src/vault/port.js';
import { type ReadyRetrieval, type Retrieval, wholeAt } from '../../src/vault/retrieving-port.js';
import { allOf } from '../all-of.js';
import { bytesOf, collected, hashed, MIB, streamed, WRONG_HASH } from './bytes.js';

/** A vault service whose time the test moves. */
export interface Service extends AsyncDisposable {
  readonly vaults: Vaults;
  vault(name: VaultName): Vault;
  now(): Instant;
  /** Lets so much time go by. */
  pass(seconds: number): void;
}

const NAME = VaultName.parse('photos');
const ELSEWHERE = VaultName.parse('nowhere');
const signal = new AbortController().signal;
/** Node warns of more than ten requests at once under one signal. */
const another = new AbortController().signal;
const DAY = 24 * 3600;
const READY_INVENTORY: ReadyInventory = {
  state: 'ready',
  jobId: JobId.parse('some'),
  requestedAt: Instant.ofSeconds(0),
  readableUntil: null,
  size: null,
  format: null,
};

export function contractOfVaults(who: string, open: () => Promise<Service>): void {
  const fact = (what: string, prove: (service: Service, vault: Vault) => Promise<void>): void => {
    it(`${who}: ${what}`, async () => {
      await using service = await open();
      await service.vaults.create(NAME, signal);
      await prove(service, service.vault(NAME));
    });
  };

  describe(`${who}: vaults`, () => {
    fact('a vault can be created twice and is described', async ({ vaults, ...service }) => {
      await vaults.create(NAME, signal);
      const description = await vaults.describe(NAME, signal);
      expect(description).toMatchObject({ name: NAME, archives: 0, size: 0 });
      expect(description.arn).toMatch(/:vaults\/photos$/);
      expect(Math.abs(Date.parse(description.createdAt) / 1000 - service.now())).toBeLessThan(60);
    });

    fact('vaults are listed by name, beyond one page', async ({ vaults }) => {
      const names = Array.from({ length: 12 }, (_, i) => VaultName.parse(`v${i}`));
      for (const name of names) await vaults.create(name, signal);
      const listed = (await allOf(vaults.list(signal))).map(({ name }) => name);
      expect(listed).toEqual([NAME, ...names].sort());
    });

    fact('an empty vault can be deleted, and again', async ({ vaults }) => {
      await vaults.delete(NAME, signal);
      await vaults.delete(NAME, signal);
      expect(await allOf(vaults.list(signal))).toEqual([]);
      expect(await codeOf(vaults.describe(NAME, signal))).toBe('VAULT_NOT_FOUND');
    });

    fact('a vault that holds an archive cannot be deleted', async ({ vaults }, vault) => {
      await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
      expect(await codeOf(vaults.delete(NAME, signal))).toBe('VAULT_NOT_EMPTY');
    });

    fact('nothing can be done with a vault that does not exist', async (service) => {
      const vault = service.vault(ELSEWHERE);
      const body = hashed(bytesOf(10));
      const deeds = [
        service.vaults.describe(ELSEWHERE, signal),
        vault.uploadWhole(body, '', signal),
        vault.beginUpload(MIB, '', signal),
        vault.uploadPart(UploadId.parse('some'), { start: 0, end: 10 }, body, signal),
        allOf(vault.uploadedParts(UploadId.parse('some'), signal)),
        vault.completeUpload(UploadId.parse('some'), 10, body.treeHash, signal),
        vault.abandonUpload(UploadId.parse('some'), signal),
        vault.deleteArchive(ArchiveId.parse('some'), signal),
        vault.requestRetrieval(ArchiveId.parse('some'), wholeAt('Bulk'), signal),
        allOf(vault.retrievals([{ id: ArchiveId.parse('some') }], signal)),
        vault.requestInventory('JSON', '', another),
        vault.inventories(another),
        allOf(vault.readInventory(READY_INVENTORY, another)),
        allOf(vault.jobs(another)),
        allOf(vault.unfinishedUploads(another)),
      ];
      expect(await Promise.all(deeds.map(codeOf))).toEqual(deeds.map(() => 'VAULT_NOT_FOUND'));
    });
  });

  describe(`${who}: storing`, () => {
    fact('an archive of one byte and one of 1 MiB + 1 are kept as sent', async (service, vault) => {
      const bodies = [hashed(bytesOf(1)), hashed(bytesOf(MIB + 1))];
      const stored = [];
      for (const body of bodies) stored.push(await vault.uploadWhole(body, 'mt2 xyz', signal));
      for (const { at, unansweredRequests } of stored) {
        expect(unansweredRequests).toBe(0);
        expect(Math.abs(at - service.now())).toBeLessThanOrEqual(2);
      }
      for (const [i, body] of bodies.entries()) await holds(service, vault, stored[i]!.archiveId, body.bytes);
    });

    fact('a body that is read anew for each attempt is kept as one that is in memory', async (service, vault) => {
      const bytes = bytesOf(3 * MIB + 5);
      const { archiveId } = await vault.uploadWhole(streamed(bytes), 'mt2 xyz', signal);
      await holds(service, vault, archiveId, bytes);
      const wrong = { ...streamed(bytes), sha256: WRONG_HASH };
      expect(await codeOf(vault.uploadWhole(wrong, '', signal))).toBe('HASH_MISMATCH');
      expect(await codeOf(vault.uploadWhole({ ...wrong, treeHash: WRONG_HASH }, '', signal))).toBe('HASH_MISMATCH');
    });

    fact('what is sent twice is two archives', async (_, vault) => {
      const body = hashed(bytesOf(100));
      const first = await vault.uploadWhole(body, '', signal);
      expect((await vault.uploadWhole(body, '', signal)).archiveId).not.toBe(first.archiveId);
    });

    fact('the vault keeps its own copy of what was sent', async (service, vault) => {
      const bytes = bytesOf(100);
      const { archiveId } = await vault.uploadWhole(hashed(bytes), '', signal);
      const sent = Buffer.from(bytes);
      bytes.fill(0);
      await holds(service, vault, archiveId, sent);
    });

    fact('a wrong hash is refused', async (_, vault) => {
      const body = hashed(bytesOf(100));
      const upload = await vault.beginUpload(MIB, '', signal);
      const range = { start: 0, end: 100 };
      for (const wrong of [
        { ...body, sha256: WRONG_HASH },
        { ...body, treeHash: WRONG_HASH },
      ]) {
        expect(await codeOf(vault.uploadWhole(wrong, '', signal))).toBe('HASH_MISMATCH');
        expect(await codeOf(vault.uploadPart(upload, range, wrong, signal))).toBe('HASH_MISMATCH');
      }
      expect(await allOf(vault.uploadedParts(upload, signal))).toEqual([]);
    });

    fact('an empty archive is refused', async (_, vault) => {
      expect(await codeOf(vault.uploadWhole(hashed(new Uint8Array()), '', signal))).toBe('VAULT_REFUSED');
    });

    fact('an interrupted request ends as interrupted', async (_, vault) => {
      const body = hashed(bytesOf(100));
      expect(await codeOf(vault.uploadWhole(body, '', AbortSignal.abort()))).toBe('INTERRUPTED');
    });
  });

  describe(`${who}: storing in parts`, () => {
    const bytes = bytesOf(2 * MIB + MIB / 2, 7);
    const whole = hashed(bytes);
    const ranges = [...rangesOf(bytes.length, MIB)];
    const partOf = ({ start, end }: { start: number; end: number }) => hashed(bytes.subarray(start, end));

    const sendAll = async (vault: Vault): Promise<UploadId> => {
      const upload = await vault.beginUpload(MIB, 'mt2 parts', signal);
      for (const range of ranges.toReversed()) await vault.uploadPart(upload, range, partOf(range), signal);
      return upload;
    };

    fact('parts in any order make the archive', async (service, vault) => {
      const upload = await sendAll(vault);
      const { archiveId } = await vault.completeUpload(upload, bytes.length, whole.treeHash, signal);
      await holds(service, vault, archiveId, bytes);
    });

    fact('parts that are read anew for each attempt make the archive', async (service, vault) => {
      const upload = await vault.beginUpload(MIB, '', signal);
      for (const range of ranges) {
        await vault.uploadPart(upload, range, streamed(bytes.subarray(range.start, range.end)), signal);
      }
      const { archiveId } = await vault.completeUpload(upload, bytes.length, whole.treeHash, signal);
      await holds(service, vault, archiveId, bytes);
    });

    fact('a part that is sent again replaces the one before', async (service, vault) => {
      const upload = await vault.beginUpload(MIB, '', signal);
      const [first] = ranges;
      await vault.uploadPart(upload, first!, hashed(bytesOf(MIB, 99)), signal);
      for (const range of ranges) await vault.uploadPart(upload, range, partOf(range), signal);
      const { archiveId } = await vault.completeUpload(upload, bytes.length, whole.treeHash, signal);
      await holds(service, vault, archiveId, bytes);
    });

    fact(
      'the parts that are there are listed by range with their hashes, so that an upload can be resumed',
      async (_, vault) => {
        const upload = await sendAll(vault);
        const due: UploadedPart[] = ranges.map((range) => ({ range, treeHash: partOf(range).treeHash }));
        expect(await allOf(vault.uploadedParts(upload, signal))).toEqual(due);
      },
    );

    fact('more than fifty parts are listed', async (_, vault) => {
      const upload = await vault.beginUpload(MIB, '', signal);
      const small = hashed(bytesOf(10));
      for (let i = 0; i < 60; i++) {
        await vault.uploadPart(upload, { start: i * MIB, end: i * MIB + 10 }, small, signal);
      }
      const starts = (await allOf(vault.uploadedParts(upload, signal))).map(({ range }) => range.start / MIB);
      expect(starts).toEqual(Array.from({ length: 60 }, (_, i) => i));
    });

    fact('completing twice gives the same archive', async (_, vault) => {
      const upload = await sendAll(vault);
      const first = await vault.completeUpload(upload, bytes.length, whole.treeHash, signal);
      const second = await vault.completeUpload(upload, bytes.length, whole.treeHash, signal);
      expect(second.archiveId).toBe(first.archiveId);
    });

    fact('a wrong hash, a wrong size or a gap is refused, and the upload stays open', async (_, vault) => {
      const upload = await vault.beginUpload(MIB, '', signal);
      const complete = (size = bytes.length, treeHash = whole.treeHash) =>
        codeOf(vault.completeUpload(upload, size, treeHash, signal));
      const [first, second, third] = ranges;
      await vault.uploadPart(upload, first!, partOf(first!), signal);
      await vault.uploadPart(upload, third!, partOf(third!), signal);
      expect(['VAULT_REFUSED', 'HASH_MISMATCH']).toContain(await complete());
      await vault.uploadPart(upload, second!, partOf(second!), signal);
      expect(await complete(bytes.length - 1)).toBe('VAULT_REFUSED');
      expect(await complete(bytes.length, WRONG_HASH)).toBe('HASH_MISMATCH');
      expect(await complete()).toBe('no failure');
    });

    fact('a part out of place or too long is refused', async (_, vault) => {
      const upload = await vault.beginUpload(MIB, '', signal);
      const send = (start: number, size: number, body = hashed(bytesOf(size))) =>
        codeOf(vault.uploadPart(upload, { start, end: start + size }, body, signal));
      expect(await send(1, 10)).toBe('VAULT_REFUSED');
      expect(await send(0, MIB + 1)).toBe('VAULT_REFUSED');
      expect(await send(0, 10, hashed(bytesOf(11)))).toBe('VAULT_REFUSED');
      expect(await send(10_000 * MIB, 10)).toBe('VAULT_REFUSED');
    });

    fact('an unlawful part size is refused', async (_, vault) => {
      for (const size of [0, 3 * MIB, MIB / 2, 8192 * MIB]) {
        expect(await codeOf(vault.beginUpload(size, '', signal))).toBe('VAULT_REFUSED');
      }
    });

    fact('an upload that is unknown, completed or abandoned is not found', async (_, vault) => {
      const completed = await sendAll(vault);
      await vault.completeUpload(completed, bytes.length, whole.treeHash, signal);
      const abandoned = await sendAll(vault);
      await vault.abandonUpload(abandoned, signal);
      const [first] = ranges;
      for (const upload of [UploadId.parse('unknown'), completed, abandoned]) {
        expect(await codeOf(allOf(vault.uploadedParts(upload, signal)))).toBe('UPLOAD_NOT_FOUND');
        expect(await codeOf(vault.uploadPart(upload, first!, partOf(first!), signal))).toBe('UPLOAD_NOT_FOUND');
      }
      expect(await codeOf(vault.completeUpload(abandoned, bytes.length, whole.treeHash, signal))).toBe(
        'UPLOAD_NOT_FOUND',
      );
    });

    fact('abandoning twice, or what never was, is no failure', async (_, vault) => {
      const upload = await sendAll(vault);
      await vault.abandonUpload(upload, signal);
      await vault.abandonUpload(upload, signal);
      await vault.abandonUpload(UploadId.parse('unknown'), signal);
    });
  });

  describe(`${who}: deleting`, () => {
    fact('an archive is deleted, and again, and tells when', async (service, vault) => {
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
      const at = await vault.deleteArchive(archiveId, signal);
      expect(Math.abs(at - service.now())).toBeLessThanOrEqual(2);
      await vault.deleteArchive(archiveId, signal);
      expect(await codeOf(vault.requestRetrieval(archiveId, wholeAt('Bulk'), signal))).toBe('ARCHIVE_NOT_FOUND');
    });
  });

  describe(`${who}: retrieving`, () => {
    fact('an archive is first not asked for, then on its way, then ready for a day', async (service, vault) => {
      const { archiveId: id } = await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
      expect(await stateOf(vault, id)).toEqual({ state: 'none' });

      const { jobId, at } = await vault.requestRetrieval(id, wholeAt('Standard'), signal);
      expect(Math.abs(at - service.now())).toBeLessThanOrEqual(2);
      const running = await stateOf(vault, id);
      if (running.state !== 'running') throw new Error(`is ${running.state}`);
      expect(running.jobId).toBe(jobId);
      expect(Math.abs(running.requestedAt - at)).toBeLessThanOrEqual(2);

      service.pass(running.expected!.to - service.now());
      const ready = await stateOf(vault, id);
      expect(ready).toMatchObject({ state: 'ready', jobId, size: 10 });
      const readableUntil = (ready as ReadyRetrieval).readableUntil!;
      expect(Math.abs(readableUntil - DAY - running.expected!.to)).toBeLessThanOrEqual(2);

      service.pass(readableUntil - service.now());
      expect(await stateOf(vault, id)).toEqual({ state: 'none' });
      service.pass(1); // a vault may count in milliseconds
      expect(await codeOf(vault.read(ready as ReadyRetrieval, { start: 0, end: 10 }, signal))).toBe('JOB_NOT_FOUND');
    });

    fact('a faster tier is expected sooner', async (_, vault) => {
      const expectedAt = async (tier: Tier): Promise<number> => {
        const { archiveId: id } = await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
        await vault.requestRetrieval(id, wholeAt(tier), signal);
        const running = await stateOf(vault, id);
        return running.state === 'running' ? running.expected!.to : Number.NaN;
      };
      const times = [await expectedAt('Expedited'), await expectedAt('Standard'), await expectedAt('Bulk')];
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(new Set(times).size).toBe(3);
    });

    fact(
      'retrievals are told in the order wanted, and of several the one that can be read longest',
      async (service, vault) => {
        const stored = [];
        for (let i = 0; i < 3; i++) stored.push(await vault.uploadWhole(hashed(bytesOf(10, i + 1)), '', signal));
        const [one, two, three] = stored.map(({ archiveId }) => ({ id: archiveId }));
        await vault.requestRetrieval(one!.id, wholeAt('Expedited'), signal);
        const later = await vault.requestRetrieval(one!.id, wholeAt('Standard'), signal);
        service.pass(DAY / 2);
        await vault.requestRetrieval(one!.id, wholeAt('Bulk'), signal);
        await vault.requestRetrieval(three!.id, wholeAt('Bulk'), signal);
        const told = await allOf(vault.retrievals(inTurn([three!, two!, one!]), signal));
        expect(told.map(({ archive }) => archive)).toEqual([three, two, one]);
        expect(told.map(({ retrieval }) => retrieval.state)).toEqual(['running', 'none', 'ready']);
        expect(told[2]?.retrieval).toMatchObject({ jobId: later.jobId });
      },
    );

    fact('more than fifty retrievals are told', async (_, vault) => {
      const wanted: { id: ArchiveId }[] = [];
      for (let i = 0; i < 60; i++) {
        const { archiveId } = await vault.uploadWhole(hashed(bytesOf(1, i + 1)), '', signal);
        await vault.requestRetrieval(archiveId, wholeAt('Bulk'), signal);
        wanted.push({ id: archiveId });
      }
      const states = (await allOf(vault.retrievals(wanted, signal))).map(({ retrieval }) => retrieval.state);
      expect(states).toEqual(wanted.map(() => 'running'));
    });

    fact('nothing wanted is nothing told', async (_, vault) => {
      expect(await allOf(vault.retrievals([], signal))).toEqual([]);
    });

    fact('ranges are read exactly, with a tree hash exactly where the range is a subtree', async (service, vault) => {
      const size = 6 * MIB + MIB / 2;
      const body = hashed(bytesOf(size, 3));
      const { archiveId } = await vault.uploadWhole(body, '', signal);
      const ready = await readied(service, vault, archiveId);
      for (const [start, end, isSubtree] of [
        [0, size, true],
        [0, MIB, true],
        [2 * MIB, 4 * MIB, true],
        [4 * MIB, size, true],
        [6 * MIB, size, true],
        [0, 1024, false],
        [MIB, 3 * MIB, false],
        [2 * MIB, size, false],
        [0, 3 * MIB, false],
        [size - 1, size, false],
      ] as const) {
        const { treeHash, body: read } = await vault.read(ready, { start, end }, signal);
        const due = body.bytes.subarray(start, end);
        expect(Buffer.compare(await collected(read), due), `${start}-${end}`).toBe(0);
        expect(treeHash, `${start}-${end}`).toBe(isSubtree ? treeHashOf(due, nodeEngine) : null);
      }
    });

    fact('a body that is not read to the end can be returned, also before its first piece', async (service, vault) => {
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(3 * MIB)), '', signal);
      const ready = await readied(service, vault, archiveId);
      for (let i = 0; i < 20; i++) {
        const { body } = await vault.read(ready, { start: 0, end: 3 * MIB }, signal);
        const pieces = body[Symbol.asyncIterator]();
        if (i % 2 === 0) await pieces.next();
        await pieces.return?.();
      }
    });

    fact('what was made ready stays readable when the archive is deleted', async (service, vault) => {
      const body = hashed(bytesOf(10));
      const { archiveId } = await vault.uploadWhole(body, '', signal);
      const ready = await readied(service, vault, archiveId);
      await vault.deleteArchive(archiveId, signal);
      const { body: read } = await vault.read(ready, { start: 0, end: 10 }, signal);
      expect(await collected(read)).toEqual(Buffer.from(body.bytes));
    });

    fact('an unknown retrieval is not found, one under way is refused', async (_, vault) => {
      const { archiveId } = await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
      const { jobId, at } = await vault.requestRetrieval(archiveId, wholeAt('Bulk'), signal);
      const ready: ReadyRetrieval = { state: 'ready', jobId, requestedAt: at, size: 10, readableUntil: null };
      const range = { start: 0, end: 10 };
      expect(await codeOf(vault.read(ready, range, signal))).toBe('VAULT_REFUSED');
      const unknown = { ...ready, jobId: JobId.parse('unknown') };
      expect(await codeOf(vault.read(unknown, range, signal))).toBe('JOB_NOT_FOUND');
    });

    fact('an archive that is not there cannot be asked for', async (_, vault) => {
      const unknown = ArchiveId.parse('unknown');
      expect(await codeOf(vault.requestRetrieval(unknown, wholeAt('Bulk'), signal))).toBe('ARCHIVE_NOT_FOUND');
    });
  });
}

async function* inTurn<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

export async function codeOf(deed: Promise<unknown>): Promise<FailureCode | 'no failure'> {
  return deed.then(
    () => 'no failure' as const,
    (thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown;
      expect(thrown.message).toMatch(/^[a-z]/);
      return thrown.code;
    },
  );
}

async function stateOf(vault: Vault, id: ArchiveId): Promise<Retrieval> {
  const [told] = await allOf(vault.retrievals([{ id }], signal));
  return told!.retrieval;
}

async function readied(service: Service, vault: Vault, id: ArchiveId): Promise<ReadyRetrieval> {
  await vault.requestRetrieval(id, wholeAt('Bulk'), signal);
  service.pass(13 * 3600);
  const retrieval = await stateOf(vault, id);
  if (retrieval.state !== 'ready') throw new Error(`is ${retrieval.state}`);
  return retrieval;
}

async function holds(service: Service, vault: Vault, id: ArchiveId, due: Uint8Array): Promise<void> {
  const ready = await readied(service, vault, id);
  const { body } = await vault.read(ready, { start: 0, end: ready.size }, signal);
  expect(Buffer.compare(await collected(body), due)).toBe(0);
}
