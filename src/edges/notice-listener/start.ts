// Listens for letters of SNS, by https or, where something else speaks that before it, by http.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ToldJob, toldJobIn } from '../../model/job-notice.js';
import { bodyOf } from './body.js';
import { Certificates, type CertificateTerms } from './certificates.js';
import { Judge } from './judge.js';
import { type Letter, letterIn } from './letter.js';

export interface ListenerOptions extends CertificateTerms {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** PEM; null to speak http. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** The only path that is served. */
  readonly path: string;
  /** ARNs of the topics that are listened to. */
  readonly topics: ReadonlySet<string>;
  /** A genuine letter says so. Rejects when that could not be kept: then the letter comes again. */
  readonly hear: (job: ToldJob) => Promise<void>;
  /** A genuine letter asks whether we are to be subscribed. Rejects when that failed: then it asks again. */
  readonly confirm: (topic: string, token: string) => Promise<void>;
  /** What else may be worth telling somebody. Must not throw. */
  readonly tell: (topic: 'confirmed' | 'unsubscribed' | 'refused' | 'undecided', message: string) => void;
}

export interface NoticeListener extends AsyncDisposable {
  /** Where it listens: `https://127.0.0.1:8480/path`. */
  readonly address: string;
}

/** SNS waits 15 seconds for an answer. Source: SNS developer guide, "HTTP/HTTPS endpoints". */
const ANSWER_MS = 12_000;
/** Of a request, from its first byte; of its head alone. */
const COMING_MS = { request: 10_000, head: 5_000 };
const CONNECTIONS = 128;

/** @throws the system's error when it cannot listen there, or TLS's when the certificate or the key is none */
export async function startNoticeListener(options: ListenerOptions): Promise<NoticeListener> {
  const judge = new Judge({ ...options, certificates: new Certificates(options) });
  const server = serverFor(options.tls, (request, response) => void serve(request, response, options, judge));
  server.headersTimeout = COMING_MS.head;
  server.requestTimeout = COMING_MS.request;
  server.keepAliveTimeout = COMING_MS.head;
  server.maxConnections = CONNECTIONS;
  server.on('clientError', (_, socket) => socket.destroy());
  server.listen(options.port, options.host);
  await once(server, 'listening');
  // Such as no more descriptors for connections: who knocks meanwhile comes again.
  server.on('error', ({ message }) => options.tell('undecided', `no letter could be taken: ${message}`));
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    address: `${options.tls === null ? 'http' : 'https'}://${host}:${port}${options.path}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function serverFor(tls: ListenerOptions['tls'], listener: RequestListener): Server {
  const limits = { connectionsCheckingInterval: 1000 };
  if (tls === null) return createServer(limits, listener);
  return createHttpsServer({ ...limits, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: COMING_MS.head }, listener);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenerOptions,
  judge: Judge,
): Promise<void> {
  // Nothing that went wrong with one letter may end the server, nor is the sender told what it was.
  const status = await statusOf(request, options, judge).catch((thrown: unknown) => {
    options.tell(
      'undecided',
      `a letter could not be taken: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
    return 503;
  });
  const more = status === 405 ? { allow: 'POST' } : {};
  response.writeHead(status, { ...more, 'content-length': '0', ...(status === 200 ? {} : { connection: 'close' }) });
  response.end();
}

async function statusOf(request: IncomingMessage, options: ListenerOptions, judge: Judge): Promise<number> {
  if (request.url !== options.path) return 404;
  if (request.method !== 'POST') return 405;
  const { 'x-amz-sns-message-type': kind, 'x-amz-sns-rawdelivery': raw } = request.headers;
  if (raw === 'true') {
    options.tell('refused', 'a letter is refused: it was delivered raw, and so without a signature');
    return 403;
  }
  const body = await bodyOf(request);
  if (body === null) return 413;
  const letter = letterIn(body);
  if (letter === null || letter.kind !== kind) return 400;
  return answerTo(letter, options, judge, AbortSignal.timeout(ANSWER_MS));
}

async function answerTo(letter: Letter, options: ListenerOptions, judge: Judge, signal: AbortSignal): Promise<number> {
  const verdict = await judge.judge(letter, signal);
  switch (verdict.is) {
    case 'refused':
      options.tell('refused', `a letter is refused: ${verdict.why}`);
      return 403;
    case 'undecided':
      options.tell('undecided', `a letter could not be verified: ${verdict.why}`);
      return 503;
    case 'repeated':
      return 200;
    case 'genuine':
      await act(letter, options);
      judge.settled(letter);
      return 200;
  }
}

async function act({ kind, topic, token, message }: Letter, options: ListenerOptions): Promise<void> {
  switch (kind) {
    case 'Notification': {
      const job = toldJobIn(message);
      if (job !== null) await options.hear(job);
      return;
    }
    case 'SubscriptionConfirmation':
      await options.confirm(topic, token);
      options.tell('confirmed', `subscribed to ${topic}`);
      return;
    case 'UnsubscribeConfirmation':
      options.tell('unsubscribed', `somebody has ended the subscription to ${topic}`);
  }
}
