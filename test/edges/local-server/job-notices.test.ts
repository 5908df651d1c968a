// Notices of jobs: who is told what, when, and how often.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notices } from '../../../src/edges/local-server/notices/notice-port.js';
import { type LocalVault, type LocalVaultOptions, startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, send, uploadWhole } from './raw-client.js';

const OF_VAULT = 'arn:aws:sns:us-east-1:123456789012:vault';
const OF_JOB = 'arn:aws:sns:us-east-1:123456789012:job';

interface Told {
  readonly topic: string;
  readonly message: string;
  readonly subject: string | null;
}

/** Keeps what it is told; whoever waits for so many messages is told of them too. */
class Listener implements Notices {
  readonly told: Told[] = [];
  /** Fails so many times first. */
  failures = 0;
  #arrived = () => undefined as void;

  publish(topic: string, message: string, subject: string | null): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new Error('nobody at home'));
    }
    this.told.push({ topic, message, subject });
    this.#arrived();
    return Promise.resolve();
  }

  async hears(count: number): Promise<readonly Told[]> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.told;
  }

  async hearsJobs(count: number): Promise<string[]> {
    return (await this.hears(count)).map(({ message }) => (JSON.parse(message) as { JobId: string }).JobId);
  }
}

let directory: string;
let listener: Listener;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  listener = new Listener();
});
afterEach(() => rm(directory, { recursive: true }));

const start = (options: Partial<LocalVaultOptions> = {}): Promise<LocalVault> =>
  startLocalVault({ directory, notices: listener, now: () => 1_780_000_000_000, ...options });

async function makeV(vault: LocalVault): Promise<string> {
  await send(vault, { method: 'PUT', path: '/-/vaults/V' });
  return uploadWhole(vault, 'V', Buffer.from('hello'));
}

const want = (vault: LocalVault, ...events: string[]) =>
  send(vault, {
    method: 'PUT',
    path: '/-/vaults/V/notification-configuration',
    body: JSON.stringify({ SNSTopic: OF_VAULT, Events: events }),
  });
const ask = (vault: LocalVault, ArchiveId: string, more: object = {}) =>
  askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId, ...more });

/** A job whose notice comes after all others that are due: what was not told by then is not told. */
async function askForLast(vault: LocalVault, archive: string): Promise<string> {
  const id = await ask(vault, archive, { SNSTopic: OF_JOB, Description: 'last' });
  await vault.control.advanceClock(5000);
  return id;
}

describe('local vault job notices', () => {
  test('case 128: with both topics configured there are two, with the text of DescribeJob and no subject', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    await want(vault, 'ArchiveRetrievalCompleted', 'InventoryRetrievalCompleted');
    const job = await ask(vault, archive, { SNSTopic: OF_JOB, Description: 'both' });
    await vault.control.advanceClock(4999);
    expect(listener.told).toEqual([]);
    await vault.control.advanceClock(1);
    const told = await listener.hears(2);
    const { body } = await send(vault, { method: 'GET', path: `/-/vaults/V/jobs/${job}` });
    const message = body.toString();
    expect(told).toEqual([
      { topic: OF_VAULT, message, subject: null },
      { topic: OF_JOB, message, subject: null },
    ]);
    const fields = JSON.parse(message) as Record<string, unknown>;
    expect(Object.keys(fields)).toEqual(
      Object.keys(fields).toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    );
    expect(fields).toMatchObject({ StatusCode: 'Succeeded', Completed: true, SNSTopic: OF_JOB, Tier: 'Standard' });
  });

  test('case 128: one topic that is both is told twice', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    await want(vault, 'ArchiveRetrievalCompleted');
    const job = await ask(vault, archive, { SNSTopic: OF_VAULT });
    await vault.control.advanceClock(5000);
    expect(await listener.hearsJobs(2)).toEqual([job, job]);
  });

  test('a vault tells of the events that it was to tell of, and of jobs that end afterwards', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    const before = await ask(vault, archive, { Tier: 'Expedited' });
    await vault.control.advanceClock(1001);
    await want(vault, 'InventoryRetrievalCompleted');
    await ask(vault, archive);
    const inventory = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
    const last = await askForLast(vault, archive);
    expect(await listener.hearsJobs(2)).toEqual([inventory, last]);
    expect(listener.told[0]).toMatchObject({
      topic: OF_VAULT,
      message: expect.stringContaining('"InventoryRetrieval"'),
    });
    expect(JSON.stringify(listener.told)).not.toContain(before);
  });

  test('jobs are told of one after the other, as they end', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    const ask3 = ['Expedited', 'Standard', 'Bulk'].map((Tier) => ask(vault, archive, { SNSTopic: OF_JOB, Tier }));
    const jobs = await Promise.all(ask3);
    for (const [i, ms] of [1000, 1, 3999, 1, 4999].entries()) {
      await vault.control.advanceClock(ms);
      await listener.hears([1, 1, 2, 2, 3][i] ?? 0);
    }
    expect(await listener.hearsJobs(3)).toEqual(jobs);
  });

  test('a job that ended before its vault was to tell of it is not told of, at the next start either', async () => {
    let now = 1_780_000_000_000;
    const first = await start({ now: () => now });
    const archive = await makeV(first);
    await ask(first, archive);
    now += 5001;
    await want(first, 'ArchiveRetrievalCompleted');
    await first.close();
    await using second = await start({ now: () => now });
    const last = await askForLast(second, archive);
    expect(await listener.hearsJobs(2)).toEqual([last, last]);
  });

  test('a vault that is told no more tells nobody', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    await want(vault, 'ArchiveRetrievalCompleted');
    await ask(vault, archive);
    await send(vault, { method: 'DELETE', path: '/-/vaults/V/notification-configuration' });
    const last = await askForLast(vault, archive);
    expect(await listener.hearsJobs(1)).toEqual([last]);
  });

  test('case 107: a job that failed is told of, with its reason, and has no output', async () => {
    await using vault = await start();
    const archive = await makeV(vault);
    const job = await ask(vault, archive, { SNSTopic: OF_JOB });
    await vault.control.endJob({ vault: 'V', job, failure: 'The archive is damaged.' });
    const [told] = await listener.hears(1);
    expect(JSON.parse(told?.message ?? '')).toMatchObject({
      JobId: job,
      Completed: true,
      StatusCode: 'Failed',
      StatusMessage: 'The archive is damaged.',
      SHA256TreeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const path = `/-/vaults/V/jobs/${job}/output`;
    const output = await send(vault, { method: 'GET', path });
    expect([output.status, output.json['message']]).toEqual([
      400,
      `The job is not currently available for download: ${job}`,
    ]);
    const list = async (query: string) =>
      (await send(vault, { method: 'GET', path: `/-/vaults/V/jobs?${query}` })).json['JobList'] as unknown[];
    expect(await list('statuscode=Failed')).toHaveLength(1);
    expect(await list('completed=true')).toHaveLength(1);
    expect(await list('completed=false')).toHaveLength(0);
    expect(await list('statuscode=Succeeded')).toHaveLength(0);
    expect(await list('statuscode=Failed&completed=false')).toHaveLength(0);
  });

  test('a job that ended while nobody served is told of at the next start, once', async () => {
    const first = await start();
    const archive = await makeV(first);
    const job = await ask(first, archive, { SNSTopic: OF_JOB });
    await first.close();
    expect(listener.told).toEqual([]);
    const second = await start({ now: () => 1_780_000_005_000 });
    expect(await listener.hearsJobs(1)).toEqual([job]);
    await second.close();
    await using third = await start({ now: () => 1_780_000_006_000 });
    const last = await askForLast(third, archive);
    expect(await listener.hearsJobs(2)).toEqual([job, last]);
  });

  test('a job whose output is over already when the server starts again is told of all the same', async () => {
    const first = await start();
    const job = await ask(first, await makeV(first), { SNSTopic: OF_JOB });
    await first.close();
    await using second = await start({ now: () => 1_780_000_000_000 + 10 * 24 * 3_600_000 });
    expect(await listener.hearsJobs(1)).toEqual([job]);
    expect((await send(second, { method: 'GET', path: `/-/vaults/V/jobs/${job}` })).status).toBe(404);
  });

  test('whom nobody could tell is told later', async () => {
    listener.failures = 2;
    const lines: string[] = [];
    await using vault = await start({ log: (line) => lines.push(line) });
    const archive = await makeV(vault);
    const jobs = [await ask(vault, archive, { SNSTopic: OF_JOB }), await ask(vault, archive, { SNSTopic: OF_JOB })];
    await vault.control.advanceClock(5000);
    await vault.control.advanceClock(0);
    expect(new Set(await listener.hearsJobs(2))).toEqual(new Set(jobs));
    expect(lines.filter((line) => line.includes('nobody at home'))).toHaveLength(2);
  });

  test('when real time goes by, nobody needs to move the clock', async () => {
    await using vault = await start({ now: Date.now, delaysMs: { Standard: 1 } });
    const job = await ask(vault, await makeV(vault), { SNSTopic: OF_JOB });
    expect(await listener.hearsJobs(1)).toEqual([job]);
  });
});
