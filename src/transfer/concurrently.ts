// Bounded concurrency over a stream, written once.

import { Failure } from '../model/failure.js';

/** Two degrees of being told to stop: begin nothing new, then drop what is in flight. */
export interface Halt {
  readonly soon: AbortSignal;
  readonly now: AbortSignal;
}

/**
 * Pulls items one at a time and works on at most `width` of them at once; an item is pulled only when a lane is free.
 * The first error stops the pulling, lets the other lanes end, and is thrown. `halt.soon` does
 * the same, as INTERRUPTED, unless everything was done anyway.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  halt: Halt,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const costsNothing = !(Symbol.asyncIterator in items);
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

  const lane = async (): Promise<void> => {
    try {
      for (let next = await pull(); next.done !== true; next = await pull()) await work(next.value);
    } finally {
      ended = true;
    }
  };

  const lanes = await Promise.allSettled(Array.from({ length: width }, lane));
  await source.return?.();
  const broken = lanes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  if (cutShort) throw new Failure('INTERRUPTED', 'interrupted');
}
