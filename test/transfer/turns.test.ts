import { getEventListeners } from 'node:events';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/transfer/turns.js';

const never = new AbortController().signal;

describe('turns', () => {
  it('are given in the order asked for, with no more tools made than there are turns', async () => {
    let made = 0;
    const turns = new Turns(2, () => ({ number: ++made }));
    const order: string[] = [];
    const holder = async (name: string): Promise<void> => {
      using turn = await turns.take(never);
      order.push(name);
      expect(turn.tool.number).toBeLessThanOrEqual(2);
      await tick();
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(holder));
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(made).toBe(2);
  });

  it('given back twice still count once', async () => {
    const turns = new Turns(1, () => ({ name: 'tool' }));
    const first = await turns.take(never);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const second = await turns.take(never);
    let third: unknown = null;
    const waiting = (async () => {
      third = await turns.take(never);
    })();
    await tick();
    expect(third).toBeNull();
    second[Symbol.dispose]();
    await waiting;
  });

  it('are lent for a piece of work, and come back when that ends or fails, also at once', async () => {
    const turns = new Turns(1, () => ({ name: 'tool' }));
    const fail = (): never => {
      throw new Error('at once');
    };
    const ways = [async () => 'done', () => 'done now', async () => Promise.reject(new Error('later')), fail];
    const ends = await Promise.allSettled(ways.map((work) => turns.during<string>(never, work)));
    const told = ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message));
    expect(told).toEqual(['done', 'done now', 'later', 'at once']);
    expect(await turns.during(never, ({ name }) => name)).toBe('tool');
  });

  it('however many wait, a signal is listened to once', async () => {
    const turns = new Turns(1, () => ({ name: 'tool' }));
    const stop = new AbortController();
    const first = await turns.take(stop.signal);
    const waiting = Array.from({ length: 100 }, () => turns.during(stop.signal, () => undefined));
    const ends = Promise.allSettled(waiting);
    await tick();
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    stop.abort();
    expect((await ends).every(({ status }) => status === 'rejected')).toBe(true);
    first[Symbol.dispose]();
    expect((await turns.take(never)).tool).toBe(first.tool);
  });

  it('who is told to stop while waiting leaves the line, and the next gets the turn', async () => {
    const turns = new Turns(1, () => ({ name: 'tool' }));
    const first = await turns.take(never);
    const stop = new AbortController();
    const leaving = turns.take(stop.signal);
    const next = turns.take(never);
    stop.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'INTERRUPTED' });
    first[Symbol.dispose]();
    expect((await next).tool).toBe(first.tool);
  });
});
