// Items found before they are asked for, a bounded number.

import type { AtHand } from './at-hand.js';
import { Queue } from './queue.js';

interface Watch<T> {
  /** When so many wait to be taken no further batch is pulled; at least one. */
  readonly max: number;
  /** These have been found; told before any of them is taken. */
  readonly pulled: (items: readonly T[]) => void;
  /** With this item, which was found last, there are as many as may wait; told again when it comes to that again. */
  readonly full: (last: T) => void;
}

/**
 * The items of all batches, in their order, pulled from their source as soon as there is room. What the source throws
 * comes after the items before it. Whoever stops taking ends the pulling, and waits for its end.
 * @param batchesOf gives the source, which ends when the signal comes, with or without an error; no batch is empty
 */
export function readAhead<T>(
  batchesOf: (stop: AbortSignal) => AsyncIterable<readonly T[]>,
  watch: Watch<T>,
): AtHand<T> {
  return new ReadAhead(batchesOf, watch);
}

class ReadAhead<T> implements AtHand<T> {
  readonly #watch: Watch<T>;
  readonly #stop = new AbortController();
  readonly #held = new Queue<T>();
  readonly #pulling: Promise<void>;
  #isOver = false;
  /** One side waits for there to be items, the other for room: never both. */
  #wake: () => void = () => undefined;

  constructor(batchesOf: (stop: AbortSignal) => AsyncIterable<readonly T[]>, watch: Watch<T>) {
    this.#watch = watch;
    this.#pulling = this.#pull(batchesOf(this.#stop.signal)).finally(() => {
      this.#isOver = true;
      this.#wake();
    });
    this.#pulling.catch(() => undefined); // thrown when its turn comes, or not at all
  }

  takeNow(): T | undefined {
    if (this.#held.length === 0) return undefined;
    const item = this.#held.take();
    if (this.#held.length < this.#watch.max) this.#wake();
    return item;
  }

  async next(): Promise<IteratorResult<T, void>> {
    while (this.#held.length === 0 && !this.#isOver) await this.#change();
    const value = this.takeNow();
    if (value !== undefined) return { done: false, value };
    await this.#pulling;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#stop.abort();
    this.#wake();
    await this.#pulling.catch(() => undefined);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(batches: AsyncIterable<readonly T[]>): Promise<void> {
    const { max, pulled, full } = this.#watch;
    for await (const batch of batches) {
      for (const item of batch) this.#held.add(item);
      pulled(batch);
      this.#wake();
      while (this.#held.length >= max && !this.#stop.signal.aborted) {
        full(batch.at(-1) as T);
        await this.#change();
      }
      if (this.#stop.signal.aborted) return;
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
