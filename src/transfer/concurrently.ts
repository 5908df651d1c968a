// Bounded concurrency over a stream, written once.

import { setMaxListeners } from 'node:events';
import { Failure } from '../model/failure.js';

/** Two degrees of being told to stop: begin nothing new, then drop what is in flight. */
export interface Halt {
  readonly soon: AbortSignal;
  readonly now: AbortSignal;
}

/**
 * Pulls items one at a time and works on at most `width` of them at once; an item is pulled only when a lane is free.
 * The first error stops the pulling, tells the other lanes by their halt to begin nothing new, waits for them, and is
 * thrown. `halt.soon` does the same, as INTERRUPTED, unless everything was done anyway.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  halt: Halt,
  work: (item: T, halt: Halt) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const costsNothing = !(Symbol.asyncIterator in items);
  const errors = new Errors();
  let ended = false;
  let cutShort = false;
  let pulling: Promise<unknown> = Promise.resolve();

  // One pull at a time: the next waits for the one before, so that sources need not expect overlapping calls.
  const pull = (): Promise<IteratorResult<T>> => {
    const next = pulling.then(async (): Promise<IteratorResult<T>> => {
      if (ended) return { done: true, value: undefined };
      if (!halt.soon.aborted) return source.next();
      // Told to stop just after the last item is not cut short; only a source at hand is asked whether it was the last.
      cutShort ||= !(costsNothing && (await source.next()).done);
      return { done: true, value: undefined };
    });
    pulling = next.catch(() => undefined);
    return next;
  };

  using stop = new Stop(halt.soon);
  const lane = async (): Promise<void> => {
    try {
      const inner = { soon: stop.signal, now: halt.now };
      for (let next = await pull(); next.done !== true; next = await pull()) await work(next.value, inner);
    } catch (thrown) {
      errors.add(thrown);
      stop.now();
    } finally {
      ended = true;
    }
  };

  await Promise.all(Array.from({ length: width }, lane));
  await source.return?.();
  errors.throwFirst();
  if (cutShort) throw new Failure('INTERRUPTED', 'interrupted');
}

/** What the lanes threw. An interruption is no news beside an error: it may be what came of it. */
class Errors {
  readonly #thrown: unknown[] = [];

  add(thrown: unknown): void {
    this.#thrown.push(thrown);
  }

  throwFirst(): void {
    if (this.#thrown.length === 0) return;
    const isNews = (thrown: unknown): boolean => !(thrown instanceof Failure && thrown.code === 'INTERRUPTED');
    throw this.#thrown.find(isNews) ?? this.#thrown[0];
  }
}

/** A signal that comes with another, or before it. Lets go of the other when disposed. */
class Stop implements Disposable {
  readonly #other: AbortSignal;
  readonly #own = new AbortController();

  constructor(other: AbortSignal) {
    this.#other = other;
    // All that the lanes do listens to it: that there are many is no sign of a leak, so nobody is to be warned.
    setMaxListeners(0, this.#own.signal);
    if (other.aborted) this.now();
    else other.addEventListener('abort', this.now, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  readonly now = (): void => this.#own.abort();

  [Symbol.dispose](): void {
    this.#other.removeEventListener('abort', this.now);
  }
}
