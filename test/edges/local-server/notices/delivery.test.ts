// Letters to web endpoints: the handshake, the headers, the signatures, and what happens when nobody takes them.

import { createVerify, X509Certificate } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type NoticeOffice, openNoticeOffice } from '../../../../src/edges/local-server/notices/notice-office.js';
import { SigningKey } from '../../../../src/edges/local-server/notices/signing-key.js';
import { confirmSubscription, subscribe } from '../../../../src/edges/local-server/notices/sns-subscriptions.js';
import { type LocalVault, startLocalVault } from '../../../../src/edges/local-server/start.js';
import { type Endpoint, openEndpoint } from './endpoint.js';
import { ManualClock } from './manual-clock.js';
import { entriesIn, sns, textsIn } from './notice-client.js';

let directory: string;
let keyFile: string;

beforeAll(async () => {
  keyFile = join(await mkdtemp(join(tmpdir(), 'signing-key-')), 'signing-key.pem');
  await new SigningKey(join(keyFile, '..'), Date.now).certificate();
});
afterAll(() => rm(join(keyFile, '..'), { recursive: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function newTopic(vault: LocalVault): Promise<string> {
  return textsIn(await sns(vault, { Action: 'CreateTopic', Name: 'T' }), 'TopicArn')[0]!;
}

async function isSigned({ letter }: Endpoint['posts'][number], names: readonly string[]): Promise<boolean> {
  const { publicKey } = new X509Certificate(await (await fetch(letter['SigningCertURL']!)).text());
  const text = names.map((name) => `${name}\n${letter[name]}\n`).join('');
  return createVerify('sha1').update(text).verify(publicKey, letter['Signature']!, 'base64');
}

const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

describe('delivery over the local vault', () => {
  test('an endpoint is asked, confirms, is told, leaves, and comes back', async () => {
    await using vault = await startLocalVault({ directory });
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic(vault);
    const asked = await sns(vault, { Action: 'Subscribe', TopicArn: topic, Protocol: 'http', Endpoint: endpoint.url });
    expect(textsIn(asked, 'SubscriptionArn')).toEqual(['pending confirmation']);
    await endpoint.received(1);
    const [question] = endpoint.posts;
    expect(question!.headers).toMatchObject({
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-message-id': question!.letter['MessageId'],
      'x-amz-sns-topic-arn': topic,
    });
    expect(question!.headers).not.toHaveProperty('x-amz-sns-subscription-arn');
    expect(await isSigned(question!, CONFIRMATION)).toBe(true);

    await sns(vault, { Action: 'Publish', TopicArn: topic, Message: 'before' });
    const confirmed = await (await fetch(question!.letter['SubscribeURL']!)).text();
    const arn = textsIn(confirmed, 'SubscriptionArn')[0]!;
    expect(arn).toMatch(`${topic}:`);
    expect(textsIn(await (await fetch(question!.letter['SubscribeURL']!)).text(), 'SubscriptionArn')).toEqual([arn]);

    await sns(vault, { Action: 'Publish', TopicArn: topic, Message: 'now' });
    await endpoint.received(2);
    const [, notice] = endpoint.posts;
    expect(notice!.letter).toMatchObject({ Type: 'Notification', Message: 'now', TopicArn: topic });
    expect(notice!.headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-subscription-arn': arn,
    });
    expect(notice!.headers).not.toHaveProperty('x-amz-sns-rawdelivery');
    expect(await isSigned(notice!, ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'])).toBe(true);

    await fetch(notice!.letter['UnsubscribeURL']!);
    await endpoint.received(3);
    const [, , farewell] = endpoint.posts;
    expect(farewell!.letter).toMatchObject({ Type: 'UnsubscribeConfirmation', TopicArn: topic });
    expect(farewell!.headers).toMatchObject({ 'x-amz-sns-subscription-arn': arn });
    expect(await isSigned(farewell!, CONFIRMATION)).toBe(true);
    expect(await sns(vault, { Action: 'ListSubscriptions' })).not.toContain('<member>');
    expect(textsIn(await (await fetch(farewell!.letter['SubscribeURL']!)).text(), 'SubscriptionArn')).toEqual([arn]);
    expect(await sns(vault, { Action: 'ListSubscriptions' })).toContain(arn);
  });

  test('who has left and subscribes anew cannot come back by the farewell too', async () => {
    await using vault = await startLocalVault({ directory });
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic(vault);
    const subscribing = { Action: 'Subscribe', TopicArn: topic, Protocol: 'http', Endpoint: endpoint.url };
    await sns(vault, subscribing);
    await endpoint.received(1);
    const confirmed = await (await fetch(endpoint.posts[0]!.letter['SubscribeURL']!)).text();
    await sns(vault, { Action: 'Unsubscribe', SubscriptionArn: textsIn(confirmed, 'SubscriptionArn')[0]! });
    await endpoint.received(2);
    await sns(vault, subscribing);
    await endpoint.received(3);
    expect((await fetch(endpoint.posts[1]!.letter['SubscribeURL']!)).status).toBe(400);
    expect((await fetch(endpoint.posts[2]!.letter['SubscribeURL']!)).status).toBe(200);
    const all = await sns(vault, { Action: 'ListSubscriptionsByTopic', TopicArn: topic });
    expect(textsIn(all, 'Endpoint')).toEqual([endpoint.url]);
    const counts = entriesIn(await sns(vault, { Action: 'GetTopicAttributes', TopicArn: topic }));
    expect(counts).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsDeleted: '1' });
  });

  test('raw delivery posts the bare message, and says so', async () => {
    await using vault = await startLocalVault({ directory });
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic(vault);
    await sns(vault, {
      Action: 'Subscribe',
      TopicArn: topic,
      Protocol: 'http',
      Endpoint: endpoint.url,
      'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': 'true',
    });
    await endpoint.received(1);
    await fetch(endpoint.posts[0]!.letter['SubscribeURL']!);
    await sns(vault, { Action: 'Publish', TopicArn: topic, Message: 'bare é' });
    await endpoint.received(2);
    expect(endpoint.posts[1]!.body).toBe('bare é');
    expect(endpoint.posts[1]!.headers).toMatchObject({ 'x-amz-sns-rawdelivery': 'true' });
  });

  test('a subscription confirmed for its owner alone is not ended by a link', async () => {
    await using vault = await startLocalVault({ directory });
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic(vault);
    await sns(vault, { Action: 'Subscribe', TopicArn: topic, Protocol: 'http', Endpoint: endpoint.url });
    await endpoint.received(1);
    const Token = endpoint.posts[0]!.letter['Token']!;
    const confirm = { Action: 'ConfirmSubscription', TopicArn: topic, Token, AuthenticateOnUnsubscribe: 'true' };
    const arn = textsIn(await sns(vault, confirm), 'SubscriptionArn')[0]!;
    const link = `${vault.endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}`;
    expect((await fetch(link)).status).toBe(403);
    await sns(vault, { Action: 'Unsubscribe', SubscriptionArn: arn });
    expect(await sns(vault, { Action: 'ListSubscriptions' })).not.toContain('<member>');
  });
});

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:T';
const SUBSCRIPTION = `${TOPIC}:0`;
const CALL = { accountId: '123456789012', origin: 'http://localhost', signal: new AbortController().signal };

async function openOffice(clock: ManualClock, lines: string[] = []): Promise<NoticeOffice> {
  await copyFile(keyFile, join(directory, 'signing-key.pem'));
  const office = await openNoticeOffice({
    directory,
    tmp: directory,
    region: 'us-east-1',
    clock,
    log: (line) => lines.push(line),
  });
  office.open('http://127.0.0.1:9');
  return office;
}

function subscribed(office: NoticeOffice, url: string): void {
  office.store.record({ type: 'topic', arn: TOPIC, attributes: {}, at: 0 });
  const who = { topic: TOPIC, protocol: 'http', endpoint: url, owner: '123456789012', attributes: {} } as const;
  office.store.record({ type: 'subscription', arn: SUBSCRIPTION, ...who, at: 0 });
  const how = { authenticated: false, authenticateOnUnsubscribe: false };
  office.store.record({ type: 'subscription-confirmed', arn: SUBSCRIPTION, ...how, at: 0 });
}

async function ended(office: NoticeOffice): Promise<void> {
  while (office.store.state.deliveries.size > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('delivery on a clock of its own', () => {
  test('what an endpoint does not take comes again after 20 seconds, with the same id, until it is taken', async () => {
    const [clock, lines] = [new ManualClock(), [] as string[]];
    await using endpoint = await openEndpoint(500, 429, 204);
    const office = await openOffice(clock, lines);
    subscribed(office, endpoint.url);
    await office.publish(TOPIC, 'm', null);
    for (const attempt of [1, 2]) {
      await endpoint.received(attempt);
      await clock.awaited(20_000);
      clock.advance(19_999);
      expect(endpoint.posts).toHaveLength(attempt);
      clock.advance(1);
    }
    await endpoint.received(3);
    await ended(office);
    expect(new Set(endpoint.posts.map((post) => post.letter['MessageId'])).size).toBe(1);
    expect(lines).toEqual([expect.stringContaining('answered 204')]);
    await office.close();
  });

  test('after three more attempts it is given up', async () => {
    const [clock, lines] = [new ManualClock(), [] as string[]];
    await using endpoint = await openEndpoint(503);
    const office = await openOffice(clock, lines);
    subscribed(office, endpoint.url);
    await office.publish(TOPIC, 'm', null);
    for (const attempt of [1, 2, 3]) {
      await endpoint.received(attempt);
      await clock.awaited(20_000);
      clock.advance(20_000);
    }
    await ended(office);
    expect(endpoint.posts).toHaveLength(4);
    expect(lines).toEqual([expect.stringContaining('answered 503')]);
    await office.close();
  });

  test('a refusal is final, and the topic may say how often to try', async () => {
    const clock = new ManualClock();
    await using endpoint = await openEndpoint(404, 500, 200);
    const office = await openOffice(clock);
    subscribed(office, endpoint.url);
    const value = '{"http":{"defaultHealthyRetryPolicy":{"numRetries":1,"numNoDelayRetries":1}}}';
    office.store.record({ type: 'topic-attribute', arn: TOPIC, name: 'DeliveryPolicy', value, at: 0 });
    await office.publish(TOPIC, 'refused', null);
    await ended(office);
    expect(endpoint.posts).toHaveLength(1);
    await office.publish(TOPIC, 'again', null);
    await endpoint.received(2);
    await clock.awaited(0);
    clock.advance(0);
    await ended(office);
    expect(endpoint.posts.map((post) => post.letter['Message'])).toEqual(['refused', 'again', 'again']);
    await office.close();
  });

  test('an endpoint that does not answer within 15 seconds has not taken it', async () => {
    const [clock, lines] = [new ManualClock(), [] as string[]];
    await using endpoint = await openEndpoint(0, 200);
    const office = await openOffice(clock, lines);
    subscribed(office, endpoint.url);
    await office.publish(TOPIC, 'm', null);
    await endpoint.received(1);
    clock.advance(15_000);
    await clock.awaited(20_000);
    clock.advance(20_000);
    await ended(office);
    expect(lines).toEqual([expect.stringContaining('answered 200')]);
    await office.close();
  });

  test('a dead endpoint keeps no other from being told', async () => {
    const clock = new ManualClock();
    await using dead = await openEndpoint(500);
    await using alive = await openEndpoint(200);
    const office = await openOffice(clock);
    subscribed(office, dead.url);
    for (let i = 0; i < 40; i++) await office.publish(TOPIC, `${i}`, null);
    await dead.received(40);
    const who = { topic: TOPIC, protocol: 'http', endpoint: alive.url, owner: '1', attributes: {} } as const;
    office.store.record({ type: 'subscription', arn: `${TOPIC}:1`, ...who, at: 0 });
    const how = { authenticated: false, authenticateOnUnsubscribe: false };
    office.store.record({ type: 'subscription-confirmed', arn: `${TOPIC}:1`, ...how, at: 0 });
    await office.publish(TOPIC, 'last', null);
    await alive.received(1);
    await office.close();
  });

  test('what was not taken before a restart goes out after it', async () => {
    const clock = new ManualClock();
    await using endpoint = await openEndpoint(500, 200);
    const before = await openOffice(clock);
    subscribed(before, endpoint.url);
    await before.publish(TOPIC, 'm', null);
    await endpoint.received(1);
    await before.close();
    const after = await openOffice(clock);
    await endpoint.received(2);
    await ended(after);
    await after.close();
    const third = await openOffice(clock);
    expect(third.store.state.deliveries.size).toBe(0);
    await third.close();
    expect(endpoint.posts.map((post) => post.letter['Message'])).toEqual(['m', 'm']);
  });

  test('who has left is told nothing that was still under way', async () => {
    const [clock, lines] = [new ManualClock(), [] as string[]];
    await using endpoint = await openEndpoint(500);
    const office = await openOffice(clock, lines);
    subscribed(office, endpoint.url);
    await office.publish(TOPIC, 'm', null);
    await endpoint.received(1);
    await clock.awaited(20_000);
    office.store.record({ type: 'unsubscribed', arn: SUBSCRIPTION, token: null, at: 0 });
    clock.advance(20_000);
    await ended(office);
    expect(endpoint.posts).toHaveLength(1);
    expect(lines).toEqual([expect.stringContaining('the subscription is gone')]);
    await office.close();
  });

  test('who is still asked is told nothing, and may take three days to answer', async () => {
    const [clock, lines] = [new ManualClock(), [] as string[]];
    await using endpoint = await openEndpoint(200);
    const office = await openOffice(clock, lines);
    office.store.record({ type: 'topic', arn: TOPIC, attributes: {}, at: 0 });
    const form = { TopicArn: TOPIC, Protocol: 'http', Endpoint: endpoint.url };
    subscribe(office, CALL, new Map(Object.entries(form)));
    await ended(office);
    await office.publish(TOPIC, 'told to nobody yet', null);
    await ended(office);
    expect(lines).toEqual([expect.stringContaining('SubscriptionConfirmation')]);
    const confirm = (): unknown =>
      confirmSubscription(
        office,
        CALL,
        new Map([
          ['TopicArn', TOPIC],
          ['Token', endpoint.posts[0]!.letter['Token']!],
        ]),
      );
    clock.advance(3 * 86_400_000 + 1);
    expect(confirm).toThrow(/expired/);
    clock.advance(-1);
    expect(confirm()).toEqual([['SubscriptionArn', expect.stringContaining(TOPIC)]]);
    await office.close();
  });

  test('a topic that does not exist is told nothing, and a line of the log says so', async () => {
    const lines: string[] = [];
    const office = await openOffice(new ManualClock(), lines);
    await office.publish(`${TOPIC}-none`, 'm', null);
    expect(lines).toEqual([expect.stringContaining(`${TOPIC}-none`)]);
    await office.close();
  });
});
