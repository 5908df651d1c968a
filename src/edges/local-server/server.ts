// The life of a request: who sends it, what it asks, the answer, and what becomes of a body nobody read.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { checkPayloadHash, receiveSmall } from './body.js';
import { answerBrokenRequest } from './broken-request.js';
import type { WireRequest } from './canonical-request.js';
import { ApiError, invalidParameter, missingParameter, requestTimedOut, serviceUnavailable } from './errors.js';
import { type Answer, type Call, headerOf, requiredHeader, type Service } from './exchange.js';
import { newRequestId } from './ids.js';
import { type Route, routeOf } from './router.js';
import { type Claim, type Keyring, readClaim, verifySignature } from './signature.js';

const API_VERSION = '2012-06-01';
const HEADERS_MAX = 64 * 1024;
const DRAINED_MAX = 1024 * 1024;
const LINGER_MS = 1000;
/** Longer than clients keep a connection for its next request, so that they close it and not we, under a request. */
const KEEP_ALIVE_MS = 120_000;

export interface ServerSettings {
  readonly service: Service;
  readonly keys: Keyring;
  /** How long a body may stand still. */
  readonly bodyIdleMs: number;
  readonly log: (line: string) => void;
}

/** The HTTP server, not yet listening, and the requests that it is working on. */
export function createVaultServer(settings: ServerSettings): { server: Server; working: Set<Promise<void>> } {
  const working = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: HEADERS_MAX, requestTimeout: 0 }, (request, response) => {
    const work = serve(settings, request, response);
    working.add(work);
    void work.finally(() => working.delete(work));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('clientError', answerBrokenRequest);
  return { server, working };
}

/** Never rejects: what goes wrong after the answer began can only break the connection. */
async function serve(settings: ServerSettings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  response.setHeader('x-amzn-RequestId', newRequestId());
  watchIdle(request, response, settings.bodyIdleMs);
  try {
    const answer = await answerTo(settings, request);
    await send(request, response, answer);
  } catch (cause) {
    await refuse(settings, request, response, cause).catch(() => response.destroy());
  }
  const took = Math.round(performance.now() - started);
  settings.log(`${request.method} ${request.url} ${response.statusCode} ${took} ms`);
}

async function answerTo({ service, keys }: ServerSettings, request: IncomingMessage): Promise<Answer> {
  const wire = { method: request.method ?? '', url: request.url ?? '', headers: request.headersDistinct };
  const claim = readClaim(wire, keys, Date.now());
  const route = routeOf(wire.method, wire.url, service.folder.account.accountId);
  const query = new URLSearchParams(wire.url.split('?').slice(1).join('?'));
  const call: Call = { names: route.names, query, request, body: Buffer.alloc(0) };
  const body = route.takesArchive
    ? verifiedByHeader(wire, claim, keys, call)
    : await verifiedByBody(wire, claim, keys, call);
  checkVersion(call);
  return perform(service, route, { ...call, body });
}

/** An archive's hash is announced in a header and signed, so a stranger's body is not even read. */
function verifiedByHeader(wire: WireRequest, claim: Claim, keys: Keyring, call: Call): Buffer {
  verifySignature(wire, claim, requiredHeader(call, 'x-amz-content-sha256'), keys);
  return call.body;
}

async function verifiedByBody(wire: WireRequest, claim: Claim, keys: Keyring, call: Call): Promise<Buffer> {
  const body = await receiveSmall(call.request);
  const computed = createHash('sha256').update(body).digest('hex');
  const announced = headerOf(call, 'x-amz-content-sha256') ?? computed;
  verifySignature(wire, claim, announced, keys);
  checkPayloadHash(announced, computed);
  return body;
}

function checkVersion(call: Call): void {
  const version = headerOf(call, 'x-amz-glacier-version');
  if (version === undefined) throw missingParameter('API version');
  if (version !== API_VERSION) throw invalidParameter(`Invalid API version: ${version}`);
}

/** Nothing is answered before all that the answer rests on is on stable storage. */
async function perform(service: Service, route: Route, call: Call): Promise<Answer> {
  const vault = service.folder.vaults.get(call.names.vault);
  const answer = await route.run(service, call);
  await vault?.settled();
  return answer;
}

async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  if (answer.write !== undefined) {
    response.writeHead(answer.status, answer.headers);
    await answer.write(response);
    return;
  }
  const text = answer.json === undefined ? '' : JSON.stringify(answer.json);
  const type = answer.json === undefined ? {} : { 'Content-Type': 'application/json' };
  const length = answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  response.writeHead(answer.status, { ...answer.headers, ...type, ...length });
  if (request.complete) response.end(text);
  else await sendBeforeBody(request, response, text);
}

/**
 * Answers a request whose body is still coming: the answer first, then up to 1 MiB of the body is read and thrown
 * away, so that the client comes to read the answer instead of seeing the connection reset. Who goes on sending is
 * cut off a second later.
 */
async function sendBeforeBody(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  response.write(text);
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained <= DRAINED_MAX || request.isPaused()) return;
    request.pause();
    request.setTimeout(LINGER_MS);
  });
  request.resume();
  await finished(request, { writable: false }).catch(() => undefined);
  response.end();
}

async function refuse(
  settings: ServerSettings,
  request: IncomingMessage,
  response: ServerResponse,
  cause: unknown,
): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(cause instanceof ApiError)) settings.log(`defect: ${(cause as Error).stack ?? String(cause)}`);
  const error = cause instanceof ApiError ? cause : serviceUnavailable(`Internal failure: ${(cause as Error).message}`);
  const headers: Record<string, string> = request.complete ? {} : { Connection: 'close' };
  await send(request, response, { status: error.status, headers, json: error.body });
}

/** A body that stands still is refused while the answer can still be given; whoever reads it sees it break off. */
function watchIdle(request: IncomingMessage, response: ServerResponse, idleMs: number): void {
  request.setTimeout(idleMs, () => {
    const text = JSON.stringify(requestTimedOut().body);
    if (response.headersSent) response.destroy();
    else {
      response.writeHead(408, {
        Connection: 'close',
        'Content-Type': 'application/json',
        'Content-Length': text.length,
      });
      response.end(text, () => request.destroy());
    }
  });
  request.once('end', () => {
    if (!response.writableEnded) request.setTimeout(0);
  });
}
