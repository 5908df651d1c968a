import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { UNPACED } from '../../../src/model/pace.js';
import type { Wire } from '../../../src/vault/direct/dial.js';
import { Exchange, type Outgoing } from '../../../src/vault/direct/exchange.js';
import { Interruptions } from '../../../src/vault/direct/interruptions.js';
import { Line } from '../../../src/vault/direct/line.js';
import { bytesOf, collected, MIB } from '../bytes.js';

const MINUTE = 60_000;
const ASK: Outgoing = { head: 'GET / HTTP/1.1\r\n\r\n', body: null, streamed: true, repeatable: true };
const text = (words: string): Buffer => Buffer.from(words, 'latin1');

/** A request that was sent, on a connection that the test plays. */
function begun() {
  const socket = new PassThrough();
  const clock = { nowMs: 1e6 };
  const freed: boolean[] = [];
  const limits = { inactivityMs: 2 * MINUTE, up: UNPACED, elapsedMs: () => clock.nowMs };
  const exchange = new Exchange(socket, ASK, limits, (lasts) => freed.push(lasts));
  return { socket, clock, freed, exchange };
}

it('exchange: what nobody takes is not fetched, and comes when it is taken', async () => {
  const { socket, exchange, freed } = begun();
  socket.resume();
  exchange.take(text(`HTTP/1.1 200 OK\r\ncontent-length: ${MIB}\r\n\r\n`));
  const { body } = await exchange.answer;
  const bytes = Buffer.from(bytesOf(MIB));
  let at = 0;
  for (; !socket.isPaused(); at += 65_536) exchange.take(bytes.subarray(at, at + 65_536));
  expect(at).toBeLessThanOrEqual(MIB / 2);
  const reading = collected(body!);
  await new Promise((resolve) => setImmediate(resolve));
  expect(socket.isPaused()).toBe(false);
  exchange.take(bytes.subarray(at));
  expect((await reading).equals(bytes)).toBe(true);
  expect(freed).toEqual([true]);
});

it('exchange: a connection that breaks tells whether an answer had begun', async () => {
  for (const begins of [false, true]) {
    const { exchange, freed } = begun();
    if (begins) exchange.take(text('H'));
    exchange.broke(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    await expect(exchange.answer).rejects.toMatchObject({ code: 'ECONNRESET', beforeAnswer: !begins });
    expect(freed).toEqual([false]);
  }
});

it('exchange: a range may take as long as its bytes allow, and one of unknown length as long as it moves', async () => {
  for (const [length, minutes] of [
    [`content-length: ${8 * MIB}`, 15 + 35],
    ['transfer-encoding: chunked', 10_000],
  ] as const) {
    const { exchange, clock } = begun();
    exchange.take(text(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n`));
    const { body } = await exchange.answer;
    for (let minute = 0; minute < minutes - 1; minute++) {
      clock.nowMs += MINUTE;
      exchange.take(text(length.startsWith('t') ? '1\r\na\r\n' : 'a'));
      exchange.check(clock.nowMs);
      expect(body?.errored).toBeNull();
    }
    clock.nowMs += 2 * MINUTE + 1;
    exchange.check(clock.nowMs);
    expect(body?.errored).toMatchObject({ code: 'ETIMEDOUT' });
  }
});

it('line: what comes unasked ends it, at once', () => {
  const socket = new PassThrough();
  const wire: Wire = { socket, receive() {} };
  const limits = { inactivityMs: MINUTE, up: UNPACED, elapsedMs: () => 0 };
  let lost = 0;
  const line = new Line(wire, limits, { interruptions: new Interruptions(), freed() {}, lost: () => lost++ });
  expect(line.isFree).toBe(true);
  wire.receive(text('HTTP/1.1 408 Request Timeout\r\n\r\n'));
  expect(line.isFree).toBe(false);
  expect(socket.destroyed).toBe(true);
  expect(lost).toBe(1);
});
