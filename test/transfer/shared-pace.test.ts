import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paceMemory, SharedPace } from '../../src/transfer/shared-pace.js';
import { VirtualTime } from '../vault/virtual-time.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const never = new AbortController().signal;

interface Sent {
  readonly lane: number;
  readonly atMs: number;
  readonly bytes: number;
}

/** Lanes that always want to send, each with a pace of its own over the same memory, as threads have them. */
async function sending(rate: number, lanes: number, untilMs: number, delayMs = 0): Promise<Sent[]> {
  const time = new VirtualTime(lanes);
  const clock = { nowNs: () => BigInt(Math.round(time.nowMs * 1e6)), sleep: (ms: number) => time.sleep(ms + delayMs) };
  const memory = paceMemory();
  new SharedPace(memory, clock).set(rate);
  const sent: Sent[] = [];
  const send = async (lane: number): Promise<void> => {
    const pace = new SharedPace(memory, clock);
    while (time.nowMs < untilMs) {
      const { slice: bytes } = pace;
      const paced = pace.take(bytes, never);
      if (paced !== undefined) await paced;
      sent.push({ lane, atMs: time.nowMs, bytes });
      // Sending takes some time too, or what need not wait would never let time go on.
      await time.sleep(0.01);
    }
  };
  await time.run(Array.from({ length: lanes }, (_, lane) => send(lane)));
  return sent;
}

function total(sent: readonly Sent[]): number {
  return sent.reduce((sum, { bytes }) => sum + bytes, 0);
}

const rates = fc.integer({ min: KIB, max: 64 * MIB });
const lanes = fc.integer({ min: 1, max: 9 });

describe('pace', () => {
  it('in every second as much goes as may, but for a few percent and a slice', async () => {
    const property = fc.asyncProperty(
      rates,
      lanes,
      fc.double({ min: 0, max: 6, noNaN: true }),
      async (rate, width, late) => {
        const sent = await sending(rate, width, 6000, late);
        const { slice } = new SharedPace(memoryWith(rate));
        for (let from = 500; from < 4500; from += 97) {
          const bytes = total(sent.filter(({ atMs }) => atMs >= from && atMs < from + 1000));
          expect(bytes).toBeLessThanOrEqual(rate * 1.041 + slice);
          expect(bytes).toBeGreaterThanOrEqual(rate * 0.959 - slice);
        }
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it('whoever always asks gets as much as the others', async () => {
    const property = fc.asyncProperty(rates, fc.integer({ min: 2, max: 9 }), async (rate, width) => {
      const sent = await sending(rate, width, 10_000);
      const shares = Array.from({ length: width }, (_, lane) => total(sent.filter((one) => one.lane === lane)));
      const slice = sent[0]?.bytes ?? 0;
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(slice);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('slices follow the rate, within bounds', () => {
    const sliceAt = (rate: number): number => new SharedPace(memoryWith(rate)).slice;
    expect(sliceAt(256 * KIB)).toBe(5243);
    expect(sliceAt(KIB)).toBe(KIB);
    expect(sliceAt(500 * MIB)).toBe(256 * KIB);
    expect(sliceAt(0)).toBe(256 * KIB);
  });

  it('without a rate nobody waits', () => {
    const pace = new SharedPace(paceMemory(), { nowNs: fails, sleep: fails });
    expect(pace.take(1000 * MIB, never)).toBeUndefined();
  });

  it('what was not used is lost, but for a little', async () => {
    const clock = { ns: 0n, nowNs: () => clock.ns, sleep: fails };
    const pace = new SharedPace(paceMemory(), clock);
    pace.set(100 * KIB);
    clock.ns = 3_600_000_000_000n;
    expect(pace.take(4 * KIB, never)).toBeUndefined();
    expect(pace.take(KIB, never)).toBeUndefined();
    await expect(pace.take(KIB, never)).rejects.toThrow('nobody needs the time');
  });

  it('a signal ends the waiting', async () => {
    const pace = new SharedPace(memoryWith(KIB));
    const stop = new AbortController();
    await pace.take(100 * KIB, stop.signal);
    const waiting = pace.take(1, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(pace.take(1, stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('a new rate holds at once, also for who waits, and in every thread', async () => {
    for (const next of [0, 500 * MIB, 2 * KIB]) {
      const time = new VirtualTime(1);
      const clock = { nowNs: () => BigInt(Math.round(time.nowMs * 1e6)), sleep: (ms: number) => time.sleep(ms) };
      const memory = memoryWith(0);
      const [here, there] = [new SharedPace(memory, clock), new SharedPace(memory, clock)];
      here.set(KIB);
      await there.take(3600 * KIB, never);
      const waiting = there.take(1, never);
      here.set(next);
      await waiting;
      expect(time.nowMs).toBeLessThanOrEqual(200);
      const paced = there.take(KIB, never);
      expect(time.nowMs).toBeLessThanOrEqual(200);
      await paced;
      expect(time.nowMs).toBeLessThanOrEqual(200);
    }
  });
});

function memoryWith(rate: number): SharedArrayBuffer {
  const memory = paceMemory();
  new SharedPace(memory).set(rate);
  return memory;
}

function fails(): never {
  throw new Error('nobody needs the time');
}
