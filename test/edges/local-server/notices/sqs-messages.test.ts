// Messages in queues: their order, who holds them, how long, and who waits for them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalVault } from '../../../../src/edges/local-server/start.js';
import { send } from '../raw-client.js';
import { type Serving, serving } from '../serving.js';
import { receive, sqs, sqsRequest } from './notice-client.js';

let here: Serving;
let vault: LocalVault;

beforeAll(async () => {
  here = await serving();
  ({ vault } = here);
});
afterAll(() => here[Symbol.asyncDispose]());

async function newQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  return String((await sqs(vault, 'CreateQueue', { QueueName: name, Attributes: attributes }))['QueueUrl']);
}

describe('sqs', () => {
  test('messages come in order, with what is known of them, and are hidden while they are held', async () => {
    const url = await newQueue('held');
    for (const body of ['1', '2', '3']) await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: body });
    const before = Date.now();
    const first = await receive(vault, url, { MaxNumberOfMessages: 2, AttributeNames: ['All'] });
    expect(first.map((message) => message.Body)).toEqual(['1', '2']);
    expect(first[0]!.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: vault.accountId });
    expect(Number(first[0]!.Attributes!['ApproximateFirstReceiveTimestamp'])).toBeGreaterThanOrEqual(before);
    expect(Number(first[0]!.Attributes!['SentTimestamp'])).toBeLessThanOrEqual(before);
    const [third] = await receive(vault, url);
    expect(third).toMatchObject({ Body: '3' });
    expect(third).not.toHaveProperty('Attributes');
    expect(await receive(vault, url)).toEqual([]);
    const counts = await sqs(vault, 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(counts).toMatchObject({
      Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '3' },
    });

    await sqs(vault, 'ChangeMessageVisibility', {
      QueueUrl: url,
      ReceiptHandle: first[1]!.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    const [again] = await receive(vault, url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(again).toMatchObject({ Body: '2', Attributes: { ApproximateReceiveCount: '2' } });
    expect(again!.ReceiptHandle).not.toBe(first[1]!.ReceiptHandle);
  });

  test('an old handle deletes nothing, the newest does, and once more is the same', async () => {
    const url = await newQueue('handles', { VisibilityTimeout: '0' });
    await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: 'm' });
    const [old] = await receive(vault, url);
    const [newest] = await receive(vault, url, { VisibilityTimeout: 30 });
    const heldAfter = async ({ ReceiptHandle }: { ReceiptHandle: string }): Promise<unknown> => {
      await sqs(vault, 'DeleteMessage', { QueueUrl: url, ReceiptHandle });
      const held = 'ApproximateNumberOfMessagesNotVisible';
      const { Attributes } = await sqs(vault, 'GetQueueAttributes', { QueueUrl: url, AttributeNames: [held] });
      return (Attributes as Record<string, string>)[held];
    };
    expect(await heldAfter(old!)).toBe('1');
    expect(await heldAfter(newest!)).toBe('0');
    expect(await heldAfter(newest!)).toBe('0');
  });

  test('visibility is changed only while the message is held', async () => {
    const url = await newQueue('unheld');
    await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: 'm' });
    const [message] = await receive(vault, url, { VisibilityTimeout: 0 });
    const change = { QueueUrl: url, ReceiptHandle: message!.ReceiptHandle, VisibilityTimeout: 10 };
    const answer = await send(vault, sqsRequest('ChangeMessageVisibility', change));
    expect(JSON.parse(answer.body.toString())).toMatchObject({ __type: 'com.amazonaws.sqs#MessageNotInflight' });
  });

  test('visibility of a message that was deleted cannot be changed', async () => {
    const url = await newQueue('deleted');
    await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: 'm' });
    const [message] = await receive(vault, url);
    const held = { QueueUrl: url, ReceiptHandle: message!.ReceiptHandle };
    await sqs(vault, 'DeleteMessage', held);
    const answer = await send(vault, sqsRequest('ChangeMessageVisibility', { ...held, VisibilityTimeout: 10 }));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      __type: 'com.amazonaws.sqs#InvalidParameterValueException',
      message: expect.stringMatching(
        /^Value \S+ for parameter ReceiptHandle is invalid. Reason: Message does not exist/,
      ),
    });
    expect(answer.headers['x-amzn-query-error']).toBe('InvalidParameterValue;Sender');
  });

  test('who waits is given the message when it comes, and nobody else is', async () => {
    const url = await newQueue('awaited');
    const waiting = [1, 2].map(() => receive(vault, url, { WaitTimeSeconds: 5, MaxNumberOfMessages: 1 }));
    await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: 'm1' });
    await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: 'm2' });
    const received = (await Promise.all(waiting)).map((messages) => messages.map((message) => message.Body).join());
    expect(received.toSorted()).toEqual(['m1', 'm2']);
  });

  test('a queue that is deleted under those who wait lets them go', async () => {
    const url = await newQueue('ended');
    const begun = performance.now();
    const waiting = receive(vault, url, { WaitTimeSeconds: 20 });
    await sqs(vault, 'SendMessage', { QueueUrl: await newQueue('other'), MessageBody: 'm' });
    await sqs(vault, 'DeleteQueue', { QueueUrl: url });
    const outcome = await waiting.catch((cause: unknown) => String(cause));
    expect([[], expect.stringContaining('QueueDoesNotExist')]).toContainEqual(outcome);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('purging takes everything, and not again within a minute', async () => {
    const url = await newQueue('purged');
    for (const body of ['1', '2']) await sqs(vault, 'SendMessage', { QueueUrl: url, MessageBody: body });
    await receive(vault, url, { MaxNumberOfMessages: 1 });
    await sqs(vault, 'PurgeQueue', { QueueUrl: url });
    const counts = await sqs(vault, 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(counts).toMatchObject({
      Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
    });
    const again = await send(vault, sqsRequest('PurgeQueue', { QueueUrl: url }));
    expect(again.headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.PurgeQueueInProgress;Sender');
  });

  test('closing the server lets go those who wait', async () => {
    await using brief = await serving();
    const { QueueUrl } = await sqs(brief.vault, 'CreateQueue', { QueueName: 'Q' });
    const waiting = receive(brief.vault, String(QueueUrl), { WaitTimeSeconds: 20 }).catch(() => 'cut off');
    await sqs(brief.vault, 'ListQueues', {});
    await brief.vault.close();
    expect(await waiting).toBe('cut off');
  });
});
