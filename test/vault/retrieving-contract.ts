// What is true of ranges, single jobs, notifications and the account's policy of every vault, whatever stands behind it.

import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { type ArchiveId, JobId, TopicArn, VaultName } from '../../src/model/identifiers.js';
import type { ByteRange } from '../../src/model/parts.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import type { Vault } from '../../src/vault/port.js';
import type { ReadyRetrieval, RequestedRetrieval, Retrieval, VaultJob } from '../../src/vault/retrieving-port.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { allOf } from '../all-of.js';
import { bytesOf, collected, hashed, MIB } from './bytes.js';
import { codeOf, type Service } from './contract.js';

/** A service whose jobs can be made to end badly. */
export interface FailingService extends Service {
  failJob(vault: VaultName, job: JobId, why: string): Promise<void>;
}

const NAME = VaultName.parse('photos');
const TOPIC = TopicArn.parse('arn:aws:sns:us-east-1:000000000000:ready');
const OTHER_TOPIC = TopicArn.parse('arn:aws:sns:us-east-1:000000000000:other');
const UNKNOWN = JobId.parse('A'.repeat(92));
const signal = new AbortController().signal;
const HOUR = 3600;
/** Six and a half leaves. */
const SIZE = 6 * MIB + MIB / 2;

export function contractOfRetrieving(who: string, open: () => Promise<FailingService>): void {
  const fact = (what: string, prove: (service: FailingService, vault: Vault) => Promise<void>): void => {
    it(`${who}: ${what}`, async () => {
      await using service = await open();
      await service.vaults.create(NAME, signal);
      await prove(service, service.vault(NAME));
    });
  };

  describe(`${who}: ranges of archives`, () => {
    fact(
      'a range is asked for, listed and looked up as a range, and read from its own beginning',
      async (service, vault) => {
        const { id, bytes } = await stored(vault);
        const range = mebibytes(2, 4);
        const { jobId, at } = await requested(vault, id, range);
        const running = await jobOf(vault, jobId);
        expect(running).toMatchObject({ jobId, kind: 'archive', archiveId: id, range, tier: 'Bulk', size: SIZE });
        expect(Math.abs(running.requestedAt! - at)).toBeLessThanOrEqual(2);
        expect(running.progress.state).toBe('running');
        expect(await allOf(vault.jobs(signal))).toEqual([running]);

        service.pass(13 * HOUR);
        const ready = await readyJob(vault, jobId);
        expect(ready.size).toBe(2 * MIB);
        const { body } = await vault.read(ready, { start: MIB, end: MIB + 10 }, signal);
        expect(Buffer.compare(await collected(body), bytes.subarray(3 * MIB, 3 * MIB + 10))).toBe(0);
        expect(await codeOf(vault.read(ready, mebibytes(2, 3), signal)), 'beyond its end').not.toBe('no failure');
      },
    );

    fact(
      'a tree hash is told exactly where both the range that was asked for and the one that is read are subtrees',
      async (service, vault) => {
        const { id, bytes } = await stored(vault);
        for (const [asked, areSubtrees, areNot] of [
          [
            mebibytes(4, 6.5),
            [
              [0, 2.5],
              [0, 2],
              [0, 1],
              [1, 2],
              [2, 2.5],
            ],
            [
              [1, 2.5],
              [0, 0.5],
            ],
          ],
          [
            mebibytes(2, 4),
            [
              [0, 2],
              [1, 2],
            ],
            [[0.5, 1]],
          ],
          [mebibytes(6, 6.5), [[0, 0.5]], [[0, 0.25]]],
          [
            mebibytes(1, 4),
            [],
            [
              [0, 3],
              [0, 1],
              [1, 3],
            ],
          ],
          [
            mebibytes(2, 6.5),
            [],
            [
              [0, 4.5],
              [2, 4.5],
              [0, 2],
            ],
          ],
        ] as const) {
          const { jobId } = await requested(vault, id, asked);
          service.pass(13 * HOUR);
          const ready = await readyJob(vault, jobId);
          for (const [start, end] of [...areSubtrees, ...areNot]) {
            const range = mebibytes(start, end);
            const { treeHash, body } = await vault.read(ready, range, signal);
            const due = bytes.subarray(asked.start + range.start, asked.start + range.end);
            const what = `${start}-${end} of ${asked.start / MIB}-${asked.end / MIB}`;
            expect(Buffer.compare(await collected(body), due), what).toBe(0);
            const isSubtree = areSubtrees.some((subtree) => subtree[0] === start && subtree[1] === end);
            expect(treeHash, what).toBe(isSubtree ? treeHashOf(due, nodeEngine) : null);
          }
        }
      },
    );

    fact('a range that is asked for does not pass for the whole', async (service, vault) => {
      const { id } = await stored(vault);
      await requested(vault, id, mebibytes(0, 4));
      expect(await standingOf(vault, id)).toEqual({ state: 'none' });
      service.pass(13 * HOUR);
      expect(await standingOf(vault, id)).toEqual({ state: 'none' });
      const { jobId } = await requested(vault, id, null);
      expect(await standingOf(vault, id)).toMatchObject({ state: 'running', jobId });
      expect((await jobOf(vault, jobId)).range).toBe(null);
    });

    fact('a range that holds all of it is the whole', async (_, vault) => {
      const { id } = await stored(vault);
      const { jobId } = await requested(vault, id, { start: 0, end: SIZE });
      expect(await standingOf(vault, id)).toMatchObject({ state: 'running', jobId });
      expect((await jobOf(vault, jobId)).range).toBe(null);
    });

    fact('a range that does not lie on whole MiB, or not in the archive, is refused', async (_, vault) => {
      const { id } = await stored(vault);
      for (const range of [
        { start: 1, end: MIB },
        { start: 0, end: MIB + 1 },
        { start: 0, end: SIZE - 1 },
        { start: 0, end: SIZE + 1 },
        mebibytes(0, 7),
        mebibytes(7, 8),
        mebibytes(2, 2),
      ]) {
        expect(await codeOf(requested(vault, id, range)), `${range.start}-${range.end}`).toBe('VAULT_REFUSED');
      }
      expect(await allOf(vault.jobs(signal))).toEqual([]);
    });

    fact('of an archive of one byte the only range is all of it', async (service, vault) => {
      const { id, bytes } = await stored(vault, 1);
      expect(await codeOf(requested(vault, id, mebibytes(0, 1)))).toBe('VAULT_REFUSED');
      await requested(vault, id, { start: 0, end: 1 });
      service.pass(13 * HOUR);
      const ready = await standingOf(vault, id);
      const { treeHash, body } = await vault.read(ready as ReadyRetrieval, { start: 0, end: 1 }, signal);
      expect(await collected(body)).toEqual(Buffer.from(bytes));
      expect(treeHash).toBe(treeHashOf(bytes, nodeEngine));
    });
  });

  describe(`${who}: single jobs`, () => {
    fact('a job that was never there is none', async (_, vault) => {
      expect(await vault.job(UNKNOWN, signal)).toBe(null);
    });

    fact('a job is looked up as it is listed: under way, ready, and then no more', async (service, vault) => {
      const { id } = await stored(vault, 10);
      const { jobId } = await requested(vault, id, null);
      expect(await jobOf(vault, jobId)).toEqual((await allOf(vault.jobs(signal)))[0]);
      service.pass(13 * HOUR);
      const ready = await jobOf(vault, jobId);
      if (ready.progress.state !== 'ready') throw new Error(`is ${ready.progress.state}`);
      expect(ready).toEqual((await allOf(vault.jobs(signal)))[0]);
      service.pass(ready.progress.readableUntil! - service.now());
      expect(await vault.job(jobId, signal)).toBe(null);
      expect(await allOf(vault.jobs(signal))).toEqual([]);
    });

    fact('a job that failed says why, and is in nobody’s way', async (service, vault) => {
      const { id } = await stored(vault);
      const whole = await requested(vault, id, null);
      const ranged = await requested(vault, id, mebibytes(0, 1));
      for (const { jobId } of [whole, ranged]) await service.failJob(NAME, jobId, 'a disk burnt');
      service.pass(1);
      for (const { jobId } of [whole, ranged]) {
        expect((await jobOf(vault, jobId)).progress).toEqual({ state: 'failed', why: 'a disk burnt' });
      }
      const { jobId, at: requestedAt } = whole;
      expect(await standingOf(vault, id)).toEqual({ state: 'failed', jobId, requestedAt, why: 'a disk burnt' });
      const second = await requested(vault, id, null);
      await service.failJob(NAME, second.jobId, 'another burnt');
      service.pass(1);
      expect(await standingOf(vault, id)).toMatchObject({ state: 'failed', jobId: second.jobId });
      const again = await requested(vault, id, null);
      expect(await standingOf(vault, id)).toMatchObject({ state: 'running', jobId: again.jobId });
    });

    fact('nothing is known of jobs and notifications of a vault that does not exist', async (service) => {
      const nowhere = service.vault(VaultName.parse('nowhere'));
      const deeds = [
        nowhere.job(UNKNOWN, signal),
        nowhere.notifications(signal),
        nowhere.notify({ topic: TOPIC, ofArchives: true, ofInventories: false }, signal),
        nowhere.stopNotifying(signal),
      ];
      expect(await Promise.all(deeds.map(codeOf))).toEqual(deeds.map(() => 'VAULT_NOT_FOUND'));
    });
  });

  describe(`${who}: notifications`, () => {
    fact('a vault tells nobody until it is told whom, and then them alone', async (_, vault) => {
      expect(await vault.notifications(signal)).toBe(null);
      const both = { topic: TOPIC, ofArchives: true, ofInventories: true };
      await vault.notify(both, signal);
      expect(await vault.notifications(signal)).toEqual(both);
      const other = { topic: OTHER_TOPIC, ofArchives: false, ofInventories: true };
      await vault.notify(other, signal);
      expect(await vault.notifications(signal)).toEqual(other);
    });

    fact('a vault that is to tell nobody any more does not, however often it is told so', async (_, vault) => {
      await vault.stopNotifying(signal);
      await vault.notify({ topic: TOPIC, ofArchives: true, ofInventories: false }, signal);
      await vault.stopNotifying(signal);
      await vault.stopNotifying(signal);
      expect(await vault.notifications(signal)).toBe(null);
    });
  });

  describe(`${who}: the account`, () => {
    fact('an account that was never told otherwise has no limit of retrievals', async ({ vaults }) => {
      expect(await vaults.retrievalPolicy(signal)).toEqual({ strategy: 'none' });
    });
  });
}

function mebibytes(start: number, end: number): ByteRange {
  return { start: start * MIB, end: end * MIB };
}

async function stored(vault: Vault, size = SIZE): Promise<{ id: ArchiveId; bytes: Uint8Array }> {
  const bytes = bytesOf(size, 3);
  const { archiveId: id } = await vault.uploadWhole(hashed(bytes), '', signal);
  return { id, bytes };
}

function requested(vault: Vault, id: ArchiveId, range: ByteRange | null): Promise<RequestedRetrieval> {
  return vault.requestRetrieval(id, { ...wholeAt('Bulk'), range }, signal);
}

async function jobOf(vault: Vault, id: JobId): Promise<VaultJob> {
  const job = await vault.job(id, signal);
  if (job === null) throw new Error(`there is no job ${id}`);
  return job;
}

/** A job of a range, as one who has found it reads it. */
async function readyJob(vault: Vault, id: JobId): Promise<ReadyRetrieval> {
  const { jobId, requestedAt, range, size, progress } = await jobOf(vault, id);
  if (progress.state !== 'ready') throw new Error(`is ${progress.state}`);
  const length = range === null ? size! : range.end - range.start;
  return { state: 'ready', jobId, requestedAt: requestedAt!, size: length, readableUntil: progress.readableUntil };
}

async function standingOf(vault: Vault, id: ArchiveId): Promise<Retrieval> {
  const [told] = await allOf(vault.retrievals([{ id }], signal));
  return told!.retrieval;
}
