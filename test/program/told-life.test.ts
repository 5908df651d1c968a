// Restores that are told by a topic and a queue what is ready: whatever becomes of the notices, and whoever sends others.

import { existsSync } from 'node:fs';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { filesIn, kept, Ledger, lose } from './lost-photos.js';
import { type LoggedJob, nextTold, type SimulatedRun, SimulatedTime, type Told } from './simulated-time.js';

const FILES = Number(process.env['TOLD_FILES'] ?? 48);
const HOUR = 3600;
const JOBS_A_PAGE = 50;

async function toldOf(time: SimulatedTime): Promise<Ledger> {
  await lose(time, FILES);
  expect(await time.run('notify', 'setup', '--vault', 'photos').exitCode()).toBe(0);
  return Ledger.of(time);
}

function waiting(time: SimulatedTime, ...more: string[]): SimulatedRun {
  return time.run('restore', ...kept(time), '--wait', ...more);
}

function running(time: SimulatedTime): LoggedJob[] {
  return time.jobs().filter(({ endsAt }) => endsAt > time.now * 1000);
}

const untilOf = (told: Told): number => Date.parse(String(told['until'])) / 1000;

describe('a restore that is told', { timeout: 600_000 }, () => {
  it('by the queue comes home long before it would ask, and asks for the list of jobs once a wave', async () => {
    await using time = await SimulatedTime.open();
    const ledger = await toldOf(time);
    const began = time.now;
    // Nobody looks for a day, and nothing is expected for four hours.
    const run = waiting(time, '--poll-interval', '24h', '--line-speed', '1B');
    const waves = new Set<unknown>();
    for (;;) {
      const told = await nextTold(time, run, { until: 0, patience: 1e6 });
      if (told === null) break;
      if (told.event === 'wave') waves.add(told['wave']);
      if (told.event !== 'sleeping') continue;
      ledger.audit();
      for (const { id } of running(time)) await time.endJob({ vault: 'photos', job: id });
    }
    expect(await run.exitCode(), JSON.stringify(run.last)).toBe(0);
    expect(filesIn(time.at('kept'))).toEqual(filesIn(time.at('lost')));
    expect(time.now - began).toBeLessThan(4 * HOUR);
    const { ListJobs = {}, DescribeJob = {} } = await time.counts();
    // Those that were told of; what a look for the next wave shows needs no word.
    expect(DescribeJob[200]).toBeGreaterThan(0);
    expect(DescribeJob[200]).toBeLessThanOrEqual(FILES);
    const pages = Math.ceil(FILES / JOBS_A_PAGE);
    expect(ListJobs[200]).toBeLessThanOrEqual((1 + 2 * waves.size) * pages);
    expect(ledger.needless).toEqual([]);
  });

  it('badly, and by strangers, believes nothing that is forged, and comes home whatever is lost', async () => {
    await using time = await SimulatedTime.open();
    const ledger = await toldOf(time);
    const forged = { operation: 'sns:Deliver', fault: 'forged', message: '{"JobId":"another"}' } as const;
    await time.addFault({ operation: 'sns:Deliver', fault: 'lost', every: 3 });
    await time.addFault({ ...forged, every: 4 });
    await time.addFault({ operation: 'sns:Deliver', fault: 'doubled', every: 2 });
    await time.addFault({ operation: 'sns:Deliver', fault: 'late', seconds: 1, every: 5 });
    const strangers = await Strangers.of(time);
    const pace = ['--poll-interval', '20m', '--line-speed', '1B'];
    let run = waiting(time, ...pace);
    let [lines, kills, until] = [0, 0, time.now];
    for (;;) {
      const told = await nextTold(time, run, { until, patience: 50 });
      if (told === null) {
        expect(await run.exitCode(), JSON.stringify(run.last)).toBe(0);
        break;
      }
      if (++lines % 23 === 0 && kills < 5) {
        kills++;
        run.kill();
        const exitCode = await run.exitCode();
        // It may have come to its end in the same moment.
        if (exitCode === 0) break;
        expect(exitCode).toBeNull();
        run = waiting(time, ...pace);
        continue;
      }
      if (told.event !== 'sleeping') continue;
      until = untilOf(told);
      ledger.audit();
      await strangers.lie(running(time));
    }
    strangers.close();
    expect(filesIn(time.at('kept'))).toEqual(filesIn(time.at('lost')));
    expect(existsSync(time.at('photos.journal.restores'))).toBe(false);
    expect(ledger.needless).toEqual([]);
    // Whoever believes that a job has ended asks for its output and is refused.
    const { GetJobOutput = {} } = await time.counts();
    expect(Object.keys(GetJobOutput).filter((status) => Number(status) >= 400)).toEqual([]);
  });
});

/** Whoever may send to the queue, and says what he likes. */
class Strangers {
  readonly #client: SQSClient;
  readonly #queue: string;
  readonly #vault: string;
  readonly #lied = new Set<string>();

  private constructor(client: SQSClient, queue: string, vault: string) {
    this.#client = client;
    this.#queue = queue;
    this.#vault = vault;
  }

  static async of(time: SimulatedTime): Promise<Strangers> {
    const { endpoint, region, accessKeyId, secretAccessKey, accountId } = time.served;
    const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: 'mtglacier-photos' }));
    return new Strangers(client, QueueUrl, `arn:aws:glacier:${region}:${accountId}:vaults/photos`);
  }

  /** Once of each job that it is ready, and some nonsense each time. */
  async lie(jobs: readonly LoggedJob[]): Promise<void> {
    const lies = jobs.filter(({ id }) => !this.#lied.has(id)).slice(0, 5);
    for (const { id, archiveId } of lies) {
      this.#lied.add(id);
      const ended = { Action: 'ArchiveRetrieval', Completed: true, StatusCode: 'Succeeded', VaultARN: this.#vault };
      await this.#send(JSON.stringify({ ...ended, JobId: id, ArchiveId: archiveId }));
    }
    await this.#send('rubbish');
    await this.#send(JSON.stringify({ JobId: 'x'.repeat(92), VaultARN: `${this.#vault}-of-others` }));
    await this.#send(JSON.stringify({ JobId: 'nobodys', VaultARN: this.#vault, Action: 'ArchiveRetrieval' }));
  }

  close(): void {
    this.#client.destroy();
  }

  async #send(MessageBody: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queue, MessageBody }));
  }
}
