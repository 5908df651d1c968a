// Operations on queues: create, delete, find, list, attributes, purge.

import { type Fields, textOf } from '../protocol/json-fields.js';
import { pageOf } from '../protocol/paging.js';
import { accountIn, arnOfQueue, isQueueName, nameIn } from './arns.js';
import type { MessageQueue } from './message-queue.js';
import type { NoticeCall } from './notice-call.js';
import { invalidSqs, missingField, NoticeError, noSuchQueue } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import {
  type ComputedAttribute,
  checkAttributeNames,
  checkAttributes,
  standardAttributes,
} from './queue-attributes.js';
import { mapOfTexts, numberOf, refuseFields, requiredText, textsOf } from './sqs-fields.js';

const PURGE_MS = 60_000;

/** Gives the fields of the answer. */
export type SqsOperation = (office: NoticeOffice, call: NoticeCall, fields: Fields) => object | Promise<object>;

/** A queue of that name with those attributes that exists already is created. */
export function createQueue(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const name = requiredText(fields, 'QueueName');
  if (!isQueueName(name)) {
    throw invalidSqs('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
  refuseFields(fields, ['tags']);
  const wanted = mapOfTexts(fields, 'Attributes');
  checkAttributes(wanted);
  const arn = arnOfQueue(office.region, call.accountId ?? '', name);
  const known = office.store.state.queues.get(arn);
  if (known !== undefined) refuseDifference(known, wanted);
  const attributes = Object.fromEntries([...standardAttributes(), ...wanted]);
  if (known === undefined) office.store.record({ type: 'queue', arn, attributes, at: office.clock.now() });
  return { QueueUrl: urlOf(arn, call) };
}

export function deleteQueue(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const { arn } = queueOf(office, call, fields);
  office.store.record({ type: 'queue-deleted', arn, at: office.clock.now() });
  return {};
}

export function getQueueUrl(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const owner = textOf(fields, 'QueueOwnerAWSAccountId') ?? call.accountId ?? '';
  refuseForeign(owner, call);
  const arn = arnOfQueue(office.region, owner, requiredText(fields, 'QueueName'));
  if (!office.store.state.queues.has(arn)) throw noSuchQueue();
  return { QueueUrl: urlOf(arn, call) };
}

export function listQueues(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const prefix = arnOfQueue(office.region, call.accountId ?? '', textOf(fields, 'QueueNamePrefix') ?? '');
  const first = Buffer.from(textOf(fields, 'NextToken') ?? '', 'base64url').toString();
  const arns = [...office.store.state.queues.keys()].filter((arn) => arn.startsWith(prefix) && arn >= first).sort();
  const limit = numberOf(fields, 'MaxResults', [1, 1000], 1000);
  const { page, next } = pageOf(arns, limit, (arn) => Buffer.from(arn).toString('base64url'));
  const token = next === null || (fields['MaxResults'] ?? null) === null ? {} : { NextToken: next };
  return { QueueUrls: page.map((arn) => urlOf(arn, call)), ...token };
}

export function getQueueAttributes(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const queue = queueOf(office, call, fields);
  const names = textsOf(fields, 'AttributeNames');
  checkAttributeNames(names);
  const all: Record<string, string> = {
    ...computedOf(queue, office.clock.now()),
    ...Object.fromEntries(queue.attributes),
  };
  const wanted = Object.entries(all).filter(
    ([name, value]) => value !== '' && (names.includes('All') || names.includes(name)),
  );
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
}

export function setQueueAttributes(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const { arn } = queueOf(office, call, fields);
  const attributes = mapOfTexts(fields, 'Attributes');
  if (attributes.size === 0) throw missingField('Attribute.Name');
  checkAttributes(attributes);
  office.store.record({
    type: 'queue-attributes',
    arn,
    attributes: Object.fromEntries(attributes),
    at: office.clock.now(),
  });
  return {};
}

export function purgeQueue(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const { arn, purgedAt } = queueOf(office, call, fields);
  const at = office.clock.now();
  if (purgedAt !== null && at < purgedAt + PURGE_MS) {
    const message = `Only one PurgeQueue operation on ${nameIn(arn)} is allowed every 60 seconds.`;
    throw new NoticeError(403, 'PurgeQueueInProgress', message, 'AWS.SimpleQueueService.PurgeQueueInProgress');
  }
  office.store.record({ type: 'queue-purged', arn, at });
  return {};
}

/** By the path of its URL; by which name the server was reached says nothing. @throws NoticeError */
export function queueOf(office: NoticeOffice, call: NoticeCall, fields: Fields): MessageQueue {
  const url = requiredText(fields, 'QueueUrl');
  const [, account, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([\w-]{1,80})\/?$/.exec(url) ?? [];
  if (account === undefined || name === undefined) {
    throw new NoticeError(404, 'InvalidAddress', `The address ${url} is not valid for this endpoint.`);
  }
  refuseForeign(account, call);
  const queue = office.store.state.queues.get(arnOfQueue(office.region, account, name));
  if (queue === undefined) throw noSuchQueue();
  return queue;
}

function urlOf(arn: string, call: NoticeCall): string {
  return `${call.origin}/${accountIn(arn)}/${nameIn(arn)}`;
}

function refuseForeign(account: string, call: NoticeCall): void {
  if (account === call.accountId) return;
  throw new NoticeError(
    403,
    'AccessDeniedException',
    `The account ${account} is not that of the credentials.`,
    'AccessDenied',
  );
}

function refuseDifference(queue: MessageQueue, wanted: ReadonlyMap<string, string>): void {
  for (const [name, value] of wanted) {
    if (queue.attributes.get(name) === value) continue;
    const message = `A queue already exists with the same name and a different value for attribute ${name}`;
    throw new NoticeError(400, 'QueueNameExists', message, 'QueueAlreadyExists');
  }
}

function computedOf(queue: MessageQueue, now: number): Record<ComputedAttribute, string> {
  const { visible, inFlight, delayed } = queue.counts(now);
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}
