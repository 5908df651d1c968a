// How an answer goes out: whole, before the request's body is all in, or spoilt on order.

import { finished } from 'node:stream/promises';
import type { Fault } from '../control/fault-rule.js';
import { ConnectionCut } from './answering.js';
import type { Answer } from './exchange.js';
import { sendSpoilt, withWrongHash } from './faulty-answer.js';
import type { RequestAtWork } from './request-at-work.js';

const DRAINED_MAX = 1024 * 1024;
const LINGER_MS = 1000;
const SPOILING: ReadonlySet<Fault['fault']> = new Set(['truncate', 'corrupt', 'slow']);

/** @throws ConnectionCut */
export async function send(work: RequestAtWork, wanted: Answer): Promise<void> {
  const { request, response, fault } = work;
  if (response.headersSent || response.destroyed) return;
  if (fault?.fault === 'lost-answer') {
    work.reset();
    throw new ConnectionCut('the answer was lost on order');
  }
  const answer = fault?.fault === 'wrong-hash' ? withWrongHash(wanted) : wanted;
  const text = answer.json === undefined ? '' : JSON.stringify(answer.json);
  const headers = answer.write === undefined ? headersOf(answer, text) : { ...answer.headers };
  response.writeHead(answer.status, headers);
  const size = Number(headers['Content-Length'] ?? 0);
  if (fault !== null && SPOILING.has(fault.fault) && size > 0) {
    const write = answer.write ?? (async (to) => void to.end(text));
    await sendSpoilt(response, write, { fault, size, gone: work.gone });
  } else if (answer.write !== undefined) await answer.write(response);
  else if (request.complete) response.end(text);
  else await sendBeforeBody(work, text);
}

function headersOf(answer: Answer, text: string): Record<string, string> {
  const type = answer.json === undefined ? {} : { 'Content-Type': 'application/json' };
  const length = answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  return { ...answer.headers, ...type, ...length };
}

/**
 * Answers a request whose body is still coming: the answer first, then up to 1 MiB of the body is read and thrown
 * away, so that the client comes to read the answer instead of seeing the connection reset. Who goes on sending is
 * cut off a second later.
 */
async function sendBeforeBody({ request, response }: RequestAtWork, text: string): Promise<void> {
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
