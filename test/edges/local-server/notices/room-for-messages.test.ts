// How much queues and letters may hold: a bound, so that memory is one too.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NoticeOffice, openNoticeOffice } from '../../../../src/edges/local-server/notices/notice-office.js';
import { standardAttributes } from '../../../../src/edges/local-server/notices/queue-attributes.js';
import { sendMessage } from '../../../../src/edges/local-server/notices/sqs-messages.js';
import { ManualClock } from './manual-clock.js';

const ACCOUNT = '123456789012';
const CALL = { accountId: ACCOUNT, origin: 'http://localhost', signal: new AbortController().signal };
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:T`;
const DAY_MS = 86_400_000;

let directory: string;
let clock: ManualClock;
let office: NoticeOffice;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  clock = new ManualClock();
  const room = { messages: 4, characters: 100 };
  const place = { directory, tmp: directory, region: 'us-east-1' };
  office = await openNoticeOffice({ ...place, clock, log: () => undefined, room });
  office.open('http://127.0.0.1:9');
  for (const name of ['A', 'B']) {
    const attributes = Object.fromEntries(standardAttributes());
    office.store.record({ type: 'queue', arn: arnOf(name), attributes, at: 0 });
  }
});
afterEach(async () => {
  await office.close();
  await rm(directory, { recursive: true });
});

const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:${ACCOUNT}:${queue}`;
const OVER = 'holds no more than 4 messages, or 100 characters of them';

function sendTo(queue: string, text: string): string {
  const fields = { QueueUrl: `/${ACCOUNT}/${queue}`, MessageBody: text };
  return (sendMessage(office, CALL, fields) as { MessageId: string }).MessageId;
}

function subscribe(name: string, protocol: 'http' | 'sqs', endpoint: string): void {
  const arn = `${TOPIC}:${name}`;
  const attributes = { RawMessageDelivery: 'true' };
  office.store.record({
    type: 'subscription',
    arn,
    topic: TOPIC,
    protocol,
    endpoint,
    owner: ACCOUNT,
    attributes,
    at: 0,
  });
  const how = { authenticated: true, authenticateOnUnsubscribe: false };
  office.store.record({ type: 'subscription-confirmed', arn, ...how, at: 0 });
}

test('messages over the number are refused with OverLimit, in whatever queue the others are', () => {
  for (const queue of ['A', 'B', 'A', 'B']) sendTo(queue, 'm');
  expect(() => sendTo('A', 'm')).toThrow(expect.objectContaining({ code: 'OverLimit', status: 403 }));
  expect(() => sendTo('A', 'm')).toThrow(OVER);
});

test('messages over the size are refused', () => {
  sendTo('A', 'm'.repeat(60));
  expect(() => sendTo('B', 'm'.repeat(41))).toThrow(OVER);
  sendTo('B', 'm'.repeat(40));
});

test.each(['deleted', 'purged', 'expired', 'gone with its queue'])('what is %s makes room', (how) => {
  const id = sendTo('A', 'm'.repeat(100));
  if (how === 'deleted') office.store.record({ type: 'message-deleted', queue: arnOf('A'), id, at: 0 });
  if (how === 'purged') office.store.record({ type: 'queue-purged', arn: arnOf('A'), at: 0 });
  if (how === 'expired') clock.advance(14 * DAY_MS);
  if (how === 'gone with its queue') office.store.record({ type: 'queue-deleted', arn: arnOf('A'), at: 0 });
  sendTo('B', 'm'.repeat(100));
  expect(() => sendTo('B', 'm')).toThrow(OVER);
});

test('a notice that has no room at all its subscribers goes to none, and says so to who publishes it', async () => {
  office.store.record({ type: 'topic', arn: TOPIC, attributes: {}, at: 0 });
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: arnOf('A') }],
  });
  office.store.record({ type: 'queue-attributes', arn: arnOf('A'), attributes: { Policy }, at: 0 });
  subscribe('A', 'sqs', arnOf('A'));
  subscribe('hook', 'http', 'http://127.0.0.1:9/hook');
  await office.publish(TOPIC, 'm'.repeat(25), null);
  expect(office.store.state.queues.get(arnOf('A'))?.held).toEqual({ messages: 1, characters: 25 });
  expect(office.store.state.deliveries.size).toBe(1);
  await expect(office.publish(TOPIC, 'm'.repeat(26), null)).rejects.toThrow(OVER);
  expect(office.store.state.queues.get(arnOf('A'))?.held).toEqual({ messages: 1, characters: 25 });
  expect(office.store.state.deliveries.size).toBe(1);
});
