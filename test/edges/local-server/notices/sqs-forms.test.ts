// SQS as it was spoken to until 2023: forms in, XML out.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalVault } from '../../../../src/edges/local-server/start.js';
import { send } from '../raw-client.js';
import { type Serving, serving } from '../serving.js';
import { policyFor, sqsForm, textsIn } from './notice-client.js';

let here: Serving;
let vault: LocalVault;

beforeAll(async () => {
  here = await serving();
  ({ vault } = here);
});
afterAll(() => here[Symbol.asyncDispose]());

describe('sqs by forms', () => {
  const form = async (parameters: Record<string, string>, path?: string): Promise<string> =>
    (await send(vault, sqsForm(parameters, path))).body.toString();

  test('a queue lives its whole life', async () => {
    const policy = policyFor(`arn:aws:sqs:us-east-1:${vault.accountId}:form`, 'arn:aws:sns:us-east-1:1:T');
    const made = await form({
      Action: 'CreateQueue',
      QueueName: 'form',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '60',
      'Attribute.2.Name': 'Policy',
      'Attribute.2.Value': policy,
    });
    const url = textsIn(made, 'QueueUrl')[0]!;
    expect(url).toBe(`${vault.endpoint}/${vault.accountId}/form`);
    const attributes = await form({ Action: 'GetQueueAttributes', QueueUrl: url, 'AttributeName.1': 'All' });
    expect(textsIn(attributes, 'Name')).toContain('QueueArn');
    expect(textsIn(attributes, 'Value')).toEqual(expect.arrayContaining(['60', policy]));

    const path = new URL(url).pathname;
    const body = 'a <b> & "c"\r\n';
    const sent = await form({ Action: 'SendMessage', MessageBody: body }, path);
    expect(textsIn(sent, 'MD5OfMessageBody')).toEqual([createHash('md5').update(body).digest('hex')]);
    await form({ Action: 'SendMessage', MessageBody: 'second' }, path);
    const received = await form(
      { Action: 'ReceiveMessage', MaxNumberOfMessages: '10', 'AttributeName.1': 'ApproximateReceiveCount' },
      path,
    );
    expect(textsIn(received, 'Body')).toEqual([body, 'second']);
    expect(textsIn(received, 'Name')).toEqual(['ApproximateReceiveCount', 'ApproximateReceiveCount']);
    expect(textsIn(received, 'MessageId')[0]).toBe(textsIn(sent, 'MessageId')[0]);

    const [one, two] = textsIn(received, 'ReceiptHandle');
    const hidden = { Action: 'ChangeMessageVisibility', ReceiptHandle: one!, VisibilityTimeout: '0' };
    expect(textsIn(await form(hidden, path), 'Code')).toEqual([]);
    const deleted = await form(
      {
        Action: 'DeleteMessageBatch',
        'DeleteMessageBatchRequestEntry.1.Id': 'x',
        'DeleteMessageBatchRequestEntry.1.ReceiptHandle': two!,
        'DeleteMessageBatchRequestEntry.2.Id': 'y',
        'DeleteMessageBatchRequestEntry.2.ReceiptHandle': 'junk',
      },
      path,
    );
    expect(deleted).toMatch(/<DeleteMessageBatchResultEntry><Id>x<\/Id><\/DeleteMessageBatchResultEntry>/);
    expect(deleted).toMatch(/<BatchResultErrorEntry><Id>y<\/Id><SenderFault>true<\/SenderFault><Code>Receipt/);
    expect(textsIn(await form({ Action: 'ReceiveMessage' }, path), 'Body')).toEqual([body]);
    expect(await form({ Action: 'ReceiveMessage' }, path)).toContain('<ReceiveMessageResult></ReceiveMessageResult>');
    expect(textsIn(await form({ Action: 'DeleteQueue' }, path), 'RequestId')).toHaveLength(1);
    expect(await form({ Action: 'ListQueues', QueueNamePrefix: 'form' })).not.toContain('<QueueUrl>');
  });

  test('refusals have the codes of old, in XML', async () => {
    const answer = await send(vault, sqsForm({ Action: 'GetQueueUrl', QueueName: 'none' }));
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/xml']);
    expect(textsIn(answer.body.toString(), 'Code')).toEqual(['AWS.SimpleQueueService.NonExistentQueue']);
    expect(textsIn(answer.body.toString(), 'Type')).toEqual(['Sender']);
  });
});
