// What topics and queues still know after kill -9, a torn log, and a restart; and what jobs tell them.

import { appendFile, type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { startLocalVault } from '../../../../src/edges/local-server/start.js';
import { killable } from '../killable.js';
import { askForJob, send, type Target, uploadWhole } from '../raw-client.js';
import { entriesIn, queueOfTopic, receive, sns, snsRequest, sqs, sqsRequest, textsIn } from './notice-client.js';

const here = killable();

const queueUrl = (vault: Target & { accountId: string }): string => `${vault.endpoint}/${vault.accountId}/jobs`;

describe('notices', () => {
  test('messages that were acknowledged survive kill -9, those that were deleted do not', async () => {
    const [acknowledged, deleting, deleted] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (let round = 0; round < 4; round++) {
      const vault = await here.spawn();
      const { topicArn } = await queueOfTopic(vault, 'jobs', true);
      const lanes = Array.from({ length: 6 }, async (_, lane) => {
        for (let i = 0; ; i++) {
          const message = `${round}.${lane}.${i}`;
          await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: message });
          acknowledged.add(message);
          if (i % 3 !== 0) continue;
          for (const { Body, ReceiptHandle } of await receive(vault, queueUrl(vault), { MaxNumberOfMessages: 1 })) {
            deleting.add(Body);
            await sqs(vault, 'DeleteMessage', { QueueUrl: queueUrl(vault), ReceiptHandle });
            deleted.add(Body);
          }
        }
      });
      const over = Promise.allSettled(lanes);
      const before = acknowledged.size;
      while (acknowledged.size < before + 30 + round) await new Promise((resolve) => setImmediate(resolve));
      await vault.kill();
      await over;
    }
    const vault = await here.spawn();
    const left: string[] = [];
    for (;;) {
      const messages = await receive(vault, queueUrl(vault), { VisibilityTimeout: 3600 });
      if (messages.length === 0) break;
      left.push(...messages.map((message) => message.Body));
    }
    expect(new Set(left).size).toBe(left.length);
    expect(deleted.size).toBeGreaterThan(10);
    expect(left.filter((message) => deleted.has(message))).toEqual([]);
    // A deletion that was under way when the server was killed may have been done.
    const promised = [...acknowledged].filter((message) => !deleting.has(message));
    expect(promised.filter((message) => !left.includes(message))).toEqual([]);
  });

  test('topics, subscriptions, attributes and handles hold over a restart', async () => {
    const first = await startLocalVault({ directory: here.directory });
    const pair = await queueOfTopic(first, 'jobs', true);
    await sqs(first, 'SetQueueAttributes', { QueueUrl: pair.queueUrl, Attributes: { VisibilityTimeout: '77' } });
    await sns(first, { Action: 'Publish', TopicArn: pair.topicArn, Message: 'm' });
    const [held] = await receive(first, pair.queueUrl);
    await first.close();

    await using second = await startLocalVault({ directory: here.directory });
    const url = queueUrl(second);
    expect(await sns(second, { Action: 'ListSubscriptions' })).toContain(pair.subscriptionArn);
    const asked = { QueueUrl: url, AttributeNames: ['VisibilityTimeout', 'ApproximateNumberOfMessages'] };
    expect(await sqs(second, 'GetQueueAttributes', asked)).toEqual({
      Attributes: { VisibilityTimeout: '77', ApproximateNumberOfMessages: '1' },
    });
    await sqs(second, 'DeleteMessage', { QueueUrl: url, ReceiptHandle: held!.ReceiptHandle });
    expect(await receive(second, url)).toEqual([]);
    await sns(second, { Action: 'Publish', TopicArn: pair.topicArn, Message: 'n' });
    expect(await receive(second, url)).toMatchObject([{ Body: 'n' }]);
  });

  test('the certificate stays the same, and its key is for its owner alone', async () => {
    const certificate = async (): Promise<string> => {
      await using vault = await startLocalVault({ directory: here.directory });
      const { topicArn, queueUrl } = await queueOfTopic(vault, 'jobs');
      await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
      const messages = await receive(vault, queueUrl, { VisibilityTimeout: 0 });
      const { SigningCertURL } = JSON.parse(messages.at(-1)!.Body) as Record<string, string>;
      return await (await fetch(`${vault.endpoint}${new URL(SigningCertURL!).pathname}`)).text();
    };
    const before = await certificate();
    expect(before).toMatch(/^-----BEGIN CERTIFICATE-----\n[^P]/);
    expect(before).not.toContain('PRIVATE');
    expect(await certificate()).toBe(before);
    const file = join(here.directory, 'notices', 'signing-key.pem');
    const sealed = await readFile(file, 'utf8');
    expect(sealed).toMatch(/-----END CERTIFICATE-----\nsum: [0-9a-f]{8}\n$/);
    // As it was before there were checksums.
    await writeFile(file, sealed.replace(/sum: .*\n/, ''));
    expect(await certificate()).toBe(before);
    expect(await readFile(file, 'utf8')).toBe(sealed);
    expect((await stat(join(here.directory, 'notices', 'signing-key.pem'))).mode & 0o777).toBe(0o600);
  });

  test('a torn last line of the log is cut off, a newer format stops the start', async () => {
    const first = await startLocalVault({ directory: here.directory });
    await queueOfTopic(first, 'jobs');
    await first.close();
    const log = join(here.directory, 'notices', 'log.ndjson');
    await appendFile(log, '{"type":"topic-deleted","arn":"');
    const second = await startLocalVault({ directory: here.directory });
    expect(await sns(second, { Action: 'ListTopics' })).toContain(':jobs<');
    await second.close();
    expect((await readFile(log, 'utf8')).match(/"type":"notices"/g)).toHaveLength(1);
    await writeFile(
      log,
      (await readFile(log, 'utf8')).replace('"format":2', '"format":3').replace(/,"sum":"[0-9a-f]{8}"/, ''),
    );
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('what cannot be brought to stable storage is not acknowledged', async () => {
    await using vault = await startLocalVault({ directory: here.directory });
    const { topicArn, queueUrl } = await queueOfTopic(vault, 'jobs', true);
    await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
    const [held] = await receive(vault, queueUrl);
    const file = await open(join(here.directory, 'account.json'));
    const flush = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'datasync');
    await file.close();
    flush.mockRejectedValue(new Error('ENOSPC: no space left on device'));
    try {
      const delivered = { QueueUrl: queueUrl, ReceiptHandle: held!.ReceiptHandle };
      for (const request of [
        sqsRequest('DeleteMessage', delivered),
        sqsRequest('SendMessage', { QueueUrl: queueUrl, MessageBody: 'n' }),
        snsRequest({ Action: 'Publish', TopicArn: topicArn, Message: 'n' }),
        snsRequest({ Action: 'CreateTopic', Name: 'U' }),
      ]) {
        const answer = await send(vault, request);
        expect(answer.status).toBe(500);
        expect(answer.body.toString()).toContain('ENOSPC');
      }
    } finally {
      flush.mockRestore();
    }
  });

  test('the log as format 1 has it is read, line by line', async () => {
    const fresh = await startLocalVault({ directory: here.directory });
    await fresh.close();
    const [sns1, sqs1] = ['sns', 'sqs'].map((service) => `arn:aws:${service}:us-east-1:${fresh.accountId}`);
    const ids = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
    const at = Date.now();
    const subscription = `"topic":"${sns1}:T","protocol":"http","endpoint":"http://127.0.0.1:9/","owner":"${fresh.accountId}","attributes":{}`;
    const message = (queue: string, id: string, body: string): string =>
      `{"type":"message","queue":"${sqs1}:${queue}","id":"${id}","body":"${body}","sender":"s","at":${at},"delayMs":0}`;
    const lines = [
      `{"type":"notices","format":1,"at":${at}}`,
      `{"type":"topic","arn":"${sns1}:T","attributes":{"DisplayName":"Jobs"},"at":${at}}`,
      `{"type":"topic","arn":"${sns1}:U","attributes":{},"at":${at}}`,
      `{"type":"topic-attribute","arn":"${sns1}:T","name":"SignatureVersion","value":"2","at":${at}}`,
      `{"type":"topic-deleted","arn":"${sns1}:U","at":${at}}`,
      `{"type":"subscription","arn":"${sns1}:T:1",${subscription},"at":${at}}`,
      `{"type":"subscription-asked","arn":"${sns1}:T:1","token":"t1","at":${at}}`,
      `{"type":"subscription-confirmed","arn":"${sns1}:T:1","authenticated":true,"authenticateOnUnsubscribe":true,"at":${at}}`,
      `{"type":"subscription-attribute","arn":"${sns1}:T:1","name":"RawMessageDelivery","value":"true","at":${at}}`,
      `{"type":"subscription","arn":"${sns1}:T:2",${subscription},"at":${at}}`,
      `{"type":"unsubscribed","arn":"${sns1}:T:2","token":"t2","at":${at}}`,
      `{"type":"delivery","id":"d","kind":"UnsubscribeConfirmation","topic":"${sns1}:T","subscription":"${sns1}:T:2","endpoint":"http://127.0.0.1:9/","messageId":"m","message":"x","subject":null,"token":"t2","raw":false,"at":${at}}`,
      `{"type":"delivery-ended","id":"d","outcome":"answered 200","at":${at}}`,
      `{"type":"queue","arn":"${sqs1}:Q","attributes":{"DelaySeconds":"0","MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600","ReceiveMessageWaitTimeSeconds":"0","VisibilityTimeout":"30","SqsManagedSseEnabled":"true","Policy":""},"at":${at}}`,
      `{"type":"queue","arn":"${sqs1}:R","attributes":{"MessageRetentionPeriod":"345600","VisibilityTimeout":"30"},"at":${at}}`,
      message('R', ids[0]!, 'gone with its queue'),
      `{"type":"queue-deleted","arn":"${sqs1}:R","at":${at}}`,
      `{"type":"queue-attributes","arn":"${sqs1}:Q","attributes":{"VisibilityTimeout":"7"},"at":${at}}`,
      message('Q', ids[0]!, 'purged'),
      `{"type":"queue-purged","arn":"${sqs1}:Q","at":${at - 60_000}}`,
      message('Q', ids[1]!, 'deleted'),
      message('Q', ids[2]!, 'kept'),
      `{"type":"message-deleted","queue":"${sqs1}:Q","id":"${ids[1]}","at":${at}}`,
    ];
    await writeFile(join(here.directory, 'notices', 'log.ndjson'), `${lines.join('\n')}\n`);

    await using vault = await startLocalVault({ directory: here.directory });
    expect(textsIn(await sns(vault, { Action: 'ListTopics' }), 'TopicArn')).toEqual([`${sns1}:T`]);
    const topic = entriesIn(await sns(vault, { Action: 'GetTopicAttributes', TopicArn: `${sns1}:T` }));
    expect(topic).toMatchObject({ DisplayName: 'Jobs', SignatureVersion: '2', SubscriptionsDeleted: '1' });
    const asked = { Action: 'GetSubscriptionAttributes', SubscriptionArn: `${sns1}:T:1` };
    expect(entriesIn(await sns(vault, asked))).toMatchObject({
      Endpoint: 'http://127.0.0.1:9/',
      ConfirmationWasAuthenticated: 'true',
      RawMessageDelivery: 'true',
    });
    expect((await fetch(`${vault.endpoint}/?Action=Unsubscribe&SubscriptionArn=${sns1}:T:1`)).status).toBe(403);
    const back = { Action: 'ConfirmSubscription', TopicArn: `${sns1}:T`, Token: 't2' };
    expect(textsIn(await sns(vault, back), 'SubscriptionArn')).toEqual([`${sns1}:T:2`]);
    const QueueUrl = `${vault.endpoint}/${vault.accountId}/Q`;
    expect(await sqs(vault, 'ListQueues', {})).toEqual({ QueueUrls: [QueueUrl] });
    expect(await receive(vault, QueueUrl)).toMatchObject([{ Body: 'kept', MessageId: ids[2] }]);
    expect(await sqs(vault, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['VisibilityTimeout'] })).toEqual({
      Attributes: { VisibilityTimeout: '7' },
    });
  });

  test('a folder from before there were topics has none, and gets them', async () => {
    await (await startLocalVault({ directory: here.directory })).close();
    await rm(join(here.directory, 'notices'), { recursive: true });
    await using vault = await startLocalVault({ directory: here.directory });
    expect(textsIn(await sns(vault, { Action: 'ListTopics' }), 'TopicArn')).toEqual([]);
    expect((await queueOfTopic(vault, 'jobs')).topicArn).toContain(vault.accountId);
  });

  test('one account sees nothing of the other', async () => {
    await using vault = await startLocalVault({ directory: here.directory, accounts: 2 });
    const [, other] = vault.control.accounts;
    const stranger = { ...other!, endpoint: vault.endpoint, region: vault.region };
    const { queueUrl, subscriptionArn } = await queueOfTopic(vault, 'jobs');
    expect(textsIn(await sns(stranger, { Action: 'ListTopics' }), 'TopicArn')).toEqual([]);
    expect(await sqs(stranger, 'ListQueues', {})).toEqual({ QueueUrls: [] });
    await expect(receive(stranger, queueUrl)).rejects.toThrow(/AccessDenied/);
    for (const Action of ['GetSubscriptionAttributes', 'Unsubscribe']) {
      const asked = sns(stranger, { Action, SubscriptionArn: subscriptionArn });
      await expect(asked).rejects.toThrow(/<Code>AuthorizationError<\/Code>/);
    }
  });

  test('a job that ends tells the topic of its vault and its own, case 128', async () => {
    let clock = Date.now();
    await using vault = await startLocalVault({ directory: here.directory, now: () => clock });
    const [own, common] = [await queueOfTopic(vault, 'own'), await queueOfTopic(vault, 'common')];
    await send(vault, { method: 'PUT', path: '/-/vaults/V' });
    await send(vault, {
      method: 'PUT',
      path: '/-/vaults/V/notification-configuration',
      body: JSON.stringify({ SNSTopic: common.topicArn, Events: ['ArchiveRetrievalCompleted'] }),
    });
    const ArchiveId = await uploadWhole(vault, 'V', Buffer.from('hello'));
    const id = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId, SNSTopic: own.topicArn });
    expect(await receive(vault, own.queueUrl)).toEqual([]);
    clock += 5000;
    for (const { queueUrl } of [own, common]) {
      const [message] = await receive(vault, queueUrl, { WaitTimeSeconds: 20 });
      const letter = JSON.parse(message!.Body) as Record<string, string>;
      expect(letter).not.toHaveProperty('Subject');
      const described = (await send(vault, { method: 'GET', path: `/-/vaults/V/jobs/${id}` })).json;
      expect(described).toMatchObject({ JobId: id, StatusCode: 'Succeeded' });
      expect(JSON.parse(letter['Message']!)).toEqual(described);
    }
  });
});
