import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Halt } from '../../src/transfer/concurrently.js';
import { inOrder } from '../../src/transfer/in-order.js';
import { allOf } from '../all-of.js';

function freeHalt(): Halt {
  const never = new AbortController().signal;
  return { soon: never, now: never };
}

async function hops(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

describe('in order', () => {
  it('in order: results come in the order of the items, however long each takes, and never more than so many at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30)), fc.integer({ min: 1, max: 5 }), async (durations, width) => {
        let held = 0;
        let most = 0;
        const given: number[] = [];
        const results = inOrder(durations.keys(), width, freeHalt(), async (index) => {
          most = Math.max(most, ++held);
          await hops(durations[index] ?? 0);
          return index;
        });
        for await (const index of results) {
          given.push(index);
          await hops(3);
          held--;
        }
        expect(given).toEqual([...durations.keys()]);
        expect(most).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('in order: an error comes in its turn, and only when all that was under way has ended', async () => {
    const ended: number[] = [];
    const told: boolean[] = [];
    const results = inOrder([0, 1, 2, 3, 4], 3, freeHalt(), async (index, signal) => {
      await hops(index * 10);
      ended.push(index);
      if (index === 1) throw new Error('broken');
      if (index > 1) told.push(signal.aborted);
      return index;
    });
    const given: number[] = [];
    const reading = (async () => {
      for await (const index of results) given.push(index);
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(given).toEqual([0]);
    expect(new Set(ended)).toEqual(new Set([0, 1, 2, 3]));
    expect(told).toEqual([true, true]);
  });

  it('in order: whoever stops taking ends what is under way', async () => {
    const signals: AbortSignal[] = [];
    for await (const _ of inOrder([0, 1, 2, 3], 2, freeHalt(), async (index, signal) => {
      signals.push(signal);
      return index;
    })) {
      break;
    }
    expect(signals.length).toBe(2);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('in order: told to stop, nothing further is begun', async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    const results = inOrder(
      [0, 1, 2, 3],
      2,
      { soon: stop.signal, now: new AbortController().signal },
      async (index) => {
        begun.push(index);
        return index;
      },
    );
    expect((await results.next()).value).toBe(0);
    stop.abort();
    await expect(allOf(results)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(begun).toEqual([0, 1]);
  });
});
