// A local vault with a topic and a queue of our own making, and what waits for its jobs: time moves as soon as somebody waits for it.

import { type NoticePlan, noticePlan } from '../../../src/flows/notifying/notice-plan.js';
import type { NoticePorts } from '../../../src/flows/notifying/notice-standing.js';
import { openQueueCompletions } from '../../../src/flows/notifying/open-queue.js';
import type { QueueListening } from '../../../src/flows/notifying/queue-completions.js';
import { setUp } from '../../../src/flows/notifying/set-up.js';
import type { Completions } from '../../../src/flows/retrieving/completions.js';
import { type Alarm, type Clock, Instant } from '../../../src/model/clock.js';
import type { RunEvent } from '../../../src/model/events.js';
import { type JobId, type TopicArn, VaultName } from '../../../src/model/identifiers.js';
import { QueueReference } from '../../../src/model/queue-reference.js';
import { openGlacier } from '../../../src/vault/glacier-service.js';
import type { Receiving } from '../../../src/vault/notices/notices-port.js';
import { noticesOf } from '../../../src/vault/notices/open-notices.js';
import { noticeNamesOf } from '../../../src/vault/notices/vault-names.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { RequestRate } from '../../../src/vault/request-rate.js';
import { wholeAt } from '../../../src/vault/retrieving-port.js';
import { serving } from '../../edges/local-server/serving.js';
import { bytesOf, hashed } from '../../vault/bytes.js';

const NAME = VaultName.parse('photos');
const signal = new AbortController().signal;

/** A clock that an alarm puts forward, and that stands still otherwise. */
export class JumpingTime implements Clock, Alarm {
  seconds = 1_800_000_000;

  now(): Instant {
    return Instant.ofSeconds(this.seconds);
  }

  async until(at: Instant, told: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (!told.aborted) this.seconds = Math.max(this.seconds, at);
  }

  in(seconds: number): Instant {
    return Instant.plusSeconds(this.now(), seconds);
  }
}

export type NoticeWorld = Awaited<ReturnType<typeof openNoticeWorld>>;

export async function openNoticeWorld(environment: Record<string, string> = {}) {
  const served = await serving({ delaysMs: { Standard: 3_600_000 } });
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret, control } = served.vault;
  const settings = { endpoint, region, key, secret, timeoutMs: 10_000, concurrency: 4 };
  const events: RunEvent[] = [];
  const report = (event: RunEvent): void => void events.push(event);
  const patience = { ...ordinaryPatience(report), sleep: async () => {} };
  const service = await openGlacier(settings, {
    clock: { now: () => Instant.ofMs(control.now()) },
    rate: new RequestRate(patience),
  });
  const notices = noticesOf(settings, { region, endpoint }, { patience, environment });
  await service.vaults.create(NAME, signal);
  const { arn } = await service.vaults.describe(NAME, signal);
  const vault = service.vault(NAME);
  const { archiveId } = await vault.uploadWhole(hashed(bytesOf(5)), '', signal);
  const ports: NoticePorts = { vault, notices };
  const time = new JumpingTime();
  const names = noticeNamesOf(arn);
  const planOf = (queue = 'auto', topic?: TopicArn): NoticePlan =>
    noticePlan(names, topic, QueueReference.parse(queue, '--queue'));
  const queues: Receiving = {
    ...notices,
    /** A second of real time, at the most, for what comes in; where nothing came, all of the other time. */
    async receive(queue, waitSeconds, told) {
      const messages = await notices.receive(queue, Math.min(waitSeconds, 1), told);
      if (messages.length === 0) time.seconds += waitSeconds;
      return messages;
    },
  };
  const listening: QueueListening = { queues, vault: arn, clock: time, alarm: time, report };
  return {
    served,
    settings,
    control,
    arn,
    names,
    vault,
    notices,
    ports,
    planOf,
    time,
    events,
    listening,
    /** Messages of the notices that the run was told. */
    notes: () => events.flatMap((event) => (event.event === 'notice' ? [event.message] : [])),
    async setUp(plan = planOf()) {
      for await (const _ of setUp(plan, ports, { dryRun: false }, signal)) continue;
    },
    async job(topic: TopicArn | null = null): Promise<JobId> {
      return (await vault.requestRetrieval(archiveId, { ...wholeAt('Standard'), topic }, signal)).jobId;
    },
    /** Ends a job, which is told to whom it may concern. */
    async end(job: JobId): Promise<void> {
      await control.endJob({ vault: NAME, job });
    },
    async listen(queue = 'auto'): Promise<Completions> {
      const told = await openQueueCompletions(QueueReference.parse(queue, '--queue'), names.queue, listening, signal);
      if (told === null) throw new Error('no queue was wanted');
      return told;
    },
    async queue() {
      const found = await notices.findQueue(names.queue, signal);
      if (found === null) throw new Error('there is no queue');
      return found;
    },
    /** Messages that nobody has deleted: those that can be received, and those that somebody holds. */
    async left(): Promise<number> {
      const { waiting, received } = await notices.queueStanding(await this.queue(), signal);
      return waiting + received;
    },
    async [Symbol.asyncDispose]() {
      await notices[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await served[Symbol.asyncDispose]();
    },
  };
}
