import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.js';
import { forEachConcurrently, forEachInLanes, type Halt } from '../../src/transfer/concurrently.js';
import { readAhead } from '../../src/transfer/read-ahead.js';
import { HELD_MAX } from '../../src/transfer/supply.js';

function halt(): Halt & { stopSoon(): void } {
  const soon = new AbortController();
  return { soon: soon.signal, now: new AbortController().signal, stopSoon: () => soon.abort() };
}

async function* counted(count: number, pulled: { count: number }): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    pulled.count++;
    yield i;
  }
}

describe('concurrently', () => {
  it('works on every item once, on no more at once than asked for, and pulls only for a free lane', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 8 }), async (count, width) => {
        const pulled = { count: 0 };
        const done: number[] = [];
        let working = 0;
        await forEachConcurrently(counted(count, pulled), width, halt(), async (item) => {
          working++;
          expect(working).toBeLessThanOrEqual(width);
          expect(pulled.count - done.length).toBeLessThanOrEqual(width + 1);
          for (let i = 0; i < (item * 7) % 5; i++) await tick();
          working--;
          done.push(item);
        });
        expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('after an error pulls no more, lets the other lanes end, and throws it', async () => {
    const pulled = { count: 0 };
    const ended: number[] = [];
    const run = forEachConcurrently(counted(100, pulled), 3, halt(), async (item) => {
      await tick();
      if (item === 1) throw new Error('item 1');
      await tick();
      await tick();
      ended.push(item);
    });
    await expect(run).rejects.toThrow('item 1');
    expect(ended).toEqual([0, 2]);
    expect(pulled.count).toBe(3);
  });

  it('told to stop begins nothing new, and says so unless all was done', async () => {
    const stopped = halt();
    const begun: number[] = [];
    const run = forEachConcurrently([1, 2, 3, 4, 5], 2, stopped, async (item) => {
      begun.push(item);
      if (item === 2) stopped.stopSoon();
      await tick();
    });
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(begun).toEqual([1, 2]);

    const late = halt();
    const all: number[] = [];
    await forEachConcurrently([1, 2], 2, late, async (item) => {
      if (item === 2) late.stopSoon();
      await tick();
      all.push(item);
    });
    expect(all).toEqual([1, 2]);
  });

  it('after an error tells the other lanes to begin nothing new either, and throws the error', async () => {
    const parts: string[] = [];
    const run = forEachConcurrently(['large', 'broken'], 2, halt(), async (item, inner) => {
      if (item === 'broken') throw new Error('broken');
      await forEachConcurrently([1, 2, 3, 4, 5], 1, inner, async (part) => {
        parts.push(`${item} ${part}`);
        await tick();
        await tick();
      });
    });
    await expect(run).rejects.toThrow('broken');
    expect(parts).toEqual(['large 1']);
  });

  it('of several errors throws the first, and none before an interruption', async () => {
    const run = forEachConcurrently([3, 1, 2], 3, halt(), async (turns) => {
      for (let i = 0; i < turns; i++) await tick();
      throw turns === 1 ? new Failure('INTERRUPTED', 'interrupted') : new Error(`after ${turns}`);
    });
    await expect(run).rejects.toThrow('after 2');
  });

  it('with many lanes of many lanes warns of no leak', async () => {
    const warnings: string[] = [];
    const heard = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', heard);
    const thirty = Array.from({ length: 30 }, (_, i) => i);
    await forEachConcurrently(thirty, 30, halt(), (_, inner) => forEachConcurrently(thirty, 2, inner, () => tick()));
    await tick();
    process.off('warning', heard);
    expect(warnings).toEqual([]);
  });

  it('throws what its source throws and closes a source that it leaves', async () => {
    let closed = false;
    async function* breaking(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
        throw new Error('the source broke');
      } finally {
        closed = true;
      }
    }
    await expect(forEachConcurrently(breaking(), 1, halt(), () => Promise.resolve())).rejects.toThrow(
      'the source broke',
    );
    expect(closed).toBe(true);
    closed = false;
    const failing = forEachConcurrently(breaking(), 1, halt(), () => Promise.reject(new Error('work')));
    await expect(failing).rejects.toThrow('work');
    expect(closed).toBe(true);
  });
});

/** A source that has some of its items at hand now and then, and must be waited for before the others. */
function comingAndGoing(items: readonly number[], most: number): AsyncIterable<number> {
  return readAhead(
    async function* () {
      for (let at = 0; at < items.length; at += (at % 7) + 1) {
        if (at % 3 === 0) await tick();
        yield items.slice(at, at + (at % 7) + 1);
      }
    },
    { max: most, pulled: () => undefined, full: () => undefined },
  );
}

describe('lanes of several kinds', () => {
  const byParity = (widths: readonly number[]) => ({ widths, laneOf: (item: number) => item % 2 });

  it('work on every item once wherever items are at hand, and one lane on its kind in order', async () => {
    const width = fc.integer({ min: 1, max: 5 });
    const items = fc.array(fc.nat(50), { maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(items, width, fc.integer({ min: 1, max: 30 }), async (items, even, most) => {
        const begun: number[] = [];
        await forEachInLanes(comingAndGoing(items, most), byParity([even, 1]), halt(), async (item) => {
          begun.push(item);
          for (let i = 0; i < (item * 7) % 4; i++) await (item % 3 === 0 ? tick() : Promise.resolve());
        });
        expect(begun.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
        const isOdd = (item: number): boolean => item % 2 === 1;
        expect(begun.filter(isOdd)).toEqual(items.filter(isOdd));
      }),
      { numRuns: 300 },
    );
  });

  it('begin nothing more of what is at hand when they are told to stop', async () => {
    const stopped = halt();
    const begun: number[] = [];
    const run = forEachInLanes(comingAndGoing([0, 2, 4, 6, 8, 10], 9), byParity([1, 1]), stopped, async (item) => {
      begun.push(item);
      if (item === 4) stopped.stopSoon();
      await tick();
    });
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(begun).toEqual([0, 2, 4]);
  });

  it('work on every item once, each kind on no more at once than its width', async () => {
    const width = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 60 }), width, width, async (items, even, odd) => {
        const [working, done] = [[0, 0], [] as number[]];
        await forEachInLanes(items, byParity([even, odd]), halt(), async (item) => {
          const kind = item % 2;
          working[kind] = (working[kind] ?? 0) + 1;
          expect(working[kind]).toBeLessThanOrEqual([even, odd][kind] ?? 0);
          for (let i = 0; i < (item * 7) % 5; i++) await tick();
          working[kind] = (working[kind] ?? 0) - 1;
          done.push(item);
        });
        expect(done.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  it('of which one is held up go on with the other kind, as far as what is held allows', async () => {
    const pulled = { count: 0 };
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const odd: number[] = [];
    let even = 0;
    const run = forEachInLanes(counted(4 * HELD_MAX, pulled), byParity([1, 1]), halt(), async (item) => {
      if (item % 2 === 1) return void odd.push(item);
      even++;
      await blocked;
    });
    while (odd.length < HELD_MAX) await tick();
    for (let i = 0; i < 100; i++) await tick();
    // One of the blocked kind is at work, and so many are held.
    expect(even).toBe(1);
    expect(pulled.count).toBe(2 * HELD_MAX + 1);
    release();
    await run;
    expect([even, odd.length]).toEqual([2 * HELD_MAX, 2 * HELD_MAX]);
  });

  it('leave what is held when they are told to stop, and say so', async () => {
    const stopped = halt();
    const begun: number[] = [];
    const run = forEachInLanes([0, 2, 4, 1], byParity([1, 1]), stopped, async (item) => {
      begun.push(item);
      if (item === 1) stopped.stopSoon();
      await tick();
      await tick();
    });
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(begun).toEqual([0, 1]);
  });

  it('leave what is held after an error, and throw it', async () => {
    const begun: number[] = [];
    const run = forEachInLanes([0, 2, 4, 1], byParity([1, 1]), halt(), async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('item 1');
      await tick();
      await tick();
    });
    await expect(run).rejects.toThrow('item 1');
    expect(begun).toEqual([0, 1]);
  });
});
