// Topics and their subscribers: how these are counted and listed, and what reaches a queue.

import { createVerify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalVault } from '../../../../src/edges/local-server/start.js';
import { send } from '../raw-client.js';
import { type Serving, serving } from '../serving.js';
import { entriesIn, queueOfTopic, receive, sns, snsRequest, sqs, textsIn } from './notice-client.js';

let here: Serving;
let vault: LocalVault;

beforeAll(async () => {
  here = await serving();
  ({ vault } = here);
});
afterAll(() => here[Symbol.asyncDispose]());

describe('sns', () => {
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
    expect(here.lines.filter((line) => line.includes('notice'))).toContainEqual(
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
