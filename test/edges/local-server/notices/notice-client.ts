// Requests to SNS and SQS by hand, in all their protocols, and what can be read from the answers.

import { type RawAnswer, type RawRequest, send, type Target } from '../raw-client.js';

type Parameters = Readonly<Record<string, string>>;

const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-glacier-version': null };

export function snsRequest(parameters: Parameters): RawRequest {
  const body = new URLSearchParams({ Version: '2010-03-31', ...parameters }).toString();
  return { method: 'POST', path: '/', service: 'sns', headers: FORM, body };
}

export function sqsForm(parameters: Parameters, path = '/'): RawRequest {
  const body = new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString();
  return { method: 'POST', path, service: 'sqs', headers: FORM, body };
}

export function sqsRequest(action: string, fields: object | string): RawRequest {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${action}`,
    'x-amz-glacier-version': null,
  };
  const body = typeof fields === 'string' ? fields : JSON.stringify(fields);
  return { method: 'POST', path: '/', service: 'sqs', headers, body };
}

/** Sends and expects success; gives the XML. */
export async function sns(target: Target, parameters: Parameters): Promise<string> {
  return expectSuccess(await send(target, snsRequest(parameters)));
}

/** Sends and expects success; gives the fields. */
export async function sqs(target: Target, action: string, fields: object): Promise<Record<string, unknown>> {
  return JSON.parse(expectSuccess(await send(target, sqsRequest(action, fields)))) as Record<string, unknown>;
}

function expectSuccess(answer: RawAnswer): string {
  const text = answer.body.toString();
  if (answer.status !== 200) throw new Error(`refused with ${answer.status}: ${text}`);
  return text;
}

/** Texts of all elements of that name, in order. */
export function textsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescaped(text));
}

/** A map as SNS writes it. */
export function entriesIn(xml: string): Record<string, string> {
  const [keys, values] = [textsIn(xml, 'key'), textsIn(xml, 'value')];
  return Object.fromEntries(keys.map((key, i) => [key, values[i] ?? '']));
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#xD;', '\r')
    .replaceAll('&amp;', '&');
}

/** What a queue needs for a topic to send to it. */
export function policyFor(queueArn: string, topicArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  });
}

export interface QueueOfTopic {
  readonly topicArn: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly subscriptionArn: string;
}

/** A topic and a queue that is subscribed to it, each named `name`. */
export async function queueOfTopic(target: Target, name: string, raw = false): Promise<QueueOfTopic> {
  const topicArn = textsIn(await sns(target, { Action: 'CreateTopic', Name: name }), 'TopicArn')[0]!;
  const queueUrl = String((await sqs(target, 'CreateQueue', { QueueName: name }))['QueueUrl']);
  const queueArn = topicArn.replace(':sns:', ':sqs:');
  const Attributes = { Policy: policyFor(queueArn, topicArn) };
  await sqs(target, 'SetQueueAttributes', { QueueUrl: queueUrl, Attributes });
  const wanted = { Action: 'Subscribe', TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn };
  const attributes: Parameters = raw
    ? { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' }
    : {};
  const subscriptionArn = textsIn(await sns(target, { ...wanted, ...attributes }), 'SubscriptionArn')[0]!;
  return { topicArn, queueArn, queueUrl, subscriptionArn };
}

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

export async function receive(target: Target, queueUrl: string, more: object = {}): Promise<ReceivedMessage[]> {
  const wish = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, ...more };
  return ((await sqs(target, 'ReceiveMessage', wish))['Messages'] ?? []) as ReceivedMessage[];
}
