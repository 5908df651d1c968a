// SNS at the wire: what each operation takes, answers and refuses, and what reaches a queue.

import { createVerify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../../src/edges/local-server/start.js';
import { type RawRequest, send } from '../raw-client.js';
import { entriesIn, type QueueOfTopic, queueOfTopic, receive, sns, snsRequest, sqs, textsIn } from './notice-client.js';

let directory: string;
let vault: LocalVault;
const lines: string[] = [];
const world = { topic: '', pair: {} as QueueOfTopic, pending: '' };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, log: (line) => lines.push(line) });
  world.topic = textsIn(await sns(vault, { Action: 'CreateTopic', Name: 'T' }), 'TopicArn')[0]!;
  world.pair = await queueOfTopic(vault, 'pair');
  const mail = { Protocol: 'email', Endpoint: 'a@example.com', ReturnSubscriptionArn: 'true' };
  world.pending = textsIn(await subscribe(mail), 'SubscriptionArn')[0]!;
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

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

  test('attributes of a topic count its subscriptions', async () => {
    const { topicArn, subscriptionArn } = await queueOfTopic(vault, 'counted');
    const counts = async (): Promise<unknown> => {
      const all = entriesIn(await sns(vault, { Action: 'GetTopicAttributes', TopicArn: topicArn }));
      return [all['SubscriptionsConfirmed'], all['SubscriptionsPending'], all['SubscriptionsDeleted'], all['Owner']];
    };
    expect(await counts()).toEqual(['1', '0', '0', vault.accountId]);
    await sns(vault, { Action: 'Unsubscribe', SubscriptionArn: subscriptionArn });
    expect(await counts()).toEqual(['0', '0', '1', vault.accountId]);
  });

  test('pages of subscriptions neither overlap nor skip', async () => {
    const topicArn = textsIn(await sns(vault, { Action: 'CreateTopic', Name: 'crowded' }), 'TopicArn')[0]!;
    for (let i = 0; i < 205; i++) {
      await sns(vault, { Action: 'Subscribe', TopicArn: topicArn, Protocol: 'email', Endpoint: `a${i}@b` });
    }
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const page = await sns(vault, {
        Action: 'ListSubscriptionsByTopic',
        TopicArn: topicArn,
        ...(token === '' ? {} : { NextToken: token }),
      });
      const endpoints = textsIn(page, 'Endpoint');
      sizes.push(endpoints.length);
      seen.push(...endpoints);
      token = textsIn(page, 'NextToken')[0];
    }
    expect(sizes).toEqual([100, 100, 5]);
    expect(new Set(seen).size).toBe(205);
  });

  test('a message reaches the queue in an envelope whose signature holds, by either version', async () => {
    const { topicArn, queueUrl, subscriptionArn } = await queueOfTopic(vault, 'signed');
    for (const [version, digest] of [
      ['1', 'sha1'],
      ['2', 'sha256'],
    ] as const) {
      const set = { AttributeName: 'SignatureVersion', AttributeValue: version };
      await sns(vault, { Action: 'SetTopicAttributes', TopicArn: topicArn, ...set });
      const message = '{"a": "<é&>\r\n"}';
      const published = await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: message, Subject: 'S' });
      const [received] = await receive(vault, queueUrl);
      const letter = JSON.parse(received!.Body) as Record<string, string>;
      expect(letter).toMatchObject({
        Type: 'Notification',
        MessageId: textsIn(published, 'MessageId')[0],
        TopicArn: topicArn,
        Subject: 'S',
        Message: message,
        SignatureVersion: version,
        UnsubscribeURL: `${vault.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
      });
      const text = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        .map((name) => `${name}\n${letter[name]}\n`)
        .join('');
      expect(await isSigned(letter, text, digest)).toBe(true);
      expect(await isSigned(letter, `${text} `, digest)).toBe(false);
      await sqs(vault, 'DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: received!.ReceiptHandle });
    }
  });

  test('a message without subject has none in its envelope', async () => {
    const { topicArn, queueUrl } = await queueOfTopic(vault, 'plain');
    await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    const [received] = await receive(vault, queueUrl);
    const letter = JSON.parse(received!.Body) as Record<string, string>;
    expect(Object.keys(letter)).not.toContain('Subject');
    const names = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'];
    expect(await isSigned(letter, names.map((name) => `${name}\n${letter[name]}\n`).join(''), 'sha1')).toBe(true);
  });

  test('raw delivery brings the bare message, and may be switched', async () => {
    const { topicArn, queueUrl, subscriptionArn } = await queueOfTopic(vault, 'raw', true);
    const deliver = async (): Promise<string> => {
      await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'bare' });
      return (await receive(vault, queueUrl))[0]!.Body;
    };
    expect(await deliver()).toBe('bare');
    const get = { Action: 'GetSubscriptionAttributes', SubscriptionArn: subscriptionArn };
    expect(entriesIn(await sns(vault, get))).toMatchObject({
      RawMessageDelivery: 'true',
      PendingConfirmation: 'false',
      ConfirmationWasAuthenticated: 'true',
      Protocol: 'sqs',
      TopicArn: topicArn,
    });
    const set = { AttributeName: 'RawMessageDelivery', AttributeValue: 'false' };
    await sns(vault, { Action: 'SetSubscriptionAttributes', SubscriptionArn: subscriptionArn, ...set });
    expect(JSON.parse(await deliver())).toMatchObject({ Message: 'bare' });
  });

  test('a queue whose policy does not name the topic gets nothing, and a line of the log says so', async () => {
    const { topicArn, queueUrl, queueArn } = await queueOfTopic(vault, 'refused');
    await sqs(vault, 'SetQueueAttributes', { QueueUrl: queueUrl, Attributes: { Policy: '' } });
    await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    expect(await receive(vault, queueUrl)).toEqual([]);
    expect(lines.filter((line) => line.includes('notice'))).toContainEqual(
      expect.stringContaining(`${topicArn} cannot deliver to ${queueArn}: its policy does not`),
    );
  });

  test('who has left, and whose topic is gone, gets nothing more', async () => {
    const { topicArn, queueUrl, subscriptionArn } = await queueOfTopic(vault, 'left');
    await sns(vault, { Action: 'Unsubscribe', SubscriptionArn: subscriptionArn });
    await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    expect(await receive(vault, queueUrl)).toEqual([]);
    await sns(vault, { Action: 'DeleteTopic', TopicArn: topicArn });
    expect(await sns(vault, { Action: 'ListSubscriptions' })).not.toContain(`${topicArn}:`);
    const again = snsRequest({ Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    expect((await send(vault, again)).status).toBe(404);
  });

  test('the link in an envelope ends the subscription without a signature', async () => {
    const { topicArn, queueUrl } = await queueOfTopic(vault, 'link');
    await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    const [received] = await receive(vault, queueUrl);
    const { UnsubscribeURL } = JSON.parse(received!.Body) as Record<string, string>;
    expect((await fetch(UnsubscribeURL!)).status).toBe(200);
    expect(await sns(vault, { Action: 'ListSubscriptionsByTopic', TopicArn: topicArn })).not.toContain('<member>');
  });
});

async function isSigned(letter: Record<string, string>, text: string, digest: string): Promise<boolean> {
  const pem = await (await fetch(letter['SigningCertURL']!)).text();
  const { publicKey } = new X509Certificate(pem);
  return createVerify(digest).update(text).verify(publicKey, letter['Signature']!, 'base64');
}
