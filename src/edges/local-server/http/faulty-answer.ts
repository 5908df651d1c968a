// Answers that go wrong on order: cut off, changed on the way, with a wrong hash, or slow.

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { lasting } from '../bodies/incoming.js';
import type { Fault } from '../control/fault-rule.js';
import type { Answer } from '../protocol/exchange.js';

const TREE_HASH = 'x-amz-sha256-tree-hash';
const PIECES_A_SECOND = 10;

/** The answer with another tree hash, if it has one. */
export function withWrongHash(answer: Answer): Answer {
  const hash = answer.headers?.[TREE_HASH];
  if (hash === undefined) return answer;
  const other = (hash.startsWith('0') ? '1' : '0') + hash.slice(1);
  return { ...answer, headers: { ...answer.headers, [TREE_HASH]: other } };
}

/**
 * Sends the body of an answer whose head is sent, and lets happen to it what the fault says.
 * @param size of the body
 * @param gone aborted when the client goes away
 */
export async function sendSpoilt(
  response: ServerResponse,
  write: NonNullable<Answer['write']>,
  { fault, size, gone }: { readonly fault: Fault; readonly size: number; readonly gone: AbortSignal },
): Promise<void> {
  const body = new PassThrough();
  const writing = write(body);
  // When the reading ends early, the writing breaks off, which is no news.
  writing.catch(() => undefined);
  let sent = 0;
  for await (const piece of spoilt(body, fault, size, gone)) {
    sent += piece.length;
    if (!response.write(piece)) await once(response, 'drain', { signal: gone }).catch(() => undefined);
    if (gone.aborted) return;
  }
  if (sent === size) response.end();
  else response.socket?.destroySoon();
}

function spoilt(body: AsyncIterable<Buffer>, fault: Fault, size: number, gone: AbortSignal): AsyncIterable<Buffer> {
  switch (fault.fault) {
    case 'truncate':
      return cut(body, Math.min(size, fault.afterBytes ?? Math.floor(size / 2)));
    case 'corrupt':
      return flipped(body);
    case 'slow':
      return slowed(body, fault.bytesPerSecond, gone);
    case 'error':
    case 'reset':
    case 'lost-answer':
    case 'stall':
    case 'wrong-hash':
      return body;
  }
}

async function* cut(body: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of body) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** The lowest bit of the first byte. */
async function* flipped(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of body) {
    const copy = Buffer.from(chunk);
    if (isFirst) copy[0] = (copy[0] ?? 0) ^ 1;
    isFirst = false;
    yield copy;
  }
}

async function* slowed(body: AsyncIterable<Buffer>, bytesPerSecond: number, gone: AbortSignal): AsyncGenerator<Buffer> {
  const size = Math.ceil(bytesPerSecond / PIECES_A_SECOND);
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += size) {
      const piece = chunk.subarray(at, at + size);
      await lasting(piece.length, bytesPerSecond, gone);
      yield piece;
    }
  }
}
