// The three ways in which SNS and SQS are spoken to: which operation is wanted, and how its answer is written.

import type { Answer } from '../protocol/exchange.js';
import { type Fields, parseObject } from '../protocol/json-fields.js';
import type { SnsAction, SqsAction } from '../protocol/notice-names.js';
import { type Form, parseForm } from './form.js';
import type { NoticeCall } from './notice-call.js';
import { type NoticeError, unknownAction } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from './sns-subscriptions.js';
import {
  createTopic,
  deleteTopic,
  getTopicAttributes,
  listTopics,
  publish,
  type SnsOperation,
  setTopicAttributes,
} from './sns-topics.js';
import {
  changeMessageVisibility,
  deleteMessage,
  deleteMessageBatch,
  receiveMessage,
  sendMessage,
} from './sqs-messages.js';
import { fieldsOfForm, xmlOfResult } from './sqs-query.js';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  purgeQueue,
  type SqsOperation,
  setQueueAttributes,
} from './sqs-queues.js';
import { writeError, writeResponse, type Xml } from './xml.js';

/** A request as it arrived, authenticated or not. */
interface NoticeRequest {
  readonly url: string;
  readonly body: Buffer;
  /** `x-amz-target`; null where the action is in the form. */
  readonly target: string | null;
  readonly requestId: string;
}

/** How one of them is spoken. */
export interface NoticeProtocol {
  actionOf(request: NoticeRequest): string;
  /** Does what is asked. @throws NoticeError, ApiError */
  answer(office: NoticeOffice, call: NoticeCall, request: NoticeRequest): Promise<Answer>;
  refuse(error: NoticeError, requestId: string): Answer;
}

const SNS_OPERATIONS: Readonly<Record<SnsAction, SnsOperation>> = {
  CreateTopic: createTopic,
  DeleteTopic: deleteTopic,
  ListTopics: listTopics,
  GetTopicAttributes: getTopicAttributes,
  SetTopicAttributes: setTopicAttributes,
  Publish: publish,
  Subscribe: subscribe,
  ConfirmSubscription: confirmSubscription,
  Unsubscribe: unsubscribe,
  ListSubscriptions: listSubscriptions,
  ListSubscriptionsByTopic: listSubscriptionsByTopic,
  GetSubscriptionAttributes: getSubscriptionAttributes,
  SetSubscriptionAttributes: setSubscriptionAttributes,
};

const SQS_OPERATIONS: Readonly<Record<SqsAction, SqsOperation>> = {
  CreateQueue: createQueue,
  DeleteQueue: deleteQueue,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  GetQueueAttributes: getQueueAttributes,
  SetQueueAttributes: setQueueAttributes,
  PurgeQueue: purgeQueue,
  SendMessage: sendMessage,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
};

const SNS_NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
const SQS_NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';

/** SNS: forms in, XML out. */
export const SNS_QUERY: NoticeProtocol = {
  actionOf: (request) => formOf(request).get('Action') ?? '',
  async answer(office, call, request) {
    const form = formOf(request);
    const action = form.get('Action') ?? '';
    const result = await operationIn(SNS_OPERATIONS, action)(office, call, form);
    return xmlAnswer(200, writeResponse(action, SNS_NAMESPACE, result, request.requestId));
  },
  refuse: (error, requestId) => refusalInXml(SNS_NAMESPACE, error, requestId),
};

/** SQS as it was spoken to until 2023: forms in, XML out. */
export const SQS_QUERY: NoticeProtocol = {
  actionOf: (request) => formOf(request).get('Action') ?? '',
  async answer(office, call, request) {
    const form = formOf(request);
    const action = form.get('Action') ?? '';
    const result = await operationIn(SQS_OPERATIONS, action)(office, call, fieldsOfForm(form, request.url));
    const xml: Xml[] = xmlOfResult(action, result);
    return xmlAnswer(200, writeResponse(action, SQS_NAMESPACE, xml, request.requestId));
  },
  refuse: (error, requestId) => refusalInXml(SQS_NAMESPACE, error, requestId),
};

/** SQS as today's SDKs speak to it: JSON both ways, the action in a header. */
export const SQS_JSON: NoticeProtocol = {
  actionOf: ({ target }) => (target ?? '').replace(/^AmazonSQS\./, ''),
  async answer(office, call, request) {
    const operation = operationIn(SQS_OPERATIONS, SQS_JSON.actionOf(request));
    const fields: Fields = request.body.length === 0 ? {} : parseObject(request.body);
    return jsonAnswer(200, await operation(office, call, fields), {});
  },
  refuse(error) {
    const fault = error.status >= 500 ? 'Receiver' : 'Sender';
    const body = { __type: `com.amazonaws.sqs#${error.code}`, message: error.message };
    return jsonAnswer(error.status >= 500 ? error.status : 400, body, {
      'x-amzn-query-error': `${error.queryCode};${fault}`,
    });
  },
};

/** An answer of one text, whole. */
export function textAnswer(status: number, type: string, text: string, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(text);
  return {
    status,
    headers: { ...headers, 'Content-Type': type, 'Content-Length': String(body.length) },
    write: async (to) => void to.end(body),
  };
}

function formOf({ url, body }: NoticeRequest): Form {
  return parseForm(url, body);
}

function operationIn<Operation>(operations: Readonly<Record<string, Operation>>, action: string): Operation {
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (operation === undefined) throw unknownAction(action);
  return operation;
}

function xmlAnswer(status: number, text: string): Answer {
  return textAnswer(status, 'text/xml', text);
}

function jsonAnswer(status: number, body: object, headers: Record<string, string>): Answer {
  return textAnswer(status, 'application/x-amz-json-1.0', JSON.stringify(body), headers);
}

function refusalInXml(namespace: string, { status, queryCode, message }: NoticeError, requestId: string): Answer {
  return xmlAnswer(status, writeError(namespace, { status, code: queryCode, message }, requestId));
}
