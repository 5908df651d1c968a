// What can be asked for without a key: the links of letters and the certificate, and nothing beside them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOTICE_OPERATION_NAMES } from '../../../src/edges/local-server/protocol/notice-names.js';
import { entriesIn, type QueueOfTopic, queueOfTopic, receive, sns, sqsRequest } from './notices/notice-client.js';
import { type RawRequest, send } from './raw-client.js';
import { type Serving, serving } from './serving.js';

let here: Serving;
let pair: QueueOfTopic;

beforeAll(async () => {
  here = await serving();
  pair = await queueOfTopic(here.vault, 'aim');
});
afterAll(() => here[Symbol.asyncDispose]());

/** Parameters that would do something, whatever the action. */
function parameters(): string {
  const { topicArn, subscriptionArn, queueUrl } = pair;
  return new URLSearchParams({
    TopicArn: topicArn,
    SubscriptionArn: subscriptionArn,
    QueueUrl: queueUrl,
    Name: 'made',
    QueueName: 'made',
    Message: 'from a stranger',
    MessageBody: 'from a stranger',
    Protocol: 'sqs',
    Endpoint: pair.queueArn,
    AttributeName: 'RawMessageDelivery',
    AttributeValue: 'true',
    Token: 'none',
  }).toString();
}

const ACTIONS = NOTICE_OPERATION_NAMES.map((name) => name.split(':')[1] ?? '').filter((name) => name !== 'Unsubscribe');

describe('without a key', () => {
  test.each(ACTIONS)('%s is not done, however the link is written', async (action) => {
    const hidden = [
      `/?Action=Unsubscribe&Action=${action}&${parameters()}`,
      `/?Action=${action}&Action=ConfirmSubscription&Action=${action}&${parameters()}`,
      `/?Action=${action}&${parameters()}`,
      `/?Action=Unsubscribe?&Action=${action}&${parameters()}`,
      `/?Action=Unsubscribe&${parameters()}&Action=${action}`,
      `/?Action=Unsubscribe&%41ction=${action}&${parameters()}`,
    ];
    const requests: RawRequest[] = hidden.flatMap((path) => [
      { method: 'GET', path, unsigned: true },
      { method: 'GET', path, unsigned: true, headers: { 'x-amz-target': `AmazonSQS.${action}` } },
      { method: 'POST', path, unsigned: true },
    ]);
    const target = { 'x-amz-target': `AmazonSQS.${action}` };
    requests.push({ method: 'GET', path: '/?Action=Unsubscribe', unsigned: true, headers: target });
    for (const request of requests) {
      const { status, body } = await send(here.vault, request);
      expect([request.method, request.path, status >= 400 && status < 500, body.toString().slice(0, 99)]).toEqual([
        request.method,
        request.path,
        true,
        expect.any(String),
      ]);
    }
  });

  test('nothing of it was done', async () => {
    const { subscriptionArn: SubscriptionArn } = pair;
    expect(await receive(here.vault, pair.queueUrl)).toEqual([]);
    const attributes = entriesIn(await sns(here.vault, { Action: 'GetSubscriptionAttributes', SubscriptionArn }));
    expect(attributes['RawMessageDelivery']).toBe('false');
    expect(await sns(here.vault, { Action: 'ListTopics' })).not.toContain('made');
    expect((await send(here.vault, sqsRequest('ListQueues', {}))).body.toString()).not.toContain('made');
  });

  test('the link of a letter is followed', async () => {
    const path = `/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(pair.subscriptionArn)}`;
    expect((await send(here.vault, { method: 'GET', path, unsigned: true })).status).toBe(200);
  });
});
