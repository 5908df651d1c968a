import { describe, expect, it } from 'vitest';
import { readAhead } from '../../src/transfer/read-ahead.js';

/**
 * What happened, in order; the source gives 1, 2, 3 … up to `count`, so many at once, then throws `error` if there is
 * one.
 */
function reading(count: number, max: number, error: Error | null = null, atOnce = 1) {
  const log: string[] = [];
  async function* source(stop: AbortSignal): AsyncGenerator<readonly number[]> {
    try {
      for (let i = 1; i <= count && !stop.aborted; i += atOnce) {
        const left = Math.min(atOnce, count - i + 1);
        yield await Promise.resolve(Array.from({ length: left }, (_, index) => i + index));
      }
      if (error !== null) throw error;
    } finally {
      log.push('closed');
    }
  }
  const items = readAhead(source, {
    max,
    pulled: (found) => log.push(`pulled ${found.join(' ')}`),
    full: (last) => log.push(`full ${last}`),
  });
  return { items, log };
}

/** Until nothing moves any more of its own accord. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('reading ahead', () => {
  it('gives every item once, in order', async () => {
    for (const max of [1, 2, 100]) {
      for (const atOnce of [1, 7, 60]) {
        const taken: number[] = [];
        for await (const item of reading(50, max, null, atOnce).items) taken.push(item);
        expect(taken).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      }
    }
    expect((await reading(0, 3).items.next()).done).toBe(true);
  });

  it('pulls ahead as many as may wait, and goes on as they are taken', async () => {
    const { items, log } = reading(50, 3);
    expect((await items.next()).value).toBe(1);
    await settled();
    expect(log).toEqual(['pulled 1', 'pulled 2', 'pulled 3', 'pulled 4', 'full 4']);
    await items.next();
    await settled();
    expect(log.slice(5)).toEqual(['pulled 5', 'full 5']);
    await items.return();
  });

  it('pulls no further batch while as many wait as may, and tells of a batch before it is taken', async () => {
    const { items, log } = reading(50, 3, null, 2);
    await settled();
    expect(log).toEqual(['pulled 1 2', 'pulled 3 4', 'full 4']);
    expect(items.takeNow()).toBe(1);
    await settled();
    expect(log).toHaveLength(3);
    expect(items.takeNow()).toBe(2);
    await settled();
    expect(log.slice(3)).toEqual(['pulled 5 6', 'full 6']);
    await items.return();
  });

  it('gives what is at hand without waiting, and what is not by waiting, in one order', async () => {
    const { items } = reading(9, 100, null, 3);
    expect(items.takeNow()).toBeUndefined();
    const taken: (number | undefined)[] = [(await items.next()).value as number, items.takeNow(), items.takeNow()];
    await settled();
    for (let item = items.takeNow(); item !== undefined; item = items.takeNow()) taken.push(item);
    expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it('gives what was found before an error, then throws it', async () => {
    const { items } = reading(3, 10, new Error('made to fail'));
    const taken: number[] = [];
    const all = (async () => {
      for await (const item of items) taken.push(item);
    })();
    await expect(all).rejects.toThrow('made to fail');
    expect(taken).toEqual([1, 2, 3]);
  });

  it('closes the source when nobody takes any more, also one that waits to give or fails at its end', async () => {
    for (const error of [null, new Error('made to fail')]) {
      const { items, log } = reading(50, 2, error);
      await items.next();
      await items.return();
      expect(log.at(-1)).toBe('closed');
    }
  });

  it('stops a source that is still looking', async () => {
    let stopped = false;
    const endless = async function* (stop: AbortSignal): AsyncGenerator<readonly number[]> {
      yield [1];
      await new Promise((resolve) => stop.addEventListener('abort', resolve));
      stopped = true;
    };
    const items = readAhead(endless, { max: 5, pulled: () => undefined, full: () => undefined });
    await items.next();
    await items.return();
    expect(stopped).toBe(true);
  });
});
