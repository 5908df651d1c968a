// Listings that go on where they broke: nothing is given twice, nothing is lost.

import type { Archive } from '../model/archive.js';
import { throwIfInterrupted } from '../model/failure.js';
import { Attempts, type Patience } from './patience.js';
import type { Vault } from './port.js';
import type { Retrieval } from './retrieving-port.js';

/** A listing in ascending order of its keys; when it breaks it is begun anew and what was given is passed over. */
export async function* resumedListing<T>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  keyOf: (item: T) => number | string,
  list: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  const attempts = new Attempts(request, patience);
  let last: number | string | undefined;
  for (;;) {
    throwIfInterrupted(signal);
    try {
      for await (const item of list()) {
        const key = keyOf(item);
        if (last !== undefined && key <= last) continue;
        last = key;
        attempts.progressed();
        yield item;
      }
      return;
    } catch (thrown) {
      await attempts.after(thrown, signal);
    }
  }
}

/** A listing in no order; when it breaks it is begun anew, and what was given is passed over. Memory: all keys. */
export async function* completedListing<T>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  keyOf: (item: T) => string,
  list: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  const attempts = new Attempts(request, patience);
  const given = new Set<string>();
  for (;;) {
    throwIfInterrupted(signal);
    try {
      for await (const item of list()) {
        const key = keyOf(item);
        if (given.has(key)) continue;
        given.add(key);
        attempts.progressed();
        yield item;
      }
      return;
    } catch (thrown) {
      await attempts.after(thrown, signal);
    }
  }
}

/** Archives that were asked about when an attempt broke are asked about again, before any others and in order. */
export async function* resumedRetrievals<A extends Pick<Archive, 'id'>>(
  vault: Vault,
  patience: Patience,
  wanted: AsyncIterable<A> | Iterable<A>,
  signal: AbortSignal,
): AsyncGenerator<{ archive: A; retrieval: Retrieval }> {
  const attempts = new Attempts('list retrievals', patience);
  await using asked = new Asked(wanted);
  for (;;) {
    throwIfInterrupted(signal);
    try {
      for await (const found of vault.retrievals(asked.again(), signal)) {
        asked.answered();
        attempts.progressed();
        yield found;
      }
      return;
    } catch (thrown) {
      if (asked.broke !== null) throw thrown;
      await attempts.after(thrown, signal);
    }
  }
}

/** A source that can be gone through again from the first item that has not been answered. */
class Asked<T> implements AsyncDisposable {
  readonly #source: AsyncIterator<T> | Iterator<T>;
  readonly #unanswered: T[] = [];
  /** What the source itself threw: that is nobody's to try again. */
  broke: { readonly thrown: unknown } | null = null;

  constructor(items: AsyncIterable<T> | Iterable<T>) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  }

  async *again(): AsyncGenerator<T> {
    const before = this.#unanswered.slice();
    yield* before;
    for (let next = await this.#pull(); next.done !== true; next = await this.#pull()) {
      this.#unanswered.push(next.value);
      yield next.value;
    }
  }

  answered(): void {
    this.#unanswered.shift();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }

  async #pull(): Promise<IteratorResult<T>> {
    try {
      return await this.#source.next();
    } catch (thrown) {
      this.broke = { thrown };
      throw thrown;
    }
  }
}
