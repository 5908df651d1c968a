// How an answer goes out: whole, before the request's body is all in, or spoilt on order.

import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Fault } from '../control/fault-rule.js';
import type { Answer } from '../protocol/exchange.js';
import { ConnectionCut } from './answering.js';
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
  const isEarly = !request.complete;
  const headers: Record<string, string> = {
    ...(answer.write === undefined ? headersOf(answer, text) : answer.headers),
    ...(isEarly ? { Connection: 'close' } : {}),
  };
  response.writeHead(answer.status, headers);
  const size = Number(headers['Content-Length'] ?? 0);
  if (fault !== null && SPOILING.has(fault.fault) && size > 0) {
    const write = answer.write ?? (async (to) => void to.end(text));
    await sendSpoilt(response, write, { fault, size, gone: work.gone });
  } else if (isEarly) await sendBeforeBody(work, answer.write === undefined ? text : await written(answer.write));
  else if (answer.write === undefined) response.end(text);
  else await answer.write(response);
}

/** All that an answer writes: those that come early are short. */
async function written(write: NonNullable<Answer['write']>): Promise<Buffer> {
  const body = new PassThrough();
  const [chunks] = await Promise.all([body.toArray() as Promise<Buffer[]>, write(body)]);
  return Buffer.concat(chunks);
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
async function sendBeforeBody({ request, response }: RequestAtWork, content: string | Buffer): Promise<void> {
  response.write(content);
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
