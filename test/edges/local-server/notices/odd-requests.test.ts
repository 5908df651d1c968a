// Requests to SNS and SQS that no sane client sends: refused, never a defect.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../../src/edges/local-server/start.js';
import { send } from '../raw-client.js';
import { type QueueOfTopic, queueOfTopic, snsRequest, sqsForm, sqsRequest } from './notice-client.js';

let directory: string;
let vault: LocalVault;
let pair: QueueOfTopic;
const defects: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  const log = (line: string): void => void (line.includes('"defect"') && defects.push(line));
  vault = await startLocalVault({ directory, log });
  pair = await queueOfTopic(vault, 'odd');
});
afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

const SQS_ACTIONS = [
  'CreateQueue',
  'GetQueueUrl',
  'ListQueues',
  'GetQueueAttributes',
  'SetQueueAttributes',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibility',
];
const SNS_ACTIONS = [
  'CreateTopic',
  'DeleteTopic',
  'ListTopics',
  'GetTopicAttributes',
  'SetTopicAttributes',
  'Publish',
  'Subscribe',
  'ConfirmSubscription',
  'Unsubscribe',
  'ListSubscriptions',
  'ListSubscriptionsByTopic',
  'GetSubscriptionAttributes',
  'SetSubscriptionAttributes',
];
const FIELDS = [
  'QueueName',
  'Attributes',
  'AttributeNames',
  'MessageBody',
  'DelaySeconds',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'ReceiptHandle',
  'Entries',
  'MaxResults',
  'NextToken',
  'QueueNamePrefix',
  'tags',
];
const PARAMETERS = [
  'Name',
  'Protocol',
  'Endpoint',
  'Message',
  'Subject',
  'Token',
  'NextToken',
  'AttributeName',
  'AttributeValue',
  'Attributes.entry.1.key',
  'Attributes.entry.1.value',
  'Attributes.entry.99999',
  'Attribute.1.Name',
  'Attribute.1.Value',
  'DeleteMessageBatchRequestEntry.1.Id',
  'ReceiptHandle',
  'MessageBody',
  '__proto__',
];

const NAMES = ['DeliveryPolicy', 'Policy', 'RawMessageDelivery', '__proto__', 'toString', 'VisibilityTimeout'];
const JSONS = ['{}', '[]', 'null', '{"Statement":[null]}', '{"http":null}', '{"http":{"healthyRetryPolicy":1}}'];
const words = fc.oneof(
  fc.constantFrom(...NAMES, ...JSONS, 'http', 'http://[', 'sqs', ''),
  fc.string({ unit: 'binary' }),
);
const values = fc.oneof(words, fc.jsonValue({ maxDepth: 3 }));

function expectRefusal(status: number): void {
  expect(defects).toEqual([]);
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
}

describe('odd requests', () => {
  test('in JSON', async () => {
    const fields = fc.dictionary(fc.constantFrom(...FIELDS), values, { noNullPrototype: true });
    const whole = fc.oneof({ weight: 9, arbitrary: fields }, { weight: 1, arbitrary: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SQS_ACTIONS), whole, fc.boolean(), async (action, body, onQueue) => {
        const isMap = typeof body === 'object' && body !== null && !Array.isArray(body);
        const named = onQueue && isMap ? Object.assign({ QueueUrl: pair.queueUrl }, body) : body;
        const answer = await send(vault, sqsRequest(action, JSON.stringify(named)));
        expectRefusal(answer.status);
        expect(() => JSON.parse(answer.body.toString()) as unknown).not.toThrow();
      }),
      { numRuns: 400 },
    );
  });

  test('in forms', async () => {
    const parameters = fc.dictionary(fc.constantFrom(...PARAMETERS), words, { noNullPrototype: true });
    const actions = fc.constantFrom(...SNS_ACTIONS, ...SQS_ACTIONS);
    await fc.assert(
      fc.asyncProperty(actions, parameters, async (Action, more) => {
        const named = {
          Action,
          TopicArn: pair.topicArn,
          SubscriptionArn: pair.subscriptionArn,
          QueueUrl: pair.queueUrl,
        };
        const request = SNS_ACTIONS.includes(Action)
          ? snsRequest({ ...named, ...more })
          : sqsForm({ ...named, ...more });
        const answer = await send(vault, request);
        expectRefusal(answer.status);
        expect(answer.body.toString()).toMatch(/^<\?xml version="1.0"\?>\n<[^]*>\n$/);
      }),
      { numRuns: 400 },
    );
  });
});
