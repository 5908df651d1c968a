import { describe, expect, it } from 'vitest';
import { Conditions } from '../../src/edges/local-server/control/conditions.js';
import { systemClock } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { AnswerError } from '../../src/vault/direct/answer-error.js';
import { openGlacier } from '../../src/vault/glacier-service.js';
import { ordinaryPatience, type Patience, patiently } from '../../src/vault/patience.js';
import { RequestRate } from '../../src/vault/request-rate.js';
import { bytesOf, hashed } from './bytes.js';
import { glacierError, NAME, openRaw } from './raw-server.js';
import { VirtualTime } from './virtual-time.js';

const signal = new AbortController().signal;
const THROTTLED = new Failure('THROTTLED', 'rate exceeded');

/** A rate whose time the test moves; who sleeps moves it too. */
function rated() {
  const time = { nowMs: 1e6, slept: [] as number[] };
  const sleep = async (ms: number): Promise<void> => {
    time.slept.push(ms);
    time.nowMs += ms;
  };
  return { time, rate: new RequestRate({ elapsedMs: () => time.nowMs, sleep }) };
}

describe('request rate', () => {
  it('request rate: nothing waits before the service asks for less', () => {
    const { rate } = rated();
    for (let i = 0; i < 1000; i++) {
      expect(rate.take(signal)).toBeUndefined();
      rate.served();
    }
    expect(rate.perSecond).toBe(Number.POSITIVE_INFINITY);
  });

  it('request rate: a refusal leaves a part of what was served in the last second, and requests keep their distance', async () => {
    const { rate, time } = rated();
    for (let i = 0; i < 100; i++) rate.served();
    rate.failed(THROTTLED);
    expect(rate.perSecond).toBeCloseTo(70);
    for (let i = 0; i < 3; i++) await rate.take(signal);
    expect(time.slept).toEqual([15, 14, 14]);
  });

  it('request rate: what was under way when the rate was cut does not cut it again', () => {
    const { rate, time } = rated();
    for (let i = 0; i < 50; i++) rate.failed(THROTTLED);
    expect(rate.perSecond).toBe(5);
    time.nowMs += 1000;
    for (let i = 0; i < 50; i++) rate.failed(THROTTLED);
    expect(rate.perSecond).toBe(2.5);
  });

  it('request rate: it grows again only while it holds requests back, and never falls to nothing', async () => {
    const { rate, time } = rated();
    for (let i = 0; i < 50; i++, time.nowMs += 1000) rate.failed(THROTTLED);
    expect(rate.perSecond).toBe(1);
    for (let i = 0; i < 10; i++, time.nowMs += 10_000) await rate.take(signal);
    expect(rate.perSecond).toBe(1);
    const fromMs = time.nowMs;
    while (time.nowMs < fromMs + 10_000) await rate.take(signal);
    expect(rate.perSecond).toBeGreaterThan(5);
    expect(rate.perSecond).toBeLessThan(8);
  });

  it('request rate: a 503 asks for less as well, other failures do not', () => {
    const answered = (status: number): Failure => {
      const cause = new AnswerError(status, new Map(), '{"code":"ServiceUnavailableException","message":"busy"}');
      return new Failure('VAULT_UNAVAILABLE', 'busy', { cause });
    };
    for (const [failure, asks] of [
      [answered(503), true],
      [answered(500), false],
      [new Failure('CONNECTION_BROKEN', 'broke'), false],
      [new Failure('ACCESS_DENIED', 'no'), false],
    ] as const) {
      const { rate } = rated();
      rate.failed(failure);
      expect(Number.isFinite(rate.perSecond)).toBe(asks);
    }
  });

  it.each(['upload', 'describe'])(
    'request rate: it is told of every answer, and asked before every request: %s',
    async (deed) => {
      const { rate, time } = rated();
      let throttles = false;
      await using raw = await openRaw((request, response) => {
        request.resume().on('end', () => {
          if (throttles) glacierError(response, 400, 'ThrottlingException', 'Rate exceeded');
          else response.writeHead(200, { 'x-amz-archive-id': 'a' }).end(`{"VaultName":"${NAME}"}`);
        });
      });
      const settings = {
        endpoint: raw.endpoint,
        region: 'r',
        key: 'k',
        secret: 's',
        timeoutMs: 60_000,
        concurrency: 2,
      };
      await using service = await openGlacier(settings, { clock: systemClock, rate, environment: {} });
      const perform = (): Promise<unknown> =>
        deed === 'upload'
          ? service.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', signal)
          : service.vaults.describe(NAME, signal);
      for (let i = 0; i < 20; i++) await perform();
      expect(time.slept).toEqual([]);
      throttles = true;
      await expect(perform()).rejects.toMatchObject({ code: 'THROTTLED' });
      expect(rate.perSecond).toBeCloseTo(14);
      throttles = false;
      await perform();
      expect(time.slept).toEqual([72]);
    },
  );

  it('request rate: 64 lanes at a service of 50 requests a second find its pace', async () => {
    const { stored, refused } = await atService({ lanes: 64, perSecond: 50, seconds: 60 });
    // What one second allows may come at once, at the beginning.
    const possible = 50 + 50 * 60;
    expect(stored).toBeGreaterThan(0.9 * possible);
    expect(refused).toBeLessThan(64 + 0.01 * possible);
  });

  it('request rate: it finds the pace of services that are much slower, or faster', async () => {
    for (const [perSecond, seconds] of [
      [10, 60],
      [2000, 10],
    ] as const) {
      const { stored, refused } = await atService({ lanes: 64, perSecond, seconds });
      const possible = perSecond + perSecond * seconds;
      expect(stored / possible).toBeGreaterThan(0.8);
      expect(refused).toBeLessThan(2 * 64 + 0.02 * possible);
    }
  });
});

/** Lanes that store small archives as fast as they can, at a service under the local vault's conditions. */
async function atService({ lanes, perSecond, seconds }: { lanes: number; perSecond: number; seconds: number }) {
  const time = new VirtualTime(lanes);
  const patience: Patience = {
    ...ordinaryPatience(() => {}),
    elapsedMs: () => time.nowMs,
    sleep: (ms) => time.sleep(ms),
  };
  const conditions = new Conditions();
  conditions.change({ requestsPerSecond: perSecond });
  const rate = new RequestRate(patience);
  const counts = { stored: 0, refused: 0 };
  const request = async (): Promise<void> => {
    await rate.take(signal);
    await time.sleep(5);
    try {
      conditions.admit('123456789012', 'glacier', time.nowMs);
    } catch {
      counts.refused++;
      rate.failed(THROTTLED);
      throw THROTTLED;
    }
    counts.stored++;
    rate.served();
    await time.sleep(15);
  };
  const lane = async (): Promise<void> => {
    while (time.nowMs < seconds * 1000) await patiently('store', patience, signal, request);
  };
  await time.run(Array.from({ length: lanes }, lane));
  return counts;
}
