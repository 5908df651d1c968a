// What goes wrong with topics and queues on order: their requests, in the words of each protocol, and their deliveries.

import { createVerify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../../../src/edges/local-server/control/fault-rule.js';
import { type RawRequest, send } from '../raw-client.js';
import { as, type Serving, serving } from '../serving.js';
import { type Endpoint, openEndpoint } from './endpoint.js';
import {
  type QueueOfTopic,
  queueOfTopic,
  receive,
  sns,
  snsRequest,
  sqs,
  sqsForm,
  sqsRequest,
  textsIn,
} from './notice-client.js';

let here: Serving;
let all: QueueOfTopic;
beforeAll(async () => {
  here = await serving();
  all = await queueOfTopic(here.vault, 'all');
});
afterAll(() => here[Symbol.asyncDispose]());
beforeEach(async () => {
  here.vault.control.clearFaults();
  here.vault.control.changeConditions({ requestsPerSecond: null, serviceClosed: false });
  await drained(all);
});

const order = (fault: FaultOrder): void => here.vault.control.addFault(fault);
const listTopics = snsRequest({ Action: 'ListTopics' });
const listQueues = sqsRequest('ListQueues', {});
const listQueuesByForm = sqsForm({ Action: 'ListQueues' });
const listVaults: RawRequest = { method: 'GET', path: '/-/vaults' };

/** Takes all that is there, and gives its texts. */
async function drained({ queueUrl }: QueueOfTopic): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const messages = await receive(here.vault, queueUrl);
    if (messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of messages) {
      bodies.push(Body);
      await sqs(here.vault, 'DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle });
    }
  }
}

const publish = (Message: string, { topicArn } = all): Promise<string> =>
  sns(here.vault, { Action: 'Publish', TopicArn: topicArn, Message });

describe('faults of requests to SNS and SQS', () => {
  test('SNS says it in XML, with the status that was ordered', async () => {
    order({ operation: 'sns:ListTopics', fault: 'error', status: 429, code: 'Throttled', message: 'as ordered' });
    const { status, body } = await send(here.vault, listTopics);
    const said = ['Type', 'Code', 'Message'].map((name) => textsIn(body.toString(), name)[0]);
    expect([status, ...said]).toEqual([429, 'Sender', 'Throttled', 'as ordered']);
    expect(here.seen()).toMatchObject({ operation: 'sns:ListTopics', fault: 'error', error: 'Throttled' });
    expect((await send(here.vault, listTopics)).status).toBe(200);
  });

  test('SQS says it in JSON, or in XML, with the status that was ordered', async () => {
    order({ operation: 'sqs:ListQueues', fault: 'error', status: 503, next: 2 });
    const inJson = await send(here.vault, listQueues);
    expect(inJson.status).toBe(503);
    expect(inJson.headers['x-amzn-query-error']).toBe('InternalError;Receiver');
    expect(JSON.parse(inJson.body.toString())).toEqual({
      __type: 'com.amazonaws.sqs#ServiceUnavailableException',
      message: 'A fault that was ordered.',
    });
    const inXml = await send(here.vault, listQueuesByForm);
    expect([inXml.status, ...textsIn(inXml.body.toString(), 'Code')]).toEqual([503, 'InternalError']);
    expect((await send(here.vault, listQueues)).status).toBe(200);
  });

  test('throttling counts each service and each account by itself, and each says it in its words', async () => {
    const other = as(here.vault, await here.vault.control.addAccount());
    here.vault.control.changeConditions({ requestsPerSecond: 0.001 });
    const wanted = [listVaults, listTopics, listQueues];
    for (const who of [here.vault, other]) {
      for (const request of wanted) expect((await send(who, request)).status).toBe(200);
    }
    expect((await send(here.vault, listVaults)).json['code']).toBe('ThrottlingException');
    const topics = await send(here.vault, listTopics);
    expect([topics.status, ...textsIn(topics.body.toString(), 'Code')]).toEqual([400, 'Throttling']);
    const queues = await send(here.vault, listQueues);
    const { __type: type } = JSON.parse(queues.body.toString()) as { __type: string };
    expect([queues.status, type]).toEqual([400, 'com.amazonaws.sqs#RequestThrottled']);
    const byForm = await send(other, listQueuesByForm);
    expect([byForm.status, ...textsIn(byForm.body.toString(), 'Code')]).toEqual([403, 'RequestThrottled']);
  });

  test('a Glacier that is closed closes neither SNS nor SQS', async () => {
    here.vault.control.changeConditions({ serviceClosed: true });
    expect((await send(here.vault, listVaults)).json['code']).toBe('NoLongerSupportedException');
    for (const request of [listTopics, listQueues]) expect((await send(here.vault, request)).status).toBe(200);
  });

  test('what was sent before the connection was reset is not there, what was answered in vain is', async () => {
    const sending = (MessageBody: string): Promise<unknown> =>
      send(here.vault, sqsRequest('SendMessage', { QueueUrl: all.queueUrl, MessageBody })).catch(
        ({ code }: NodeJS.ErrnoException) => code,
      );
    order({ operation: 'sqs:SendMessage', fault: 'reset' });
    expect(await sending('reset')).toBe('ECONNRESET');
    order({ operation: 'sqs:SendMessage', fault: 'lost-answer' });
    expect(await sending('lost answer')).toBe('ECONNRESET');
    expect(await drained(all)).toEqual(['lost answer']);
  });

  test('messages whose answer was lost are in flight, and come back', async () => {
    await sqs(here.vault, 'SendMessage', { QueueUrl: all.queueUrl, MessageBody: 'm' });
    order({ operation: 'sqs:ReceiveMessage', fault: 'lost-answer' });
    await expect(receive(here.vault, all.queueUrl, { VisibilityTimeout: 1 })).rejects.toThrow();
    expect(await receive(here.vault, all.queueUrl)).toEqual([]);
    expect(await receive(here.vault, all.queueUrl, { WaitTimeSeconds: 20, VisibilityTimeout: 0 })).toHaveLength(1);
  });

  test('an answer that is cut off is cut off', async () => {
    order({ operation: 'sqs:ListQueues', fault: 'truncate', afterBytes: 5 });
    await expect(send(here.vault, listQueues)).rejects.toThrow();
    expect(here.seen()).toMatchObject({ fault: 'truncate', complete: false });
  });

  test('a request that nobody signed uses no fault up', async () => {
    order({ operation: 'sns:ListTopics', fault: 'error', status: 500 });
    expect((await send(here.vault, { ...listTopics, secretAccessKey: 'x'.repeat(40) })).status).toBe(403);
    expect((await send(here.vault, listTopics)).status).toBe(500);
  });

  test('a fault of all operations strikes those of all services, and no delivery', async () => {
    order({ fault: 'error', status: 500, next: 3 });
    for (const request of [listVaults, listTopics, listQueues]) {
      expect((await send(here.vault, request)).status).toBe(500);
    }
    order({ fault: 'error', status: 500, every: 2 });
    await publish('arrives');
    here.vault.control.clearFaults();
    expect(await drained(all)).toHaveLength(1);
  });
});

type Letter = Readonly<Record<string, string>>;

async function isGenuine(letter: Letter): Promise<boolean> {
  const { publicKey } = new X509Certificate(await (await fetch(letter['SigningCertURL']!)).text());
  const names = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'];
  const text = names.map((name) => `${name}\n${letter[name]}\n`).join('');
  return createVerify('sha1').update(text).verify(publicKey, letter['Signature']!, 'base64');
}

const lettersOf = async (queue: QueueOfTopic): Promise<Letter[]> =>
  (await drained(queue)).map((body) => JSON.parse(body) as Letter);

describe('faults of deliveries to queues', () => {
  test('one that is lost never arrives, its sender does not know, and the log does', async () => {
    order({ operation: 'sns:Deliver', fault: 'lost', next: 2 });
    for (const text of ['one', 'two', 'three']) await publish(text);
    expect((await lettersOf(all)).map(({ Message }) => Message)).toEqual(['three']);
    const notices = here.lines.map((line) => (JSON.parse(line) as { notice?: string }).notice ?? '');
    expect(notices.filter((notice) => notice.endsWith(`to ${all.queueArn}: lost on order`))).toHaveLength(2);
  });

  test('one that is doubled arrives as two messages with one notice in them', async () => {
    order({ operation: 'sns:Deliver', fault: 'doubled' });
    await publish('twice');
    const messages = await receive(here.vault, all.queueUrl, { VisibilityTimeout: 0 });
    expect(new Set(messages.map(({ MessageId }) => MessageId)).size).toBe(2);
    const letters = messages.map(({ Body }) => JSON.parse(Body) as Letter);
    expect(new Set(letters.map(({ MessageId }) => MessageId)).size).toBe(1);
    expect(await Promise.all(letters.map(isGenuine))).toEqual([true, true]);
  });

  test('one that is late arrives after those that were sent later', async () => {
    order({ operation: 'sns:Deliver', fault: 'late', seconds: 1 });
    for (const text of ['late', 'in time']) await publish(text);
    const texts: string[] = [];
    while (texts.length < 2) {
      const messages = await receive(here.vault, all.queueUrl, { WaitTimeSeconds: 20 });
      texts.push(...messages.map(({ Body }) => (JSON.parse(Body) as Letter)['Message']!));
    }
    expect(texts).toEqual(['in time', 'late']);
  });

  test('one that is forged has a wrong signature, and says what the forger wants', async () => {
    order({ operation: 'sns:Deliver', fault: 'forged' });
    order({ operation: 'sns:Deliver', fault: 'forged', message: 'a lie', next: 2 });
    for (const text of ['one', 'two', 'three']) await publish(text);
    const letters = await lettersOf(all);
    expect(letters.map(({ Message }) => Message)).toEqual(['one', 'a lie', 'three']);
    expect(await Promise.all(letters.map(isGenuine))).toEqual([false, false, true]);
    expect(letters.map(({ Signature }) => Signature?.length)).toEqual([344, 344, 344]);
  });

  test('a bare message that is forged says what the forger wants', async () => {
    const raw = await queueOfTopic(here.vault, 'raw', true);
    order({ operation: 'sns:Deliver', fault: 'forged', message: 'a lie' });
    for (const text of ['one', 'two']) await publish(text, raw);
    expect(await drained(raw)).toEqual(['a lie', 'two']);
  });

  test('each subscriber counts by itself', async () => {
    const second = await queueOfTopic(here.vault, 'second');
    const too = { Action: 'Subscribe', TopicArn: all.topicArn, Protocol: 'sqs', Endpoint: second.queueArn };
    const policy = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: second.queueArn }],
    });
    await sqs(here.vault, 'SetQueueAttributes', { QueueUrl: second.queueUrl, Attributes: { Policy: policy } });
    const [arn = ''] = textsIn(await sns(here.vault, too), 'SubscriptionArn');
    order({ operation: 'sns:Deliver', fault: 'lost' });
    await publish('to one of two');
    expect([...(await drained(all)), ...(await drained(second))]).toHaveLength(1);
    await sns(here.vault, { Action: 'Unsubscribe', SubscriptionArn: arn });
  });
});

describe('faults of deliveries to endpoints', () => {
  const subscribe = async (topicArn: string, endpoint: Endpoint): Promise<void> => {
    await sns(here.vault, { Action: 'Subscribe', TopicArn: topicArn, Protocol: 'http', Endpoint: endpoint.url });
    await endpoint.received(1);
    await fetch(endpoint.posts[0]!.letter['SubscribeURL']!);
  };
  const newTopic = async (name: string): Promise<string> =>
    textsIn(await sns(here.vault, { Action: 'CreateTopic', Name: name }), 'TopicArn')[0]!;
  const publishTo = (TopicArn: string, Message: string): Promise<string> =>
    sns(here.vault, { Action: 'Publish', TopicArn, Message });

  test('letters are lost, doubled, late and forged', async () => {
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic('letters');
    await subscribe(topic, endpoint);
    order({ operation: 'sns:Deliver', fault: 'late', seconds: 1 });
    await publishTo(topic, 'late');
    order({ operation: 'sns:Deliver', fault: 'lost' });
    await publishTo(topic, 'lost');
    order({ operation: 'sns:Deliver', fault: 'doubled' });
    await publishTo(topic, 'doubled');
    await endpoint.received(3);
    order({ operation: 'sns:Deliver', fault: 'forged', message: 'a lie' });
    await publishTo(topic, 'forged');
    await endpoint.received(5);
    const letters = endpoint.posts.slice(1).map(({ letter }) => letter);
    expect(letters.map(({ Message }) => Message)).toEqual(['doubled', 'doubled', 'a lie', 'late']);
    expect(letters[0]!['MessageId']).toBe(letters[1]!['MessageId']);
    expect(await Promise.all(letters.map(isGenuine))).toEqual([true, true, false, true]);
  });

  test('questions whether an endpoint wants to be subscribed are ordered apart from notices', async () => {
    await using endpoint = await openEndpoint(200);
    const topic = await newTopic('questions');
    order({ operation: 'sns:Deliver', fault: 'lost' });
    order({ operation: 'sns:DeliverConfirmation', fault: 'doubled' });
    await sns(here.vault, { Action: 'Subscribe', TopicArn: topic, Protocol: 'http', Endpoint: endpoint.url });
    await endpoint.received(2);
    expect(new Set(endpoint.posts.map(({ letter }) => letter['Token'])).size).toBe(1);
  });
});
