// Being told by a queue that jobs have ended, against a local vault on which deliveries and requests go wrong.

import { describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../../src/edges/local-server/control/fault-rule.js';
import { openQueueCompletions } from '../../../src/flows/notifying/open-queue.js';
import { JobId } from '../../../src/model/identifiers.js';
import { QueueReference } from '../../../src/model/queue-reference.js';
import { queueOfTopic, receive, sqs } from '../../edges/local-server/notices/notice-client.js';
import { type NoticeWorld, openNoticeWorld } from './notice-world.js';

const signal = new AbortController().signal;

/** Puts a message into the queue, as whoever may. */
async function send(world: NoticeWorld, body: string): Promise<void> {
  await sqs(world.served.vault, 'SendMessage', { QueueUrl: await world.queue(), MessageBody: body });
}

function told(vault: string, job: string): string {
  return JSON.stringify({ Action: 'ArchiveRetrieval', JobId: job, VaultARN: vault, Completed: true });
}

describe('completions from a queue', () => {
  it('completions from a queue: a job that ends is told of, and its message is deleted at the next call', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(600), signal)).toEqual([job]);
    expect(await world.left()).toBe(1);
    expect(await completions.next(world.time.in(1), signal)).toEqual([]);
    expect(await world.left()).toBe(0);
  });

  it('completions from a queue: raw delivery is understood too', async () => {
    await using world = await openNoticeWorld();
    const { topicArn } = await queueOfTopic(world.served.vault, world.names.queue, true);
    expect(topicArn).toBe(world.names.topic);
    await world.setUp();
    await using completions = await world.listen();
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(600), signal)).toEqual([job]);
  });

  it('completions from a queue: two messages of one job are told of once, and both are deleted', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    world.control.addFault({ operation: 'sns:Deliver', fault: 'doubled' });
    // Its own topic and that of the vault: with the doubled one three messages.
    const job = await world.job(world.names.topic);
    await world.end(job);
    const heard = [...(await completions.next(world.time.in(600), signal))];
    do heard.push(...(await completions.next(world.time.in(30), signal)));
    while ((await world.left()) > 0);
    expect(heard).toEqual([job]);
  });

  it('completions from a queue: what is said of a job again is told of after a minute', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    const begun = world.time.seconds;
    for (const due of [0, 60]) {
      await send(world, told(world.arn, 'forged'));
      expect(await completions.next(world.time.in(3600), signal)).toEqual(['forged']);
      expect(world.time.seconds - begun).toBe(due);
    }
  });

  it('completions from a queue: a lost message costs nothing but the time that was given', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    world.control.addFault({ operation: 'sns:Deliver', fault: 'lost' });
    await world.end(await world.job());
    const until = world.time.in(1);
    const listening = completions.next(until, signal);
    world.time.seconds += 1;
    expect(await listening).toEqual([]);
    expect(world.notes()).toEqual([]);
  });

  it('completions from a queue: of another vault stays, also when it was received often', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    await send(world, told(`${world.arn}-of-another`, 'job'));
    await receivedOften(world, 12);
    expect(await completions.next(world.time.in(2), signal)).toEqual([]);
    expect(await world.left()).toBe(1);
  });

  it.each([
    'nonsense',
    '',
    '{}',
    'null',
    '[]',
    '"text"',
    '{"Message":7}',
    '{"Message":"{"}',
    '{"JobId":"x"}',
    '{"JobId":{},"VaultARN":[]}',
    '\u{1f600}',
  ])(
    'completions from a queue: %j is no word, stays a while, and is deleted when it was received often',
    async (body) => {
      await using world = await openNoticeWorld();
      await world.setUp();
      await using completions = await world.listen();
      await unhidden(world);
      await send(world, body === '' ? ' ' : body);
      expect(await completions.next(world.time.in(2), signal)).toEqual([]);
      expect(await world.left()).toBe(1);
      await receivedOften(world, 9);
      expect(await completions.next(world.time.in(4), signal)).toEqual([]);
      expect(await world.left()).toBe(0);
    },
  );

  it('completions from a queue: among rubbish and word of others what is ours is heard', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    for (const body of ['rubbish', told('arn:aws:glacier:x:1:vaults/photos', 'other')]) await send(world, body);
    world.control.addFault({ operation: 'sns:Deliver', fault: 'forged', message: told(world.arn, 'never-asked-for') });
    const jobs = [await world.job(), await world.job()];
    for (const job of jobs) await world.end(job);
    const heard = new Set<JobId>();
    while (heard.size < 2) for (const job of await completions.next(world.time.in(600), signal)) heard.add(job);
    expect(heard).toEqual(new Set([JobId.parse('never-asked-for'), jobs[1]]));
  });

  it.each<[string, FaultOrder, RegExp]>([
    [
      'throttled',
      { operation: 'sqs:ReceiveMessage', fault: 'error', status: 400, code: 'ThrottlingException', next: 5 },
      /receive/,
    ],
    ['broken', { operation: 'sqs:ReceiveMessage', fault: 'error', status: 500, next: 5 }, /receive/],
    ['cut off', { operation: 'sqs:ReceiveMessage', fault: 'reset', next: 5 }, /receive/],
    ['nonsense', { operation: 'sqs:ReceiveMessage', fault: 'truncate', next: 5 }, /receive/],
    [
      'denied',
      { operation: 'sqs:ReceiveMessage', fault: 'error', status: 403, code: 'AccessDeniedException', next: 5 },
      /receive/,
    ],
    [
      'not to be found',
      { operation: 'sqs:GetQueueUrl', fault: 'error', status: 403, code: 'AccessDenied', next: 5 },
      /look for queue/,
    ],
  ])(
    'completions from a queue: one that is %s is told of once, and heard again when that is over',
    async (_, fault, deed) => {
      await using world = await openNoticeWorld();
      await world.setUp();
      await unhidden(world);
      await using completions = await world.listen();
      world.control.addFault(fault);
      const begun = world.time.seconds;
      const job = await world.job();
      await world.end(job);
      let heard: readonly JobId[] = [];
      while (heard.length === 0) heard = await completions.next(world.time.in(900), signal);
      expect(heard).toEqual([job]);
      expect(world.notes()).toHaveLength(1);
      expect(world.notes()[0]).toMatch(deed);
      // It was not asked five times in a row.
      expect(world.time.seconds - begun).toBeGreaterThanOrEqual(150);
    },
  );

  it('completions from a queue: a message that cannot be deleted is told of ever more seldom, and does no harm', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    const denied = {
      operation: 'sqs:DeleteMessageBatch',
      fault: 'error',
      status: 403,
      code: 'AccessDeniedException',
    } as const;
    world.control.addFault({ ...denied, every: 1 });
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(600), signal)).toEqual([job]);
    expect(await completions.next(world.time.in(5), signal)).toEqual([]);
    expect(world.notes()).toEqual([expect.stringMatching(/^cannot delete messages of queue mtglacier-photos: /)]);
    expect(await world.left()).toBe(1);
  });

  it('completions from a queue: what was made while somebody waits is heard from the next call on', async () => {
    await using world = await openNoticeWorld();
    await using completions = await world.listen();
    expect(await completions.next(world.time.in(900), signal)).toEqual([]);
    expect(world.notes()).toEqual([]);
    await world.setUp();
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(900), signal)).toEqual([job]);
  });

  it('completions from a queue: one that is deleted meanwhile is told of once; then there is only the time', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(900), signal)).toEqual([job]);
    await world.notices.deleteQueue(await world.queue(), signal);
    world.control.forgetRequests();
    for (let i = 0; i < 3; i++) expect(await completions.next(world.time.in(900), signal)).toEqual([]);
    expect(world.notes()).toEqual([expect.stringContaining('queue mtglacier-photos')]);
    // It was noticed when a message was to be deleted; since then it is looked for once in each call: a new one would be found.
    const { counts } = world.control.requests();
    expect(asked(counts['sqs:ReceiveMessage'])).toBe(0);
    expect(asked(counts['sqs:GetQueueUrl'])).toBe(3);
  });

  it('completions from a queue: told to stop it ends at once, whatever it waits for', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    await using completions = await world.listen();
    const stop = new AbortController();
    const listening = completions.next(world.time.in(100_000), stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await listening).toEqual([]);
    expect(world.notes()).toEqual([]);
  });
});

describe('the queue that is named', () => {
  const opened = (world: NoticeWorld, text: string) =>
    openQueueCompletions(QueueReference.parse(text, '--queue'), world.names.queue, world.listening, signal);

  it('the queue that is named: off is none', async () => {
    await using world = await openNoticeWorld();
    expect(await opened(world, 'off')).toBeNull();
  });

  it('the queue that is named: by name and by address, what waits there is not lost by looking', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    for (const name of [world.names.queue, await world.queue()]) {
      const job = await world.job();
      await world.end(job);
      await using completions = await world.listen(name);
      expect(await completions.next(world.time.in(600), signal)).toEqual([job]);
    }
  });

  it('the queue that is named: one that is missing, or may not be read, is refused before anything is asked for', async () => {
    await using world = await openNoticeWorld();
    await expect(opened(world, 'missing')).rejects.toMatchObject({
      code: 'QUEUE_NOT_FOUND',
      message: 'there is no queue missing',
    });
    await world.setUp();
    world.control.addFault({
      operation: 'sqs:ReceiveMessage',
      fault: 'error',
      status: 403,
      code: 'AccessDeniedException',
    });
    await expect(opened(world, world.names.queue)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(/^cannot receive from queue mtglacier-photos/),
      hint: expect.stringContaining('sqs:ReceiveMessage'),
    });
  });

  it('the queue that is named: one of another account may not be read', async () => {
    await using world = await openNoticeWorld();
    const { accountId } = await world.control.addAccount();
    const address = `${world.settings.endpoint}/${accountId}/theirs`;
    await expect(opened(world, address)).rejects.toMatchObject({
      code: expect.stringMatching(/ACCESS_DENIED|QUEUE_NOT_FOUND/),
    });
  });

  it.each([
    'https://sqs.eu-west-1.amazonaws.com/123456789012/mtglacier-photos',
    'http://127.0.0.1:1/123456789012/mtglacier-photos',
  ])('the queue that is named: %s is of another service than the vault', async (address) => {
    await using world = await openNoticeWorld();
    await expect(opened(world, address)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each([
    '',
    'a b',
    'queue.fifo',
    'x'.repeat(81),
    'https://sqs.eu-west-1.amazonaws.com/',
    'ftp://a/123456789012/b',
    'arn:aws:sqs:x:1:q',
  ])('the queue that is named: %j is neither a name nor an address', (text) => {
    expect(() => QueueReference.parse(text, '--queue')).toThrow(/^--queue must be auto, off, or the name or address/);
  });
});

/** Requests, whatever they were answered. */
function asked(byStatus: Readonly<Record<string, number>> = {}): number {
  return Object.values(byStatus).reduce((sum, count) => sum + count, 0);
}

/** What was received and not deleted can be received again at once. */
async function unhidden(world: NoticeWorld): Promise<void> {
  const QueueUrl = await world.queue();
  await sqs(world.served.vault, 'SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '0' } });
}

async function receivedOften(world: NoticeWorld, times: number): Promise<void> {
  await unhidden(world);
  for (let i = 0; i < times; i++) await receive(world.served.vault, await world.queue(), { VisibilityTimeout: 0 });
}
