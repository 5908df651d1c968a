// SNS at the wire: what each operation takes, answers and refuses.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalVault } from '../../../../src/edges/local-server/start.js';
import { type RawRequest, send } from '../raw-client.js';
import { type Serving, serving } from '../serving.js';
import { type QueueOfTopic, queueOfTopic, sns, snsRequest, textsIn } from './notice-client.js';

let here: Serving;
let vault: LocalVault;
const world = { topic: '', pair: {} as QueueOfTopic, pending: '' };

beforeAll(async () => {
  here = await serving();
  ({ vault } = here);
  world.topic = textsIn(await sns(vault, { Action: 'CreateTopic', Name: 'T' }), 'TopicArn')[0]!;
  world.pair = await queueOfTopic(vault, 'pair');
  const mail = { Protocol: 'email', Endpoint: 'a@example.com', ReturnSubscriptionArn: 'true' };
  world.pending = textsIn(await subscribe(mail), 'SubscriptionArn')[0]!;
});

afterAll(() => here[Symbol.asyncDispose]());

function subscribe(more: Record<string, string>): Promise<string> {
  return sns(vault, { Action: 'Subscribe', TopicArn: world.topic, ...more });
}

interface Row {
  readonly that: string;
  readonly request: () => Readonly<Record<string, string>> | RawRequest;
  readonly status: number;
  readonly code?: string;
  readonly text?: () => string | RegExp;
}

const INVALID = 'InvalidParameter';
const foreign = (): string => world.topic.replace(vault.accountId, '999999999999');
const attribute = (name: string, value: string): Record<string, string> => ({
  Action: 'SetTopicAttributes',
  TopicArn: world.topic,
  AttributeName: name,
  AttributeValue: value,
});

const TOPICS: Row[] = [
  {
    that: 'CreateTopic gives the ARN, also of one that exists',
    request: () => ({ Action: 'CreateTopic', Name: 'T' }),
    status: 200,
    text: () =>
      `<CreateTopicResult><TopicArn>arn:aws:sns:us-east-1:${vault.accountId}:T</TopicArn></CreateTopicResult>`,
  },
  {
    that: 'CreateTopic takes attributes that are what one has without having been told',
    request: () => ({
      Action: 'CreateTopic',
      Name: 'T',
      'Attributes.entry.1.key': 'DisplayName',
      'Attributes.entry.1.value': '',
      'Attributes.entry.2.key': 'SignatureVersion',
      'Attributes.entry.2.value': '1',
    }),
    status: 200,
    text: () => `<TopicArn>arn:aws:sns:us-east-1:${vault.accountId}:T</TopicArn>`,
  },
  {
    that: 'CreateTopic refuses other attributes for one that exists',
    request: () => ({
      Action: 'CreateTopic',
      Name: 'T',
      'Attributes.entry.1.key': 'DisplayName',
      'Attributes.entry.1.value': 'Jobs',
    }),
    status: 400,
    code: INVALID,
    text: () => 'Topic already exists with different attributes',
  },
  ...['', 'a b', 'T.fifo', 'x'.repeat(257)].map((Name) => ({
    that: `CreateTopic refuses the name ${JSON.stringify(Name.slice(0, 10))}`,
    request: () => ({ Action: 'CreateTopic', Name }),
    status: 400,
    code: Name === '' ? 'MissingParameter' : INVALID,
  })),
  {
    that: 'CreateTopic says that it has no tags',
    request: () => ({ Action: 'CreateTopic', Name: 'U', 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' }),
    status: 400,
    code: INVALID,
    text: () => 'Tags.member is not emulated',
  },
  {
    that: 'DeleteTopic of one that is not there succeeds',
    request: () => ({ Action: 'DeleteTopic', TopicArn: `${world.topic}-none` }),
    status: 200,
  },
  {
    that: 'DeleteTopic of another account is denied',
    request: () => ({ Action: 'DeleteTopic', TopicArn: foreign() }),
    status: 403,
    code: 'AuthorizationError',
  },
  {
    that: 'ListTopics names them all',
    request: () => ({ Action: 'ListTopics' }),
    status: 200,
    text: () => `<member><TopicArn>${world.topic}</TopicArn></member>`,
  },
  {
    that: 'GetTopicAttributes of one that is not there is refused',
    request: () => ({ Action: 'GetTopicAttributes', TopicArn: `${world.topic}-none` }),
    status: 404,
    code: 'NotFound',
    text: () => 'Topic does not exist',
  },
  {
    that: 'GetTopicAttributes needs an ARN',
    request: () => ({ Action: 'GetTopicAttributes', TopicArn: 'T' }),
    status: 400,
    code: INVALID,
  },
  { that: 'SetTopicAttributes takes DisplayName', request: () => attribute('DisplayName', ''), status: 200 },
  ...[
    ['SignatureVersion', '3'],
    ['Policy', 'not JSON'],
    ['DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}'],
    ['DisplayName', 'x'.repeat(101)],
    ['KmsMasterKeyId', 'alias/aws/sns'],
    ['Nonsense', ''],
  ].map(([name = '', value = '']) => ({
    that: `SetTopicAttributes refuses ${name} ${value.slice(0, 20)}`,
    request: () => attribute(name, value),
    status: 400,
    code: INVALID,
  })),
  {
    that: 'Publish gives an id',
    request: () => ({ Action: 'Publish', TopicArn: world.topic, Message: 'm' }),
    status: 200,
    text: () => /<MessageId>[0-9a-f-]{36}<\/MessageId>/,
  },
  {
    that: 'Publish takes TargetArn too',
    request: () => ({ Action: 'Publish', TargetArn: world.topic, Message: 'm' }),
    status: 200,
  },
  {
    that: 'Publish refuses an empty message',
    request: () => ({ Action: 'Publish', TopicArn: world.topic, Message: '' }),
    status: 400,
    code: INVALID,
    text: () => 'Empty message',
  },
  {
    that: 'Publish takes 256 KiB',
    request: () => ({ Action: 'Publish', TopicArn: world.topic, Message: 'x'.repeat(262_144) }),
    status: 200,
  },
  {
    that: 'Publish refuses a byte more',
    request: () => ({ Action: 'Publish', TopicArn: world.topic, Message: 'x'.repeat(262_145) }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'Publish refuses a subject with a newline',
    request: () => ({ Action: 'Publish', TopicArn: world.topic, Message: 'm', Subject: 'a\nb' }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'Publish says that it has no message attributes',
    request: () => ({
      Action: 'Publish',
      TopicArn: world.topic,
      Message: 'm',
      'MessageAttributes.entry.1.Name': 'a',
      'MessageAttributes.entry.1.Value.DataType': 'String',
    }),
    status: 400,
    code: INVALID,
    text: () => 'is not emulated',
  },
];

const SUBSCRIPTIONS: Row[] = [
  ...[
    { Protocol: 'sms', Endpoint: '+4912345' },
    { Protocol: 'sqs', Endpoint: 'https://queue' },
    { Protocol: 'http', Endpoint: 'https://example.com' },
    { Protocol: 'https', Endpoint: 'https://' },
    { Protocol: 'email', Endpoint: 'nobody' },
  ].map((what) => ({
    that: `Subscribe refuses ${what.Protocol} ${what.Endpoint}`,
    request: () => ({ Action: 'Subscribe', TopicArn: world.topic, ...what }),
    status: 400,
    code: INVALID,
  })),
  {
    that: 'Subscribe of a mailbox stays pending',
    request: () => ({ Action: 'Subscribe', TopicArn: world.topic, Protocol: 'email', Endpoint: 'a@example.com' }),
    status: 200,
    text: () => '<SubscriptionArn>pending confirmation</SubscriptionArn>',
  },
  {
    that: 'Subscribe of a queue that is subscribed gives the same ARN',
    request: () => ({
      Action: 'Subscribe',
      TopicArn: world.pair.topicArn,
      Protocol: 'sqs',
      Endpoint: world.pair.queueArn,
    }),
    status: 200,
    text: () => world.pair.subscriptionArn,
  },
  {
    that: 'Subscribe takes attributes that are what one has without having been told',
    request: () => ({
      Action: 'Subscribe',
      TopicArn: world.pair.topicArn,
      Protocol: 'sqs',
      Endpoint: world.pair.queueArn,
      'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': 'false',
    }),
    status: 200,
    text: () => `<SubscriptionArn>${world.pair.topicArn}:`,
  },
  {
    that: 'Subscribe refuses other attributes for one that exists',
    request: () => ({
      Action: 'Subscribe',
      TopicArn: world.pair.topicArn,
      Protocol: 'sqs',
      Endpoint: world.pair.queueArn,
      'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': 'true',
    }),
    status: 400,
    code: INVALID,
    text: () => 'Subscription already exists with different attributes',
  },
  {
    that: 'Subscribe says that it filters nothing',
    request: () => ({
      Action: 'Subscribe',
      TopicArn: world.topic,
      Protocol: 'sqs',
      Endpoint: world.pair.queueArn,
      'Attributes.entry.1.key': 'FilterPolicy',
      'Attributes.entry.1.value': '{}',
    }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'ListSubscriptionsByTopic shows who is still asked',
    request: () => ({ Action: 'ListSubscriptionsByTopic', TopicArn: world.topic }),
    status: 200,
    text: () => '<SubscriptionArn>PendingConfirmation</SubscriptionArn>',
  },
  {
    that: 'ListSubscriptions shows those of all topics',
    request: () => ({ Action: 'ListSubscriptions' }),
    status: 200,
    text: () => `<SubscriptionArn>${world.pair.subscriptionArn}</SubscriptionArn>`,
  },
  {
    that: 'GetSubscriptionAttributes of one that is not there is refused',
    request: () => ({ Action: 'GetSubscriptionAttributes', SubscriptionArn: `${world.topic}:none` }),
    status: 404,
    code: 'NotFound',
    text: () => 'Subscription does not exist',
  },
  {
    that: 'SetSubscriptionAttributes refuses a raw delivery that is neither true nor false',
    request: () => ({
      Action: 'SetSubscriptionAttributes',
      SubscriptionArn: world.pair.subscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'yes',
    }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'Unsubscribe of one that is not there succeeds',
    request: () => ({ Action: 'Unsubscribe', SubscriptionArn: `${world.topic}:none` }),
    status: 200,
  },
  {
    that: 'Unsubscribe of one that is still asked is refused',
    request: () => ({ Action: 'Unsubscribe', SubscriptionArn: world.pending }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'ConfirmSubscription refuses a token that nobody was sent',
    request: () => ({ Action: 'ConfirmSubscription', TopicArn: world.topic, Token: 'abc' }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'ConfirmSubscription of another topic is not one',
    request: () => ({ Action: 'ConfirmSubscription', TopicArn: `${world.topic}2`, Token: 'abc' }),
    status: 400,
    code: INVALID,
  },
];

const PROTOCOL: Row[] = [
  { that: 'an unknown action is refused', request: () => ({ Action: 'Nonsense' }), status: 400, code: 'InvalidAction' },
  { that: 'no action is refused', request: () => ({}), status: 400, code: 'InvalidAction' },
  {
    that: 'a wrong secret is refused in XML',
    request: () => ({ ...snsRequest({ Action: 'ListTopics' }), secretAccessKey: 'x'.repeat(40) }),
    status: 403,
    code: 'SignatureDoesNotMatch',
  },
  {
    that: 'an unknown key is refused in XML',
    request: () => ({ ...snsRequest({ Action: 'ListTopics' }), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    status: 403,
    code: 'InvalidClientTokenId',
  },
  {
    that: 'a request may be a GET',
    request: () => ({
      method: 'GET',
      path: '/?Action=ListTopics',
      service: 'sns',
      headers: { 'x-amz-glacier-version': null },
    }),
    status: 200,
    text: () => world.topic,
  },
  {
    that: 'a link needs no signature, but its token',
    request: () => ({ method: 'GET', path: '/?Action=ConfirmSubscription&TopicArn=x&Token=y', unsigned: true }),
    status: 400,
    code: INVALID,
  },
  {
    that: 'an unknown certificate is not found',
    request: () => ({
      method: 'GET',
      path: `/SimpleNotificationService-${'0'.repeat(32)}.pem`,
      unsigned: true,
    }),
    status: 404,
    code: 'NotFound',
  },
];

describe.each([
  ['topics', TOPICS],
  ['subscriptions', SUBSCRIPTIONS],
  ['protocol', PROTOCOL],
])('sns %s', (_, rows) => {
  test.each(rows.map((row) => [row.that, row] as const))('%s', async (_that, { request, status, code, text }) => {
    const wanted = request();
    const answer = await send(vault, 'method' in wanted ? (wanted as RawRequest) : snsRequest(wanted));
    const xml = answer.body.toString();
    expect({ status: answer.status, code: textsIn(xml, 'Code')[0] }).toEqual({ status, code });
    expect(answer.headers['content-type']).toBe('text/xml');
    expect(textsIn(xml, 'RequestId')).toHaveLength(1);
    if (text !== undefined) expect(xml).toMatch(text());
  });
});

describe('sns', () => {
  test('a request without a signature is refused, whatever it asks for', async () => {
    for (const action of ['ListTopics', 'CreateTopic', 'Publish', 'Subscribe']) {
      const path = `/?Action=${action}&Name=N&TopicArn=${world.topic}&Message=m`;
      for (const method of ['GET', 'POST']) {
        const answer = await send(vault, { method, path, unsigned: true });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(await sns(vault, { Action: 'ListTopics' })).not.toContain(':N<');
  });
});
