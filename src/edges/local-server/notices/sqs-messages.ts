// Operations on messages: send, receive, delete, hide.

import { createHash, randomUUID } from 'node:crypto';
import { type Fields, textOf } from '../protocol/json-fields.js';
import { idInHandle, type MessageQueue, type Receipt } from './message-queue.js';
import type { NoticeCall } from './notice-call.js';
import { invalidSqs, NoticeError } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import { entriesOf, numberOf, refuseFields, requiredText, textsOf } from './sqs-fields.js';
import { queueOf } from './sqs-queues.js';

const VISIBILITY_RANGE = [0, 43_200] as const;

/** What messages here have; the others that AWS knows belong to features that a local vault has not. */
const SYSTEM_ATTRIBUTES: Readonly<Record<string, (receipt: Receipt) => string>> = {
  SenderId: ({ message }) => message.record.sender,
  SentTimestamp: ({ message }) => String(message.record.at),
  ApproximateReceiveCount: ({ message }) => String(message.receives),
  ApproximateFirstReceiveTimestamp: ({ message }) => String(message.firstReceivedAt),
};
const ABSENT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'All',
  'AWSTraceHeader',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SequenceNumber',
  'DeadLetterQueueSourceArn',
]);

/** Source: SQS API reference, SendMessage, "MessageBody": the characters that XML can have. */
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export function sendMessage(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const queue = queueOf(office, call, fields);
  refuseFields(fields, ['MessageAttributes', 'MessageSystemAttributes', 'MessageGroupId', 'MessageDeduplicationId']);
  const body = requiredText(fields, 'MessageBody');
  checkBody(queue, body);
  const delay = numberOf(fields, 'DelaySeconds', [0, 900], Number(queue.attributes.get('DelaySeconds')));
  office.checkRoomFor(1, body);
  const id = randomUUID();
  const at = office.clock.now();
  const sender = call.accountId ?? '';
  office.store.record({ type: 'message', queue: queue.arn, id, body, sender, at, delayMs: delay * 1000 });
  return { MessageId: id, MD5OfMessageBody: md5(body) };
}

export async function receiveMessage(office: NoticeOffice, call: NoticeCall, fields: Fields): Promise<object> {
  const queue = queueOf(office, call, fields);
  const names = [...textsOf(fields, 'AttributeNames'), ...textsOf(fields, 'MessageSystemAttributeNames')];
  checkNames(names);
  const standard = (name: string): number => Number(queue.attributes.get(name));
  const waitSeconds = numberOf(fields, 'WaitTimeSeconds', [0, 20], standard('ReceiveMessageWaitTimeSeconds'));
  const hiddenSeconds = numberOf(fields, 'VisibilityTimeout', VISIBILITY_RANGE, standard('VisibilityTimeout'));
  const count = numberOf(fields, 'MaxNumberOfMessages', [1, 10], 1);
  const wish = { count, waitMs: waitSeconds * 1000, hiddenMs: hiddenSeconds * 1000 };
  const receipts = await queue.receive(wish, office.clock, call.signal);
  return receipts.length === 0 ? {} : { Messages: receipts.map((receipt) => messageOf(receipt, names)) };
}

/** A message that is gone is deleted already; one that was received again since belongs to that receiver. */
export function deleteMessage(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  forget(office, queueOf(office, call, fields), requiredText(fields, 'ReceiptHandle'));
  return {};
}

export function deleteMessageBatch(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const queue = queueOf(office, call, fields);
  const entries = entriesOf(fields, 'Entries');
  checkBatch(entries);
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    const Id = requiredText(entry, 'Id');
    try {
      forget(office, queue, requiredText(entry, 'ReceiptHandle'));
      successful.push({ Id });
    } catch (cause) {
      if (!(cause instanceof NoticeError)) throw cause;
      failed.push({ Id, SenderFault: true, Code: cause.queryCode, Message: cause.message });
    }
  }
  return { Successful: successful, Failed: failed };
}

export function changeMessageVisibility(office: NoticeOffice, call: NoticeCall, fields: Fields): object {
  const queue = queueOf(office, call, fields);
  const handle = goodHandle(requiredText(fields, 'ReceiptHandle'));
  const seconds = numberOf(fields, 'VisibilityTimeout', VISIBILITY_RANGE, Number.NaN);
  if (Number.isNaN(seconds)) requiredText(fields, 'VisibilityTimeout');
  const message = queue.holdOf(handle);
  const now = office.clock.now();
  // Source: aws-sdk-net issue 1927: of a message that was deleted it says so, and not that it is not in flight.
  if (message === null) {
    const reason = 'Reason: Message does not exist or is not available for visibility timeout change.';
    throw invalidSqs(`Value ${handle} for parameter ReceiptHandle is invalid. ${reason}`);
  }
  if (message.handle === null || message.visibleAt <= now) {
    const code = 'AWS.SimpleQueueService.MessageNotInflight';
    throw new NoticeError(400, 'MessageNotInflight', 'The specified message is not in flight.', code);
  }
  queue.hide(message, seconds * 1000, now);
  return {};
}

function forget(office: NoticeOffice, queue: MessageQueue, text: string): void {
  const message = queue.holdOf(goodHandle(text));
  if (message === null) return;
  office.store.record({ type: 'message-deleted', queue: queue.arn, id: message.record.id, at: office.clock.now() });
}

function goodHandle(text: string): string {
  if (idInHandle(text) !== null) return text;
  throw new NoticeError(404, 'ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
}

function checkBody(queue: MessageQueue, body: string): void {
  const most = Number(queue.attributes.get('MaximumMessageSize'));
  if (Buffer.byteLength(body) > most) {
    throw invalidSqs(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
  }
  if (!UNWRITABLE.test(body)) return;
  throw new NoticeError(400, 'InvalidMessageContents', 'The message contains characters outside the allowed set.');
}

/** Source: SQS API reference, DeleteMessageBatch, "Errors". */
function checkBatch(entries: readonly Fields[]): void {
  const problem = (shape: string, query: string, message: string): NoticeError =>
    new NoticeError(400, shape, message, `AWS.SimpleQueueService.${query}`);
  const ids = entries.map((entry) => textOf(entry, 'Id') ?? '');
  if (ids.length === 0) throw problem('EmptyBatchRequest', 'EmptyBatchRequest', 'The batch has no entries.');
  if (ids.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${ids.length}.`;
    throw problem('TooManyEntriesInBatchRequest', 'TooManyEntriesInBatchRequest', message);
  }
  const odd = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (odd !== undefined) throw problem('InvalidBatchEntryId', 'InvalidBatchEntryId', `Invalid batch entry id: ${odd}`);
  if (new Set(ids).size === ids.length) return;
  throw problem('BatchEntryIdsNotDistinct', 'BatchEntryIdsNotDistinct', 'Two entries have the same id.');
}

function checkNames(names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(SYSTEM_ATTRIBUTES, name) || ABSENT_ATTRIBUTES.has(name)) continue;
    throw new NoticeError(400, 'InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
}

function messageOf(receipt: Receipt, names: readonly string[]): object {
  const { id, body } = receipt.message.record;
  const wanted = Object.entries(SYSTEM_ATTRIBUTES).filter(([name]) => names.includes('All') || names.includes(name));
  const attributes = Object.fromEntries(wanted.map(([name, of]) => [name, of(receipt)]));
  const named = wanted.length === 0 ? {} : { Attributes: attributes };
  return { MessageId: id, ReceiptHandle: receipt.handle, MD5OfBody: md5(body), Body: body, ...named };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
