// Our own client against a local vault on which things fail on order: what it tries again, and what it tells.

import { describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../src/edges/local-server/control/fault-rule.js';
import { systemClock } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { VaultName } from '../../src/model/identifiers.js';
import { openGlacier } from '../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../src/vault/patience.js';
import { patientVault, patientVaults } from '../../src/vault/patient.js';
import { RequestRate } from '../../src/vault/request-rate.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { serving } from '../edges/local-server/serving.js';
import { bytesOf, collected, hashed, MIB } from './bytes.js';

const NAME = VaultName.parse('photos');
const BODY = bytesOf(MIB + 5);
const signal = new AbortController().signal;

/** The patient adapter over a local vault with one archive; it never really waits. */
async function openFaulty(timeoutMs = 10_000) {
  const served = await serving({ delaysMs: { Standard: 0 } });
  const server = served.vault;
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = server;
  const settings = { endpoint, region, key, secret, timeoutMs, concurrency: 2 };
  const events: RunEvent[] = [];
  const patience = { ...ordinaryPatience((event) => events.push(event)), sleep: async () => {} };
  const service = await openGlacier(settings, { clock: systemClock, rate: new RequestRate(patience) });
  const vaults = patientVaults(service.vaults, patience);
  const vault = patientVault(service.vault(NAME), patience);
  await vaults.create(NAME, signal);
  return {
    vaults,
    vault,
    control: server.control,
    order: (fault: FaultOrder) => server.control.addFault(fault),
    retries: () => events.filter(({ event }) => event === 'retrying').length,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await served[Symbol.asyncDispose]();
    },
  };
}

async function readAll({ vault }: Awaited<ReturnType<typeof openFaulty>>) {
  const { archiveId } = await vault.uploadWhole(hashed(BODY), '', signal);
  await vault.requestRetrieval(archiveId, wholeAt('Standard'), signal);
  for await (const { retrieval } of vault.retrievals([{ id: archiveId }], signal)) {
    if (retrieval.state !== 'ready') throw new Error(`it is ${retrieval.state}`);
    const { treeHash, body } = await vault.read(retrieval, { start: 0, end: BODY.length }, signal);
    return { treeHash, bytes: await collected(body) };
  }
  throw new Error('it is gone');
}

describe('client against a faulty local vault', () => {
  it.each<[string, FaultOrder]>([
    ['an internal error', { fault: 'error', status: 500, next: 3 }],
    ['throttling', { fault: 'error', status: 400, code: 'ThrottlingException', next: 3 }],
    ['a request that came too slowly', { fault: 'error', status: 408, code: 'RequestTimeoutException', next: 3 }],
    ['a reset connection', { fault: 'reset', next: 3 }],
    ['a lost answer', { fault: 'lost-answer', next: 3 }],
    ['an answer that breaks off', { fault: 'truncate', next: 3 }],
  ])('it goes on after %s', async (_, fault) => {
    await using faulty = await openFaulty();
    faulty.order({ operation: 'DescribeVault', ...fault });
    expect(await faulty.vaults.describe(NAME, signal)).toMatchObject({ name: NAME });
    expect(faulty.retries()).toBe((fault as { next: number }).next);
  });

  it('it goes on after silence', async () => {
    await using faulty = await openFaulty(500);
    faulty.order({ operation: 'DescribeVault', fault: 'stall' });
    expect(await faulty.vaults.describe(NAME, signal)).toMatchObject({ name: NAME });
    expect(faulty.retries()).toBeGreaterThan(0);
  });

  it('it goes on when the service takes fewer requests than it makes', async () => {
    await using faulty = await openFaulty();
    faulty.control.changeConditions({ requestsPerSecond: 10 });
    for (let i = 0; i < 14; i++) await faulty.vaults.describe(NAME, signal);
    expect(faulty.retries()).toBeGreaterThan(0);
    expect(faulty.control.requests().counts['DescribeVault']?.['400']).toBe(faulty.retries());
  });

  it('it stops where the service is closed', async () => {
    await using faulty = await openFaulty();
    faulty.control.changeConditions({ serviceClosed: true });
    await expect(faulty.vaults.describe(NAME, signal)).rejects.toThrow(/no longer accepts/);
    expect(faulty.retries()).toBe(0);
  });

  it('it tells that an upload whose answer was lost may be there twice', async () => {
    await using faulty = await openFaulty();
    faulty.order({ operation: 'UploadArchive', fault: 'lost-answer' });
    const { unansweredRequests } = await faulty.vault.uploadWhole(hashed(BODY), '', signal);
    expect(unansweredRequests).toBe(1);
    expect((await faulty.vaults.describe(NAME, signal)).archives).toBe(2);
  });

  it.each([
    ['a retrieval', null],
    ['a retrieval of a range', { start: MIB, end: BODY.length }],
    ['a retrieval of a range that holds all', { start: 0, end: BODY.length }],
  ])('it does not ask again for %s whose answer was lost', async (_, range) => {
    await using faulty = await openFaulty();
    const { archiveId } = await faulty.vault.uploadWhole(hashed(BODY), '', signal);
    faulty.order({ operation: 'InitiateJob', fault: 'lost-answer' });
    const { jobId } = await faulty.vault.requestRetrieval(archiveId, { ...wholeAt('Standard'), range }, signal);
    const jobs: string[] = [];
    for await (const job of faulty.vault.jobs(signal)) jobs.push(job.jobId);
    expect([faulty.retries(), jobs]).toEqual([1, [jobId]]);
  });

  it('it does not take an archive whose hash comes back as another, and tells of what may be left', async () => {
    await using faulty = await openFaulty();
    faulty.order({ operation: 'UploadArchive', fault: 'wrong-hash', next: 2 });
    const { unansweredRequests } = await faulty.vault.uploadWhole(hashed(BODY), '', signal);
    expect([unansweredRequests, faulty.retries()]).toEqual([2, 2]);
  });

  it('it sees that a download is not what the vault says it is', async () => {
    await using faulty = await openFaulty();
    const honest = await readAll(faulty);
    expect(honest).toEqual({ treeHash: hashed(BODY).treeHash, bytes: Buffer.from(BODY) });
    faulty.order({ operation: 'GetJobOutput', fault: 'corrupt' });
    const corrupt = await readAll(faulty);
    expect(hashed(corrupt.bytes).treeHash).not.toBe(corrupt.treeHash);
    faulty.order({ operation: 'GetJobOutput', fault: 'wrong-hash' });
    expect((await readAll(faulty)).treeHash).not.toBe(hashed(BODY).treeHash);
    faulty.order({ operation: 'GetJobOutput', fault: 'truncate' });
    await expect(readAll(faulty)).rejects.toMatchObject({ code: 'CONNECTION_BROKEN' });
  });

  it('it bears a slow link', async () => {
    await using faulty = await openFaulty();
    faulty.order({ operation: 'GetJobOutput', fault: 'slow', bytesPerSecond: 10 * MIB });
    expect((await readAll(faulty)).bytes).toEqual(Buffer.from(BODY));
  });
});
