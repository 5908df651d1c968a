// Working ahead on a sequence, a bounded number of items at once, and giving what comes of them in order.

import { setMaxListeners } from 'node:events';
import { throwIfInterrupted } from '../model/failure.js';
import type { Halt } from './concurrently.js';

/**
 * What `work` gives for each item, in the order of the items. At most `width` results are being worked on or waiting to
 * be taken; a further item is begun when the one given last has been dealt with, so that its memory can serve again.
 * Whoever stops taking, or an error, ends the work that is under way, and waits for its end.
 * @throws Failure INTERRUPTED when told to stop, or the first error in the order of the items
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  width: number,
  halt: Halt,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R> {
  const given = new AbortController();
  const signal = AbortSignal.any([halt.now, given.signal]);
  // All that is under way listens to it, which is no sign of a leak.
  setMaxListeners(0, signal);
  const source = items[Symbol.iterator]();
  const begun: Promise<R>[] = [];
  const begin = (): void => {
    const next = source.next();
    if (next.done === true) return;
    const result = work(next.value, signal);
    result.catch(() => undefined); // looked at when its turn comes, or never
    begun.push(result);
  };
  try {
    throwIfInterrupted(halt.soon);
    for (let lane = 0; lane < width; lane++) begin();
    for (let first = begun[0]; first !== undefined; first = begun[0]) {
      yield await first;
      void begun.shift();
      throwIfInterrupted(halt.soon);
      begin();
    }
  } finally {
    given.abort();
    await Promise.allSettled(begun);
  }
}
