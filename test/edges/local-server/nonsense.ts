// What no client should ask for: odd names, numbers and bodies for every operation, and deeds that a stranger would like.

import type { Dice } from './dice.js';
import { bothHashes, type RawRequest, sha256, type Target } from './raw-client.js';

/** What there is to aim at. */
export interface Aims {
  readonly target: Target;
  readonly accountId: string;
  readonly vault: string;
  readonly archive: string;
  readonly upload: string;
  readonly job: string;
}

export const METHODS = [
  'GET',
  'PUT',
  'POST',
  'DELETE',
  'HEAD',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'BREW',
  'M-SEARCH',
];
export const NUMBERS = [
  '',
  '0',
  '-1',
  '1e9',
  '0x10',
  '9007199254740993',
  '18446744073709551616',
  'NaN',
  ' 5',
  '5 5',
  '٣',
  '1.5',
];
export const TEXTS = [
  '',
  '..',
  '/',
  '\\',
  '%',
  '%00',
  '\u0000',
  '${x}',
  '\ud800',
  'ä€𝄞',
  '__proto__',
  'constructor',
  'null',
  'a'.repeat(5000),
];
const TRAVERSALS = [
  '..',
  '%2e%2e',
  '..%2f..%2f',
  '..%5c',
  '%2e%2e%2f%2e%2e%2f%2e%2e%2fescaped',
  '....//',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
];
const DEEP = '['.repeat(3000) + ']'.repeat(3000);
/** None that leads off this machine. */
const ENDPOINTS = [
  'http://127.0.0.1:1/x',
  'http://127.0.0.1:0/',
  'http://[::1',
  'javascript:1',
  '',
  'arn:aws:sqs:us-east-1:1:x',
];

export function glacierNonsense(dice: Dice, aims: Aims): RawRequest {
  const { vault, upload, job } = aims;
  const [V, number, body] = [`/-/vaults/${vault}`, dice.pick(NUMBERS.slice(0, 8)), oddJson(dice)];
  const range = `bytes ${dice.pick(NUMBERS.slice(0, 8))}-${dice.pick(NUMBERS.slice(0, 8))}/*`;
  return dice.pick<RawRequest>([
    { method: dice.pick(METHODS.slice(0, 6)), path: encodedPath(oddPath(dice, aims)) },
    { method: 'GET', path: `/-/vaults?limit=${encodeURIComponent(number)}` },
    { method: 'POST', path: `${V}/jobs`, body },
    { method: 'POST', path: `${V}/jobs`, body: jobOf(dice, aims) },
    { method: 'PUT', path: `${V}/access-policy`, body },
    { method: 'POST', path: `${V}/lock-policy`, body: JSON.stringify({ Policy: body.toString() }) },
    { method: 'PUT', path: `${V}/notification-configuration`, body },
    { method: 'POST', path: `${V}/tags?operation=${dice.pick(['add', 'remove', 'x'])}`, body },
    { method: 'PUT', path: '/-/policies/data-retrieval', body },
    { method: 'POST', path: `${V}/multipart-uploads`, headers: { 'x-amz-part-size': number || 'x' } },
    {
      method: 'PUT',
      path: `${V}/multipart-uploads/${upload}`,
      headers: { 'content-range': range, ...bothHashes(body) },
      body,
    },
    {
      method: 'POST',
      path: `${V}/multipart-uploads/${upload}`,
      headers: { 'x-amz-archive-size': number || 'x', 'x-amz-sha256-tree-hash': sha256(number) },
    },
    { method: 'GET', path: `${V}/jobs/${job}/output`, headers: { range: range.replace(' ', '=').replace('/*', '') } },
    { method: 'GET', path: `${V}/jobs?limit=${encodeURIComponent(number)}&completed=${encodeURIComponent(number)}` },
    { ...uploadOf(dice, aims), payloadHash: 'UNSIGNED-PAYLOAD' },
    uploadOf(dice, aims),
  ]);
}

export function topicNonsense(dice: Dice): RawRequest {
  const actions = [
    'CreateTopic',
    'DeleteTopic',
    'Subscribe',
    'Publish',
    'SetTopicAttributes',
    'ListSubscriptions',
    'ConfirmSubscription',
    'ListTopics',
    'ListSubscriptionsByTopic',
    'GetTopicAttributes',
    'GetSubscriptionAttributes',
    'SetSubscriptionAttributes',
    'Unsubscribe',
    '__proto__',
  ];
  const text = (): string =>
    dice.pick([...TEXTS.filter((one) => one !== '\ud800'), ...NUMBERS, 'arn:aws:sns:us-east-1:1:x']);
  const fields = {
    Action: dice.pick(actions),
    Name: text(),
    TopicArn: text(),
    Message: text(),
    AttributeName: text(),
    AttributeValue: text(),
    SubscriptionArn: text(),
    Token: text(),
    NextToken: text(),
    'Attributes.entry.1.key': dice.pick(['DeliveryPolicy', 'Policy', 'DisplayName', '__proto__']),
    'Attributes.entry.1.value': dice.pick([text(), DEEP, '<!DOCTYPE x [<!ENTITY a "b">]>&a;']),
  };
  const form = new URLSearchParams({
    ...fields,
    Protocol: dice.pick(['http', 'https', 'sqs', 'x']),
    Endpoint: dice.pick(ENDPOINTS),
  });
  const body = dice.chance(0.8)
    ? Buffer.from(form.toString())
    : dice.spoilt(Buffer.from('Action=ListTopics&Version=2010-03-31'));
  return { method: 'POST', path: '/', service: 'sns', body };
}

export function queueNonsense(dice: Dice): RawRequest {
  const actions = [
    'CreateQueue',
    'SendMessage',
    'SetQueueAttributes',
    'DeleteMessage',
    'GetQueueUrl',
    'ChangeMessageVisibility',
    'ListQueues',
    'ReceiveMessage',
    'PurgeQueue',
    'DeleteQueue',
    'DeleteMessageBatch',
    'GetQueueAttributes',
    '',
    '__proto__',
  ];
  const value = (): unknown => dice.pick<unknown>([...TEXTS, ...NUMBERS, null, {}, [], 1e15, -1]);
  const fields = {
    QueueName: value(),
    QueueUrl: value(),
    MessageBody: value(),
    ReceiptHandle: value(),
    Attributes: value(),
    DelaySeconds: value(),
    Entries: value(),
    MaxResults: value(),
    AttributeNames: value(),
  };
  if (dice.chance(0.3)) return queueForm(dice, dice.pick(actions));
  const body = dice.chance(0.7) ? Buffer.from(JSON.stringify(fields)) : oddJson(dice);
  const headers = { 'x-amz-target': `AmazonSQS.${dice.pick(actions)}`, 'content-type': 'application/x-amz-json-1.0' };
  return { method: 'POST', path: '/', service: 'sqs', headers, body };
}

/** In the older protocol, with the queue in the path. */
function queueForm(dice: Dice, Action: string): RawRequest {
  const text = (): string => dice.pick([...TEXTS.filter((one) => one !== '\ud800'), ...NUMBERS]);
  const form = new URLSearchParams({
    Action,
    QueueName: text(),
    MessageBody: text(),
    'Attribute.1.Name': text(),
    'Attribute.99999.Value': text(),
    'DeleteMessageBatchRequestEntry.1.Id': text(),
    MaxNumberOfMessages: text(),
  });
  const body = dice.chance(0.1) ? '&a'.repeat(dice.below(100_000)) : form.toString();
  return { method: 'POST', path: dice.pick(['/', '/123456789012/x', '/0/..']), service: 'sqs', body };
}

export function dangerous(dice: Dice, { vault, archive, upload }: Aims): RawRequest {
  return dice.pick<RawRequest>([
    { method: 'PUT', path: '/-/vaults/stolen' },
    { method: 'DELETE', path: `/-/vaults/${vault}` },
    { method: 'DELETE', path: `/-/vaults/${vault}/archives/${archive}` },
    { method: 'DELETE', path: `/-/vaults/${vault}/multipart-uploads/${upload}` },
    { method: 'GET', path: `/-/vaults/${vault}` },
    { method: 'POST', path: '/', service: 'sns', body: 'Action=CreateTopic&Name=stolen&Version=2010-03-31' },
    { method: 'POST', path: '/', service: 'sqs', headers: { 'x-amz-target': 'AmazonSQS.ListQueues' }, body: '{}' },
  ]);
}

export function uploadOf(dice: Dice, { vault }: Aims): RawRequest {
  const body = dice.bytes(1 + dice.below(300));
  return {
    method: 'POST',
    path: `/-/vaults/${vault}/archives`,
    headers: bothHashes(dice.chance(0.9) ? Buffer.from('x') : body),
    body,
  };
}

export function oddPath(dice: Dice, { vault, accountId }: Aims): string {
  const name = dice.pick([...TRAVERSALS, vault]);
  const account = dice.pick(['-', accountId, '999999999999', '..', '%2d', '']);
  return dice.pick([
    `/${account}/vaults/${name}`,
    `/${account}/vaults/${vault}/archives/${name}`,
    `/${account}/vaults/${vault}/multipart-uploads/${name}`,
    `/${account}/vaults/${vault}/jobs/${name}/output`,
    `/${account}/policies/${name}`,
    `/${name}/${name}/${name}`,
  ]);
}

function jobOf(dice: Dice, { archive }: Aims): string {
  const value = (): unknown => dice.pick<unknown>([...NUMBERS, ...TEXTS, null, {}, [], 5, -1, true, 1e300]);
  const Type = dice.pick(['archive-retrieval', 'inventory-retrieval', value()]);
  const InventoryRetrievalParameters = { StartDate: value(), Limit: value(), Marker: value() };
  return JSON.stringify({
    Type,
    ArchiveId: archive,
    RetrievalByteRange: value(),
    Tier: value(),
    InventoryRetrievalParameters,
  });
}

function oddJson(dice: Dice): Buffer {
  const plain = JSON.stringify({
    Tags: { a: dice.pick(TEXTS) },
    TagKeys: [dice.pick(TEXTS)],
    Policy: { Rules: [{ Strategy: dice.pick(TEXTS) }] },
  });
  return dice.pick([
    Buffer.from('['.repeat(dice.below(100_000))),
    Buffer.from(`{"Type":${DEEP},"WaitTimeSeconds":${DEEP},"DelaySeconds":${DEEP}}`),
    Buffer.from(
      `{"Policy":${JSON.stringify(`{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":${DEEP}}}`)}}`,
    ),
    Buffer.from(`{"Tags":${'{"a":'.repeat(dice.below(1000))}1${'}'.repeat(1000)}`),
    Buffer.from('{"__proto__":{"Type":"archive-retrieval"},"constructor":1}'),
    Buffer.from(dice.pick(['null', '1', '""', '[]', '{', '\ufeff{}', '{"a":1,}', 'NaN'])),
    dice.bytes(dice.below(100)),
    Buffer.from(plain),
    dice.spoilt(Buffer.from(plain)),
  ]);
}

/** What a signer can sign: the path that it sends is the one it meant. */
function encodedPath(path: string): string {
  return path.replace(/%(?![0-9a-fA-F]{2})/g, '%25');
}
