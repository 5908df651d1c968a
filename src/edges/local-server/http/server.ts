// The HTTP server: takes requests, has them answered, and tells of each.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RequestLog } from '../control/request-log.js';
import { ApiError, requestTimedOut, serviceUnavailable } from '../protocol/errors.js';
import { answerTo, ConnectionCut, type Site } from './answering.js';
import { answerBrokenRequest } from './broken-request.js';
import { RequestAtWork } from './request-at-work.js';
import { send } from './sending.js';

const HEADERS_MAX = 64 * 1024;
/** Longer than clients keep a connection for its next request, so that they close it and not we, under a request. */
const KEEP_ALIVE_MS = 120_000;

/** What it serves, and how patient it is. Times are ms. */
export interface ServerSettings {
  readonly site: Site;
  /** How long a body may stand still. */
  readonly bodyIdleMs: number;
  /** How long the headers of a request may take, or the first of them to come. */
  readonly headersMs: number;
  /** How long a client may take nothing of a long answer. */
  readonly answerIdleMs: number;
  readonly log: RequestLog;
}

/** The HTTP server, not yet listening, and the requests that it is working on. */
export function createVaultServer(settings: ServerSettings): { server: Server; working: Set<Promise<void>> } {
  const working = new Set<Promise<void>>();
  const { headersMs } = settings;
  const patience = { requestTimeout: 0, headersTimeout: headersMs, connectionsCheckingInterval: headersMs / 2 };
  const server = createServer({ maxHeaderSize: HEADERS_MAX, ...patience }, (request, response) => {
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
  const work = new RequestAtWork(request, response);
  response.setHeader('x-amzn-RequestId', work.id);
  watchIdle(work, settings.bodyIdleMs);
  try {
    const answer = await answerTo(settings.site, work);
    if (answer.write !== undefined && request.complete)
      response.setTimeout(settings.answerIdleMs, () => response.destroy());
    await send(work, answer);
  } catch (cause) {
    await refuse(settings, work, cause).catch(() => response.destroy());
  }
  settings.log.add(work.seen());
}

async function refuse({ log }: ServerSettings, work: RequestAtWork, cause: unknown): Promise<void> {
  const { request, response } = work;
  if (cause instanceof ConnectionCut || response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(cause instanceof ApiError)) log.addDefect(cause);
  const error = cause instanceof ApiError ? cause : serviceUnavailable(`Internal failure: ${(cause as Error).message}`);
  work.error = error.code;
  const headers: Record<string, string> = request.complete ? {} : { Connection: 'close' };
  await send(work, { status: error.status, headers, json: error.body });
}

/** A body that stands still is refused while the answer can still be given; whoever reads it sees it break off. */
function watchIdle(work: RequestAtWork, idleMs: number): void {
  const { request, response } = work;
  request.setTimeout(idleMs, () => {
    const error = requestTimedOut();
    const text = JSON.stringify(error.body);
    if (response.headersSent) response.destroy();
    else {
      work.error = error.code;
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
