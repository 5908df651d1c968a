// SQS at the wire, in JSON: what each operation takes, answers and refuses.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalVault } from '../../../../src/edges/local-server/start.js';
import { type RawRequest, send } from '../raw-client.js';
import { type Serving, serving } from '../serving.js';
import { sqs, sqsRequest } from './notice-client.js';

let here: Serving;
let vault: LocalVault;
const world = { url: '', arn: '' };

beforeAll(async () => {
  here = await serving();
  ({ vault } = here);
  world.url = await newQueue('Q');
  world.arn = `arn:aws:sqs:us-east-1:${vault.accountId}:Q`;
});

afterAll(() => here[Symbol.asyncDispose]());

async function newQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  return String((await sqs(vault, 'CreateQueue', { QueueName: name, Attributes: attributes }))['QueueUrl']);
}

interface Row {
  readonly that: string;
  readonly action: string;
  readonly fields: () => object | string;
  readonly code?: string;
  /** What the query protocol calls it. */
  readonly queryCode?: string;
  readonly json?: () => object;
}

const VALUE = 'InvalidParameterValueException';
const SIMPLE = 'AWS.SimpleQueueService';
const onQueue = (more: object): object => ({ QueueUrl: world.url, ...more });
const batchOf = (...ids: string[]): object => onQueue({ Entries: ids.map((Id) => ({ Id, ReceiptHandle: 'junk' })) });

const QUEUES: Row[] = [
  {
    that: 'gives the URL, also of one that exists',
    action: 'CreateQueue',
    fields: () => ({ QueueName: 'Q', Attributes: { VisibilityTimeout: '30' } }),
    json: () => ({ QueueUrl: `${vault.endpoint}/${vault.accountId}/Q` }),
  },
  {
    that: 'refuses other attributes for one that exists',
    action: 'CreateQueue',
    fields: () => ({ QueueName: 'Q', Attributes: { VisibilityTimeout: '31' } }),
    code: 'QueueNameExists',
    queryCode: 'QueueAlreadyExists',
  },
  ...['a b', 'x'.repeat(81), 'Q.fifo', '../Q'].map((QueueName) => ({
    that: `refuses the name ${QueueName.slice(0, 10)}`,
    action: 'CreateQueue',
    fields: () => ({ QueueName }),
    code: VALUE,
    queryCode: 'InvalidParameterValue',
  })),
  {
    that: 'needs a name',
    action: 'CreateQueue',
    fields: () => ({}),
    code: 'MissingRequiredParameterException',
    queryCode: 'MissingParameter',
  },
  {
    that: 'says that there are no first-in-first-out queues',
    action: 'CreateQueue',
    fields: () => ({ QueueName: 'F', Attributes: { FifoQueue: 'true' } }),
    code: 'UnsupportedOperation',
    queryCode: `${SIMPLE}.UnsupportedOperation`,
  },
  ...[
    ['VisibilityTimeout', '43201'],
    ['DelaySeconds', '901'],
    ['MessageRetentionPeriod', '59'],
    ['MaximumMessageSize', '1023'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['VisibilityTimeout', '1.5'],
    ['Policy', '{}'],
  ].map(([name = '', value = '']) => ({
    that: `refuses ${name} ${value}`,
    action: 'SetQueueAttributes',
    fields: () => onQueue({ Attributes: { [name]: value } }),
    code: 'InvalidAttributeValue',
  })),
  {
    that: 'refuses an attribute that is none',
    action: 'SetQueueAttributes',
    fields: () => onQueue({ Attributes: { Nonsense: '1' } }),
    code: 'InvalidAttributeName',
  },
  {
    that: 'refuses one that is computed',
    action: 'SetQueueAttributes',
    fields: () => onQueue({ Attributes: { QueueArn: 'x' } }),
    code: 'InvalidAttributeName',
  },
  {
    that: 'needs an attribute',
    action: 'SetQueueAttributes',
    fields: () => onQueue({}),
    code: 'MissingRequiredParameterException',
    queryCode: 'MissingParameter',
  },
  {
    that: 'gives those that are asked for',
    action: 'GetQueueAttributes',
    fields: () => onQueue({ AttributeNames: ['QueueArn', 'VisibilityTimeout', 'Policy'] }),
    json: () => ({ Attributes: { QueueArn: world.arn, VisibilityTimeout: '30' } }),
  },
  { that: 'gives none unasked', action: 'GetQueueAttributes', fields: () => onQueue({}), json: () => ({}) },
  {
    that: 'refuses a name that is none',
    action: 'GetQueueAttributes',
    fields: () => onQueue({ AttributeNames: ['Nonsense'] }),
    code: 'InvalidAttributeName',
  },
  {
    that: 'finds the queue by its name',
    action: 'GetQueueUrl',
    fields: () => ({ QueueName: 'Q' }),
    json: () => ({ QueueUrl: world.url }),
  },
  {
    that: 'finds only what is there',
    action: 'GetQueueUrl',
    fields: () => ({ QueueName: 'none' }),
    code: 'QueueDoesNotExist',
    queryCode: `${SIMPLE}.NonExistentQueue`,
  },
  {
    that: 'denies the queues of another account',
    action: 'GetQueueUrl',
    fields: () => ({ QueueName: 'Q', QueueOwnerAWSAccountId: '999999999999' }),
    code: 'AccessDeniedException',
    queryCode: 'AccessDenied',
  },
  {
    that: 'names the queues with that beginning',
    action: 'ListQueues',
    fields: () => ({ QueueNamePrefix: 'Q' }),
    json: () => ({ QueueUrls: [world.url] }),
  },
  {
    that: 'refuses one that is not there',
    action: 'DeleteQueue',
    fields: () => ({ QueueUrl: `${world.url}x` }),
    code: 'QueueDoesNotExist',
    queryCode: `${SIMPLE}.NonExistentQueue`,
  },
  {
    that: 'refuses the URL of another account',
    action: 'PurgeQueue',
    fields: () => ({ QueueUrl: world.url.replace(vault.accountId, '999999999999') }),
    code: 'AccessDeniedException',
    queryCode: 'AccessDenied',
  },
  {
    that: 'refuses what is no URL of a queue',
    action: 'PurgeQueue',
    fields: () => ({ QueueUrl: `${vault.endpoint}/-/vaults` }),
    code: 'InvalidAddress',
  },
];

const MESSAGES: Row[] = [
  {
    that: 'gives the id and the digest',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: 'hello' }),
    json: () => ({
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
    }),
  },
  {
    that: 'needs a body',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: '' }),
    code: 'MissingRequiredParameterException',
    queryCode: 'MissingParameter',
  },
  {
    that: 'takes 1 MiB',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: '<'.repeat(1_048_576) }),
    json: () => ({ MessageId: expect.any(String) }),
  },
  {
    that: 'refuses a byte more',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: 'x'.repeat(1_048_577) }),
    code: VALUE,
    queryCode: 'InvalidParameterValue',
  },
  {
    that: 'refuses a character that XML has not',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: 'a\u0001b' }),
    code: 'InvalidMessageContents',
  },
  {
    that: 'refuses a delay of more than 15 minutes',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: 'x', DelaySeconds: 901 }),
    code: VALUE,
    queryCode: 'InvalidParameterValue',
  },
  ...[
    { MaxNumberOfMessages: 0 },
    { MaxNumberOfMessages: 11 },
    { WaitTimeSeconds: 21 },
    { VisibilityTimeout: 43_201 },
    { VisibilityTimeout: -1 },
    { VisibilityTimeout: 'x' },
  ].map((more) => ({
    that: `refuses ${JSON.stringify(more)}`,
    action: 'ReceiveMessage',
    fields: () => onQueue(more),
    code: VALUE,
    queryCode: 'InvalidParameterValue',
  })),
  {
    that: 'refuses an attribute that is none',
    action: 'ReceiveMessage',
    fields: () => onQueue({ AttributeNames: ['Nonsense'] }),
    code: 'InvalidAttributeName',
  },
  {
    that: 'refuses a handle that is none',
    action: 'DeleteMessage',
    fields: () => onQueue({ ReceiptHandle: 'junk' }),
    code: 'ReceiptHandleIsInvalid',
  },
  {
    that: 'needs a handle',
    action: 'DeleteMessage',
    fields: () => onQueue({}),
    code: 'MissingRequiredParameterException',
    queryCode: 'MissingParameter',
  },
  {
    that: 'tells of each entry',
    action: 'DeleteMessageBatch',
    fields: () => batchOf('a', 'b'),
    json: () => ({
      Successful: [],
      Failed: ['a', 'b'].map((Id) => expect.objectContaining({ Id, Code: 'ReceiptHandleIsInvalid' })),
    }),
  },
  {
    that: 'refuses a batch of nothing',
    action: 'DeleteMessageBatch',
    fields: () => batchOf(),
    code: 'EmptyBatchRequest',
    queryCode: `${SIMPLE}.EmptyBatchRequest`,
  },
  {
    that: 'refuses a batch of eleven',
    action: 'DeleteMessageBatch',
    fields: () => batchOf(...'abcdefghijk'.split('')),
    code: 'TooManyEntriesInBatchRequest',
    queryCode: `${SIMPLE}.TooManyEntriesInBatchRequest`,
  },
  {
    that: 'refuses ids that are the same',
    action: 'DeleteMessageBatch',
    fields: () => batchOf('a', 'a'),
    code: 'BatchEntryIdsNotDistinct',
    queryCode: `${SIMPLE}.BatchEntryIdsNotDistinct`,
  },
  {
    that: 'refuses an id that is none',
    action: 'DeleteMessageBatch',
    fields: () => batchOf('a b'),
    code: 'InvalidBatchEntryId',
    queryCode: `${SIMPLE}.InvalidBatchEntryId`,
  },
  {
    that: 'refuses a handle that is none',
    action: 'ChangeMessageVisibility',
    fields: () => onQueue({ ReceiptHandle: 'junk', VisibilityTimeout: 0 }),
    code: 'ReceiptHandleIsInvalid',
  },
];

const PROTOCOL: Row[] = [
  { that: 'an unknown action is refused', action: 'Nonsense', fields: () => ({}), code: 'InvalidAction' },
  {
    that: 'a body that is not JSON is refused',
    action: 'ListQueues',
    fields: () => '{',
    code: 'SerializationException',
    queryCode: 'MalformedInput',
  },
  {
    that: 'a field of another type is refused',
    action: 'SendMessage',
    fields: () => onQueue({ MessageBody: 1 }),
    code: 'SerializationException',
    queryCode: 'MalformedInput',
  },
  { that: 'an empty body is an empty object', action: 'ListQueues', fields: () => '', json: () => ({}) },
];

describe.each([
  ['queues', QUEUES],
  ['messages', MESSAGES],
  ['protocol', PROTOCOL],
])('sqs %s', (_, rows) => {
  test.each(rows.map((row) => [row.action, row.that, row] as const))('%s %s', async (_action, _that, row) => {
    const answer = await send(vault, sqsRequest(row.action, row.fields()));
    const json = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    const type = row.code === undefined ? undefined : `com.amazonaws.sqs#${row.code}`;
    expect({ status: answer.status, type: json['__type'] }).toEqual({ status: type === undefined ? 200 : 400, type });
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.0');
    const queryError = row.code === undefined ? undefined : `${row.queryCode ?? row.code};Sender`;
    expect(answer.headers['x-amzn-query-error']).toBe(queryError);
    if (row.json !== undefined) expect(json).toMatchObject(row.json());
  });
});

describe('sqs', () => {
  test.each<[string, Partial<RawRequest>, string]>([
    ['a wrong secret', { secretAccessKey: 'x'.repeat(40) }, 'InvalidSignatureException'],
    ['an unknown key', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, 'UnrecognizedClientException'],
    ['no signature', { unsigned: true }, 'MissingAuthenticationTokenException'],
    ['a signature of 10 minutes ago', { date: new Date(Date.now() - 600_000) }, 'InvalidSignatureException'],
    ['a signature for another service', { service: 'glacier' }, 'InvalidSignatureException'],
    ['another body than was signed', { payloadHash: '0'.repeat(64) }, 'InvalidSignatureException'],
  ])('%s is refused in its own protocol', async (_, change, code) => {
    const answer = await send(vault, { ...sqsRequest('ListQueues', {}), ...change });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ __type: `com.amazonaws.sqs#${code}` });
  });

  test('another body than its hash announces is refused', async () => {
    const request = sqsRequest('ListQueues', {});
    const headers = { ...request.headers, 'x-amz-content-sha256': '0'.repeat(64) };
    const answer = await send(vault, { ...request, headers });
    expect(answer.status).toBe(400);
    expect(answer.headers['x-amzn-query-error']).toBe('SignatureDoesNotMatch;Sender');
  });

  test('the queue is in the URL that the client used, whatever it calls the server', async () => {
    const host = 'sqs.us-east-1.amazonaws.com';
    const request = sqsRequest('GetQueueUrl', { QueueName: 'Q' });
    const answer = await send(vault, { ...request, headers: { ...request.headers, host } });
    const { QueueUrl } = JSON.parse(answer.body.toString()) as { QueueUrl: string };
    expect(QueueUrl).toBe(`http://${host}/${vault.accountId}/Q`);
    const names = { AttributeNames: ['QueueArn'] };
    // The SDK for JavaScript sends its requests to that URL.
    const asked = { ...sqsRequest('GetQueueAttributes', { QueueUrl, ...names }), path: new URL(QueueUrl).pathname };
    const found = await send(vault, asked);
    expect(JSON.parse(found.body.toString())).toEqual({ Attributes: { QueueArn: world.arn } });
  });

  test('pages of queues neither overlap nor skip', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await newQueue(name);
    const seen: string[] = [];
    for (let token: unknown = null; token !== undefined; ) {
      const wish = { QueueNamePrefix: 'page-', MaxResults: 2, NextToken: token };
      const page = await sqs(vault, 'ListQueues', wish);
      seen.push(...(page['QueueUrls'] as string[]));
      token = page['NextToken'];
    }
    expect(seen.map((url) => url.slice(-6))).toEqual(['page-1', 'page-2', 'page-3']);
  });
});
