// Putting in place what tells of a vault's jobs, and taking it away, against a local vault.

import { describe, expect, it } from 'vitest';
import { noticePlan } from '../../../src/flows/notifying/notice-plan.js';
import { noticeStanding, tellsTopic } from '../../../src/flows/notifying/notice-standing.js';
import { setUp } from '../../../src/flows/notifying/set-up.js';
import { tearDown } from '../../../src/flows/notifying/tear-down.js';
import { TopicArn, VaultName } from '../../../src/model/identifiers.js';
import { QueueReference } from '../../../src/model/queue-reference.js';
import { noticeNamesOf } from '../../../src/vault/notices/vault-names.js';
import { queueOfTopic, sns, sqs, textsIn } from '../../edges/local-server/notices/notice-client.js';
import { type NoticeWorld, openNoticeWorld } from './notice-world.js';

const signal = new AbortController().signal;
const ALL = ['topic', 'queue', 'queue-policy', 'subscription', 'vault-notifications'];

type Step = { readonly piece: string; readonly state: string };

async function stepsOf(deed: AsyncIterable<Step>, steps: string[] = []): Promise<string[]> {
  for await (const { piece, state } of deed) steps.push(`${piece} ${state}`);
  return steps;
}

const made = (world: NoticeWorld, plan = world.planOf(), dryRun = false) =>
  stepsOf(setUp(plan, world.ports, { dryRun }, signal));
const removed = (world: NoticeWorld, plan = world.planOf(), dryRun = false) =>
  stepsOf(tearDown(plan, world.ports, { dryRun }, signal));

/** A topic that somebody made, of that name. */
async function topicOf(world: NoticeWorld, Name: string): Promise<TopicArn> {
  return TopicArn.parse(textsIn(await sns(world.served.vault, { Action: 'CreateTopic', Name }), 'TopicArn')[0] ?? '');
}

describe('setting up', () => {
  it('setting up: the first run makes all, the second finds all in place', async () => {
    await using world = await openNoticeWorld();
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} made`));
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} in-place`));
    const standing = await noticeStanding(world.planOf(), world.ports, signal);
    expect(tellsTopic(standing, world.planOf())).toBe(true);
    expect(standing).toMatchObject({ hasTopic: true, letsTopicIn: true, queue: { waiting: 0, received: 0 } });
  });

  it('setting up: a dry run says what it would make, and makes nothing', async () => {
    await using world = await openNoticeWorld();
    expect(await made(world, world.planOf(), true)).toEqual(ALL.map((piece) => `${piece} to-be-made`));
    const standing = await noticeStanding(world.planOf(), world.ports, signal);
    expect(standing).toMatchObject({ hasTopic: false, queue: null, notifications: null, subscriptions: [] });
  });

  it('setting up: only what is missing is made, and what others put into the policy of the queue stays', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    const others = { Sid: 'mine', Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'x', Statement: others });
    await sqs(world.served.vault, 'SetQueueAttributes', { QueueUrl: await world.queue(), Attributes: { Policy } });
    await world.vault.notify({ topic: world.names.topic, ofArchives: true, ofInventories: false }, signal);
    expect(await made(world)).toEqual([
      'topic in-place',
      'queue in-place',
      'queue-policy made',
      'subscription in-place',
      'vault-notifications made',
    ]);
    const { policy } = await world.notices.queueStanding(await world.queue(), signal);
    expect(JSON.parse(policy)).toMatchObject({ Id: 'x', Statement: [others, { Effect: 'Allow' }] });
    expect(await world.vault.notifications(signal)).toMatchObject({ ofArchives: true, ofInventories: true });
  });

  it('setting up: a vault that tells another topic is left alone, and nothing is made', async () => {
    await using world = await openNoticeWorld();
    const topic = await topicOf(world, 'elsewhere');
    await world.vault.notify({ topic, ofArchives: true, ofInventories: true }, signal);
    await expect(made(world)).rejects.toMatchObject({
      code: 'BRAKE',
      message: `the vault tells another topic already: ${topic}`,
      hint: expect.stringContaining(`--sns-topic ${topic}`),
    });
    expect((await noticeStanding(world.planOf(), world.ports, signal)).hasTopic).toBe(false);
    // With that topic all goes well, and jobs are heard.
    expect(await made(world, world.planOf('auto', topic))).toEqual([
      'topic in-place',
      'queue made',
      'queue-policy made',
      'subscription made',
      'vault-notifications in-place',
    ]);
    await using completions = await world.listen();
    const job = await world.job();
    await world.end(job);
    expect(await completions.next(world.time.in(600), signal)).toEqual([job]);
  });

  it('setting up: a topic that was named is not made', async () => {
    await using world = await openNoticeWorld();
    const topic = TopicArn.parse(world.names.topic.replace(/[^:]*$/, 'missing'));
    await expect(made(world, world.planOf('auto', topic))).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
    expect(await world.notices.findQueue(world.names.queue, signal)).toBeNull();
  });

  it('setting up: a topic of another region, and a queue by its address, are refused before anything is asked', async () => {
    await using world = await openNoticeWorld();
    const topic = TopicArn.parse('arn:aws:sns:eu-west-1:123456789012:ready');
    expect(() => world.planOf('auto', topic)).toThrow(`topic ${topic} is in eu-west-1, and the vault is in us-east-1`);
    expect(() => world.planOf('http://a.example/123456789012/q')).toThrow('a queue is set up by its name');
  });

  it('setting up: a topic of another account is refused, and nothing is made', async () => {
    await using world = await openNoticeWorld();
    const { accountId } = await world.control.addAccount();
    const topic = TopicArn.parse(`arn:aws:sns:us-east-1:${accountId}:theirs`);
    await expect(made(world, world.planOf('auto', topic))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining('sns:GetTopicAttributes'),
    });
    expect(await world.notices.findQueue(world.names.queue, signal)).toBeNull();
  });

  it('setting up: without a queue a topic is made, and told', async () => {
    await using world = await openNoticeWorld();
    expect(await made(world, world.planOf('off'))).toEqual(['topic made', 'vault-notifications made']);
  });

  it.each([
    ['sns:CreateTopic', 'AuthorizationError', []],
    ['sqs:CreateQueue', 'AccessDeniedException', ['topic']],
    ['sns:Subscribe', 'AuthorizationError', ['topic', 'queue', 'queue-policy']],
    ['SetVaultNotifications', 'AccessDeniedException', ['topic', 'queue', 'queue-policy', 'subscription']],
  ] as const)(
    'setting up: without the right to %s, what was made before is told, and the next run goes on',
    async (operation, code, before) => {
      await using world = await openNoticeWorld();
      world.control.addFault({ operation, fault: 'error', status: 403, code });
      const steps: string[] = [];
      const deed = stepsOf(setUp(world.planOf(), world.ports, { dryRun: false }, signal), steps);
      const hint = operation.includes(':') ? expect.stringContaining(operation) : expect.any(String);
      await expect(deed).rejects.toMatchObject({ code: 'ACCESS_DENIED', hint });
      expect(steps).toEqual(before.map((piece) => `${piece} made`));
      expect(await made(world)).toEqual(
        ALL.map((piece) => `${piece} ${before.some((one) => one === piece) ? 'in-place' : 'made'}`),
      );
    },
  );

  it.each([
    { fault: 'lost-answer', next: 2 },
    { fault: 'error', status: 400, code: 'ThrottlingException', next: 2 },
    { fault: 'error', status: 500, next: 2 },
  ] as const)('setting up: %j is lived through', async (fault) => {
    await using world = await openNoticeWorld();
    const operations = ['sns:CreateTopic', 'sqs:CreateQueue', 'sns:Subscribe'] as const;
    for (const operation of operations) world.control.addFault({ operation, ...fault });
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} made`));
    expect(world.events.filter(({ event }) => event === 'retrying')).toHaveLength(6);
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} in-place`));
  });
});

describe('taking away', () => {
  it('taking away: all that was made goes; the second run finds nothing', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    const pieces = ['vault-notifications', 'subscription', 'queue', 'topic'];
    expect(await removed(world, world.planOf(), true)).toEqual(pieces.map((piece) => `${piece} to-be-removed`));
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} in-place`));
    expect(await removed(world)).toEqual(pieces.map((piece) => `${piece} removed`));
    expect(await removed(world)).toEqual(pieces.map((piece) => `${piece} absent`));
    expect(await made(world)).toEqual(ALL.map((piece) => `${piece} made`));
  });

  it('taking away: a vault that tells another topic goes on to', async () => {
    await using world = await openNoticeWorld();
    await world.setUp();
    const topic = await topicOf(world, 'elsewhere');
    await world.vault.notify({ topic, ofArchives: true, ofInventories: true }, signal);
    expect(await removed(world)).toContain('vault-notifications left');
    expect(await world.vault.notifications(signal)).toMatchObject({ topic });
  });

  it('taking away: topic and queue that were named stay, without what was put between them', async () => {
    await using world = await openNoticeWorld();
    const { topicArn, queueUrl } = await queueOfTopic(world.served.vault, 'theirs');
    await sqs(world.served.vault, 'CreateQueue', { QueueName: 'jobs' });
    const plan = world.planOf('jobs', TopicArn.parse(topicArn));
    await world.setUp(plan);
    expect(await removed(world, plan)).toEqual([
      'vault-notifications left',
      'subscription removed',
      'queue-policy removed',
      'queue left',
      'topic left',
    ]);
    const standing = await noticeStanding(plan, world.ports, signal);
    expect(standing).toMatchObject({ hasTopic: true, queue: { policy: '' }, subscription: null });
    expect(standing.subscriptions).toHaveLength(1);
    expect(queueUrl).toContain('theirs');
  });
});

describe('names of a vault', () => {
  const namesOf = (vault: string) => noticeNamesOf(`arn:aws:glacier:eu-west-1:123456789012:vaults/${vault}`);

  it('names of a vault: are its own where they can be, and lawful and different where they cannot', () => {
    expect(namesOf('photos')).toMatchObject({
      topic: 'arn:aws:sns:eu-west-1:123456789012:mtglacier-photos',
      queue: 'mtglacier-photos',
    });
    const vaults = [
      'a.b',
      'a_b',
      'a-b',
      'a..b',
      'x'.repeat(70),
      'x'.repeat(71),
      'x'.repeat(255),
      `${'x'.repeat(254)}y`,
    ];
    const dressed = namesOf('a.b').queue.slice('mtglacier-'.length);
    const names = [...vaults, dressed].map((vault) => namesOf(VaultName.parse(vault)).queue);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names of a vault: in other partitions of AWS they are of those', () => {
    const names = noticeNamesOf('arn:aws-cn:glacier:cn-north-1:123456789012:vaults/v');
    const plan = noticePlan(names, undefined, QueueReference.parse('auto', '--queue'));
    expect(plan.topic.arn).toBe('arn:aws-cn:sns:cn-north-1:123456789012:mtglacier-v');
    expect(plan.queue?.arn).toBe('arn:aws-cn:sqs:cn-north-1:123456789012:mtglacier-v');
    expect(() => noticeNamesOf('arn:aws:s3:::bucket')).toThrow('not the ARN of a vault');
  });
});
