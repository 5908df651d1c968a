// A holder of one account's key, who knows all names, ids and ARNs of another account: none of them leads there.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NoticeOperationName } from '../../../src/edges/local-server/protocol/notice-names.js';
import type { OperationName } from '../../../src/edges/local-server/protocol/operation-name.js';
import {
  type QueueOfTopic,
  queueOfTopic,
  receive,
  sns,
  snsRequest,
  sqsForm,
  sqsRequest,
} from './notices/notice-client.js';
import {
  askForJob,
  beginUpload,
  bothHashes,
  completionOf,
  outputOf,
  partOf,
  type RawAnswer,
  type RawRequest,
  send,
  sha256,
  type Target,
  uploadWhole,
} from './raw-client.js';
import { as, type Serving, serving } from './serving.js';

const MIB = 1024 * 1024;
const BODY = Buffer.from('hello');
const EVENTS = ['ArchiveRetrievalCompleted'];

/** What the owner has, and the stranger has heard of. */
interface Possessions {
  readonly accountId: string;
  readonly archive: string;
  readonly upload: string;
  readonly job: string;
  readonly lock: string;
  readonly pair: QueueOfTopic;
  readonly handle: string;
}

let here: Serving;
let owner: Target;
let stranger: Target;
let theirs: Possessions;

beforeAll(async () => {
  here = await serving({ delaysMs: { Expedited: 0, Standard: 0, Inventory: 0 } });
  owner = here.vault;
  const other = await here.vault.control.addAccount();
  stranger = as(here.vault, other);
  theirs = await possessionsOf(owner, here.vault.accountId);
  await send(stranger, { method: 'PUT', path: '/-/vaults/V' });
  await queueOfTopic(stranger, 'own');
});
afterAll(() => here[Symbol.asyncDispose]());

async function possessionsOf(target: Target, accountId: string): Promise<Possessions> {
  await send(target, { method: 'PUT', path: '/-/vaults/V' });
  const archive = await uploadWhole(target, 'V', BODY);
  const upload = await beginUpload(target, 'V', MIB);
  const job = await askForJob(target, 'V', { Type: 'archive-retrieval', ArchiveId: archive });
  const Statement = { Effect: 'Deny', Principal: '*', Action: 'glacier:DeleteVault', Resource: '*' };
  const body = JSON.stringify({ Policy: JSON.stringify({ Statement }) });
  const { headers } = await send(target, { method: 'POST', path: '/-/vaults/V/lock-policy', body });
  const pair = await queueOfTopic(target, 'theirs');
  await sns(target, { Action: 'Publish', TopicArn: pair.topicArn, Message: 'm' });
  const [message] = await receive(target, pair.queueUrl, { VisibilityTimeout: 43_200 });
  return {
    accountId,
    archive,
    upload,
    job,
    lock: String(headers['x-amz-lock-id']),
    pair,
    handle: message!.ReceiptHandle,
  };
}

type Attempts = (account: string) => Readonly<Record<OperationName, RawRequest>>;

/** Every operation on what is the owner's, under a number of an account. */
const onVaults: Attempts = (account) => {
  const V = `/${account}/vaults/V`;
  const { archive, upload, job, lock } = theirs;
  const at = (request: RawRequest): RawRequest => ({ ...request, path: request.path.replace('/-/', `/${account}/`) });
  const json = (value: object): string => JSON.stringify(value);
  const uploading = { method: 'POST', path: `${V}/archives`, headers: bothHashes(BODY), body: BODY };
  return {
    AbortMultipartUpload: { method: 'DELETE', path: `${V}/multipart-uploads/${upload}` },
    AbortVaultLock: { method: 'DELETE', path: `${V}/lock-policy` },
    AddTagsToVault: { method: 'POST', path: `${V}/tags?operation=add`, body: json({ Tags: { a: 'b' } }) },
    CompleteMultipartUpload: at(completionOf('V', upload, 5, sha256(BODY))),
    CompleteVaultLock: { method: 'POST', path: `${V}/lock-policy/${lock}` },
    CreateVault: { method: 'PUT', path: `/${account}/vaults/new` },
    DeleteArchive: { method: 'DELETE', path: `${V}/archives/${archive}` },
    DeleteVault: { method: 'DELETE', path: V },
    DeleteVaultAccessPolicy: { method: 'DELETE', path: `${V}/access-policy` },
    DeleteVaultNotifications: { method: 'DELETE', path: `${V}/notification-configuration` },
    DescribeJob: { method: 'GET', path: `${V}/jobs/${job}` },
    DescribeVault: { method: 'GET', path: V },
    GetDataRetrievalPolicy: { method: 'GET', path: `/${account}/policies/data-retrieval` },
    GetJobOutput: at(outputOf('V', job)),
    GetVaultAccessPolicy: { method: 'GET', path: `${V}/access-policy` },
    GetVaultLock: { method: 'GET', path: `${V}/lock-policy` },
    GetVaultNotifications: { method: 'GET', path: `${V}/notification-configuration` },
    InitiateJob: { method: 'POST', path: `${V}/jobs`, body: json({ Type: 'archive-retrieval', ArchiveId: archive }) },
    InitiateMultipartUpload: {
      method: 'POST',
      path: `${V}/multipart-uploads`,
      headers: { 'x-amz-part-size': `${MIB}` },
    },
    InitiateVaultLock: { method: 'POST', path: `${V}/lock-policy`, body: json({ Policy: '{}' }) },
    ListJobs: { method: 'GET', path: `${V}/jobs` },
    ListMultipartUploads: { method: 'GET', path: `${V}/multipart-uploads` },
    ListParts: { method: 'GET', path: `${V}/multipart-uploads/${upload}` },
    ListProvisionedCapacity: { method: 'GET', path: `/${account}/provisioned-capacity` },
    ListTagsForVault: { method: 'GET', path: `${V}/tags` },
    ListVaults: { method: 'GET', path: `/${account}/vaults` },
    PurchaseProvisionedCapacity: { method: 'POST', path: `/${account}/provisioned-capacity` },
    RemoveTagsFromVault: { method: 'POST', path: `${V}/tags?operation=remove`, body: json({ TagKeys: ['a'] }) },
    SetDataRetrievalPolicy: {
      method: 'PUT',
      path: `/${account}/policies/data-retrieval`,
      body: json({ Policy: { Rules: [{ Strategy: 'FreeTier' }] } }),
    },
    SetVaultAccessPolicy: { method: 'PUT', path: `${V}/access-policy`, body: json({ Policy: '{}' }) },
    SetVaultNotifications: {
      method: 'PUT',
      path: `${V}/notification-configuration`,
      body: json({ SNSTopic: theirs.pair.topicArn, Events: EVENTS }),
    },
    UploadArchive: uploading,
    UploadMultipartPart: at(partOf('V', upload, 0, BODY)),
  };
};

/** Those that name something by its id, which a vault of the same name in another account could mistake for its own. */
const BY_ID: readonly OperationName[] = [
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CompleteVaultLock',
  'DescribeJob',
  'GetJobOutput',
  'InitiateJob',
  'ListParts',
  'UploadMultipartPart',
];

type NoticeAttempt = Exclude<
  NoticeOperationName,
  | 'sns:CreateTopic'
  | 'sns:ListTopics'
  | 'sns:ListSubscriptions'
  | 'sns:ConfirmSubscription'
  | 'sqs:CreateQueue'
  | 'sqs:ListQueues'
>;

/** Parameters that aim at what is the owner's; operations that name nothing but own things are left out. */
const onNotices = (): Readonly<Record<NoticeAttempt, Record<string, string>>> => {
  const { topicArn, subscriptionArn, queueUrl, queueArn } = theirs.pair;
  const [TopicArn, SubscriptionArn, QueueUrl] = [topicArn, subscriptionArn, queueUrl];
  const attribute = { AttributeName: 'DisplayName', AttributeValue: 'x' };
  const raw = { AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
  const ReceiptHandle = theirs.handle;
  return {
    'sns:DeleteTopic': { TopicArn },
    'sns:GetTopicAttributes': { TopicArn },
    'sns:SetTopicAttributes': { TopicArn, ...attribute },
    'sns:Publish': { TopicArn, Message: 'from a stranger' },
    'sns:Subscribe': { TopicArn, Protocol: 'sqs', Endpoint: queueArn },
    'sns:Unsubscribe': { SubscriptionArn },
    'sns:ListSubscriptionsByTopic': { TopicArn },
    'sns:GetSubscriptionAttributes': { SubscriptionArn },
    'sns:SetSubscriptionAttributes': { SubscriptionArn, ...raw },
    'sqs:DeleteQueue': { QueueUrl },
    'sqs:GetQueueUrl': { QueueName: 'theirs', QueueOwnerAWSAccountId: theirs.accountId },
    'sqs:GetQueueAttributes': { QueueUrl },
    'sqs:SetQueueAttributes': { QueueUrl, 'Attribute.1.Name': 'DelaySeconds', 'Attribute.1.Value': '9' },
    'sqs:PurgeQueue': { QueueUrl },
    'sqs:SendMessage': { QueueUrl, MessageBody: 'from a stranger' },
    'sqs:ReceiveMessage': { QueueUrl },
    'sqs:DeleteMessage': { QueueUrl, ReceiptHandle },
    'sqs:DeleteMessageBatch': {
      QueueUrl,
      'DeleteMessageBatchRequestEntry.1.Id': 'a',
      'DeleteMessageBatchRequestEntry.1.ReceiptHandle': ReceiptHandle,
    },
    'sqs:ChangeMessageVisibility': { QueueUrl, ReceiptHandle, VisibilityTimeout: '0' },
  };
};

/** All logs and settings on disk, the stranger's own left out. */
async function everythingOfTheOwner(): Promise<Record<string, string>> {
  const paths = await readdir(here.directory, { recursive: true });
  const logs = paths.filter((path) => path.endsWith('.ndjson') && !path.startsWith('accounts/'));
  const texts = await Promise.all(logs.sort().map((path) => readFile(join(here.directory, path), 'utf8')));
  return Object.fromEntries(logs.map((path, i) => [path, texts[i] ?? '']));
}

function codeOf({ body }: RawAnswer): string {
  return (
    /"code":"(\w+)"|<Code>([\w.]+)<|#(\w+)"/
      .exec(body.toString())
      ?.slice(1)
      .find((one) => one !== undefined) ?? ''
  );
}

describe('foreign accounts', () => {
  test('every operation under the number of the owner is denied, and changes nothing', async () => {
    const before = await everythingOfTheOwner();
    for (const [operation, request] of Object.entries(onVaults(theirs.accountId))) {
      const answer = await send(stranger, request);
      expect([operation, answer.status, codeOf(answer)]).toEqual([operation, 403, 'AccessDeniedException']);
    }
    expect(await everythingOfTheOwner()).toEqual(before);
    // What is denied to the stranger is there: the owner is served.
    for (const operation of ['GetJobOutput', 'ListParts', 'GetVaultLock', 'DescribeJob'] as const) {
      expect((await send(owner, onVaults(theirs.accountId)[operation])).status).toBe(200);
    }
  });

  test('ids of the owner mean nothing in a vault of the same name', async () => {
    const before = await everythingOfTheOwner();
    const attempts = onVaults('-');
    for (const operation of BY_ID) {
      const answer = await send(stranger, attempts[operation]);
      expect([operation, answer.status, codeOf(answer)]).toEqual([operation, 404, 'ResourceNotFoundException']);
    }
    await send(stranger, attempts.DeleteArchive);
    expect(await everythingOfTheOwner()).toEqual(before);
  });

  test('topics, subscriptions and queues of the owner are denied in forms and in JSON', async () => {
    const before = await everythingOfTheOwner();
    for (const [name, parameters] of Object.entries(onNotices())) {
      const [service, Action = ''] = name.split(':');
      const requests =
        service === 'sns'
          ? [snsRequest({ Action, ...parameters })]
          : [sqsForm({ Action, ...parameters }), sqsRequest(Action, parameters)];
      for (const request of requests) {
        const { status, body } = await send(stranger, request);
        expect([name, status, body.toString()]).toEqual([
          name,
          expect.toBeOneOf([400, 403]),
          expect.stringMatching(/is not that of the credentials/),
        ]);
      }
    }
    expect(await everythingOfTheOwner()).toEqual(before);
  });

  test('a queue that was subscribed from abroad gets nothing that its policy does not allow', async () => {
    const { topicArn } = await queueOfTopic(stranger, 'loud');
    const wanted = { Action: 'Subscribe', TopicArn: topicArn, Protocol: 'sqs', Endpoint: theirs.pair.queueArn };
    await sns(stranger, wanted);
    await sns(stranger, { Action: 'Publish', TopicArn: topicArn, Message: 'from a stranger' });
    expect(await receive(owner, theirs.pair.queueUrl)).toEqual([]);
  });

  test('notices of jobs go to no topic of another account', async () => {
    const { pair } = theirs;
    const body = JSON.stringify({ SNSTopic: pair.topicArn, Events: EVENTS });
    await send(stranger, { method: 'PUT', path: '/-/vaults/V/notification-configuration', body });
    const ArchiveId = await uploadWhole(stranger, 'V', BODY);
    const job = { Type: 'archive-retrieval', ArchiveId, SNSTopic: pair.topicArn };
    await askForJob(stranger, 'V', job);
    const own = await askForJob(owner, 'V', { ...job, ArchiveId: theirs.archive });
    // The owner's job is told of after the stranger's, which was asked for before.
    const [first] = await receive(owner, pair.queueUrl, { WaitTimeSeconds: 20 });
    expect(JSON.parse((JSON.parse(first!.Body) as { Message: string }).Message)).toMatchObject({ JobId: own });
    while (here.lines.filter((line) => line.includes('is of another account than the vault')).length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await receive(owner, pair.queueUrl)).toEqual([]);
  });

  test('lists have own things only', async () => {
    const topics = await sns(stranger, { Action: 'ListTopics' });
    const subscriptions = await sns(stranger, { Action: 'ListSubscriptions' });
    const queues = (await send(stranger, sqsRequest('ListQueues', {}))).body.toString();
    const vaults = (await send(stranger, { method: 'GET', path: '/-/vaults' })).body.toString();
    for (const list of [topics, queues, vaults]) expect(list).not.toContain(theirs.accountId);
    expect(subscriptions).not.toContain(theirs.pair.topicArn);
  });
});
