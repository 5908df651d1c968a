// Items found before they are asked for, a bounded number.

import { Queue } from './queue.js';

interface Watch<T> {
  /** How many may wait to be taken; at least one. */
  readonly max: number;
  /** An item has been found. */
  readonly pulled: (item: T) => void;
  /** With this item there are as many as may wait. */
  readonly full: (item: T) => void;
}

/**
 * The items, in their order, pulled from their source as soon as there is room. What the source throws comes after the
 * items before it. Whoever stops taking ends the pulling, and waits for its end.
 * @param itemsOf gives the source, which ends when the signal comes, with or without an error
 */
export async function* readAhead<T>(
  itemsOf: (stop: AbortSignal) => AsyncIterable<T>,
  { max, pulled, full }: Watch<T>,
): AsyncGenerator<T, void> {
  const stop = new AbortController();
  const held = new Queue<T>();
  const source = { isOver: false };
  let wake = (): void => undefined;
  // One side waits for there to be items, the other for room: never both.
  const change = (): Promise<void> => new Promise((resolve) => void (wake = resolve));
  const pull = async (): Promise<void> => {
    for await (const item of itemsOf(stop.signal)) {
      held.add(item);
      pulled(item);
      if (held.length === max) full(item);
      wake();
      while (held.length >= max && !stop.signal.aborted) await change();
      if (stop.signal.aborted) return;
    }
  };
  const pulling = pull().finally(() => {
    source.isOver = true;
    wake();
  });
  pulling.catch(() => undefined); // thrown below, when its turn comes, or not at all
  try {
    for (;;) {
      while (held.length === 0 && !source.isOver) await change();
      if (held.length === 0) break;
      const item = held.take();
      wake();
      yield item;
    }
    await pulling;
  } finally {
    stop.abort();
    wake();
    await pulling.catch(() => undefined);
  }
}
