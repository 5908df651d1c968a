// A listener for the letters of a local vault's topics, and genuine letters to play with.

import { request } from 'node:http';
import { type ListenerOptions, startNoticeListener } from '../../../src/edges/notice-listener/start.js';
import { downloadedText } from '../../../src/vault/notices/certificate-download.js';
import { openEndpoint } from '../local-server/notices/endpoint.js';
import { sns, textsIn } from '../local-server/notices/notice-client.js';
import { type Serving, serving } from '../local-server/serving.js';

/** A letter as it was posted, headers and body. */
export interface Posted {
  readonly kind: string;
  readonly letter: Readonly<Record<string, string>>;
}

export async function openListening(more: Partial<ListenerOptions> = {}) {
  const served = await serving();
  const { endpoint } = served.vault;
  const topic = await topicOf(served, 'jobs', '1');
  const heard: string[] = [];
  const told: string[] = [];
  const downloads: string[] = [];
  const waiting = new Set<() => void>();
  const happened = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const time = { ahead: 0 };
  const listener = await startNoticeListener({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    path: '/glacier',
    topics: new Set([topic]),
    region: 'us-east-1',
    domain: null,
    origin: endpoint,
    async download(address, signal) {
      downloads.push(address.href);
      return downloadedText(address, signal, {});
    },
    now: () => Date.now() + time.ahead,
    async hear({ jobId }) {
      heard.push(jobId);
      happened();
    },
    async confirm(arn, Token) {
      await sns(served.vault, { Action: 'ConfirmSubscription', TopicArn: arn, Token });
    },
    tell(what, message) {
      told.push(`${what}: ${message}`);
      happened();
    },
    ...more,
  });
  return {
    served,
    topic,
    listener,
    heard,
    told,
    downloads,
    time,
    /** Until it is so; looked at after everything that happens. */
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async subscribe(to = listener.address, arn = topic): Promise<void> {
      await sns(served.vault, { Action: 'Subscribe', TopicArn: arn, Protocol: 'http', Endpoint: to });
    },
    async publish(Message: string, more: Record<string, string> = {}): Promise<void> {
      await sns(served.vault, { Action: 'Publish', TopicArn: topic, Message, ...more });
    },
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await served[Symbol.asyncDispose]();
    },
  };
}

export async function topicOf(served: Serving, Name: string, version: '1' | '2'): Promise<string> {
  const attribute = { 'Attributes.entry.1.key': 'SignatureVersion', 'Attributes.entry.1.value': version };
  return textsIn(await sns(served.vault, { Action: 'CreateTopic', Name, ...attribute }), 'TopicArn')[0] ?? '';
}

/** What a topic sends to an endpoint: the question whether it is one, a notice with a subject, and one without. */
export async function genuineLetters(served: Serving, topic: string, message: string): Promise<Posted[]> {
  await using endpoint = await openEndpoint(200);
  await sns(served.vault, { Action: 'Subscribe', TopicArn: topic, Protocol: 'http', Endpoint: endpoint.url });
  await endpoint.received(1);
  const Token = endpoint.posts[0]?.letter['Token'] ?? '';
  await sns(served.vault, { Action: 'ConfirmSubscription', TopicArn: topic, Token });
  await sns(served.vault, { Action: 'Publish', TopicArn: topic, Message: message, Subject: 'a subject' });
  await endpoint.received(2);
  await sns(served.vault, { Action: 'Publish', TopicArn: topic, Message: message });
  await endpoint.received(3);
  return endpoint.posts.map(({ letter }) => ({ kind: letter['Type'] ?? '', letter }));
}

export interface Post {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What it answers; 0 when it breaks off. */
export function post(address: string, { method = 'POST', path, headers = {}, body = '' }: Post): Promise<number> {
  const url = new URL(path ?? '', address);
  if (path === undefined) url.pathname = new URL(address).pathname;
  return new Promise((resolve) => {
    const sent = request(url, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}

export function postLetter(address: string, { kind, letter }: Posted): Promise<number> {
  return post(address, { headers: { 'x-amz-sns-message-type': kind }, body: JSON.stringify(letter) });
}
