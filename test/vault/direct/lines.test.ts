import { expect, it } from 'vitest';
import { UNPACED } from '../../../src/model/pace.js';
import { Dialer } from '../../../src/vault/direct/dial.js';
import type { Outgoing } from '../../../src/vault/direct/exchange.js';
import { IDLE_MS, Lines } from '../../../src/vault/direct/lines.js';
import { openScripted, type Peer } from './scripted-server.js';

const signal = new AbortController().signal;
const ASK: Outgoing = { head: 'GET / HTTP/1.1\r\nhost: h\r\n\r\n', body: null, streamed: false, repeatable: true };

async function answering(peer: Peer): Promise<void> {
  for (;;) {
    await peer.request();
    peer.say('HTTP/1.1 204 No Content\r\n\r\n');
  }
}

function linesTo(endpoint: string) {
  const clock = { nowMs: 1e6 };
  const dialer = new Dialer(new URL(endpoint), null, 10_000);
  const limits = { inactivityMs: 1000, up: UNPACED, elapsedMs: () => clock.nowMs };
  return { clock, lines: new Lines((given) => dialer.dial(given), limits) };
}

it('lines: a connection is used again as long as the server is sure to keep it, and not after', async () => {
  await using scripted = await openScripted(answering);
  const { clock, lines } = linesTo(scripted.endpoint);
  await using _ = lines;
  for (const [idleMs, connections] of [
    [0, 1],
    [IDLE_MS - 1, 1],
    [IDLE_MS, 2],
    [IDLE_MS - 1, 2],
  ] as const) {
    clock.nowMs += idleMs;
    await lines.perform(ASK, signal);
    expect(scripted.peers).toHaveLength(connections);
  }
  await scripted.peers[0]?.gone();
});

it('lines: what has been idle is closed also when nobody asks again', async () => {
  await using scripted = await openScripted(answering);
  const { clock, lines } = linesTo(scripted.endpoint);
  await using _ = lines;
  await Promise.all([lines.perform(ASK, signal), lines.perform(ASK, signal)]);
  clock.nowMs += IDLE_MS + 1;
  await Promise.all(scripted.peers.map((peer) => peer.gone()));
  expect(scripted.peers).toHaveLength(2);
});

it('lines: signals that come and go leave no listeners behind', async () => {
  await using scripted = await openScripted(answering);
  const { lines } = linesTo(scripted.endpoint);
  const listening = new Set<AbortSignal>();
  const watched = (): AbortSignal => {
    const given = new AbortController().signal;
    const listen = given.addEventListener.bind(given);
    const forget = given.removeEventListener.bind(given);
    given.addEventListener = (...args: Parameters<typeof listen>) => {
      listening.add(given);
      listen(...args);
    };
    given.removeEventListener = (...args: Parameters<typeof forget>) => {
      listening.delete(given);
      forget(...args);
    };
    return given;
  };
  for (let i = 0; i < 20; i++) await lines.perform(ASK, watched());
  // The connection still heeds the last.
  expect(listening.size).toBe(1);
  await lines[Symbol.asyncDispose]();
  expect(listening.size).toBe(0);
});
