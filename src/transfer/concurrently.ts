// Bounded concurrency over a stream, written once.

import { setMaxListeners } from 'node:events';
import { Failure } from '../model/failure.js';
import { type Lanes, Supply } from './supply.js';

/** Two degrees of being told to stop: begin nothing new, then drop what is in flight. */
export interface Halt {
  readonly soon: AbortSignal;
  readonly now: AbortSignal;
}

/** The same halt, which comes soon also when one of these signals does. */
export function stoppedBy({ soon, now }: Halt, ...sooner: readonly AbortSignal[]): Halt {
  const any = AbortSignal.any([soon, ...sooner]);
  // All that is at work listens to it: that there are many is no sign of a leak, so nobody is to be warned.
  setMaxListeners(0, any);
  return { soon: any, now };
}

/**
 * Pulls items one at a time and works on at most `width` of them at once; an item is pulled only when a lane is free.
 * The first error stops the pulling, tells the other lanes by their halt to begin nothing new, waits for them, and is
 * thrown. `halt.soon` does the same, as INTERRUPTED, unless everything was done anyway.
 */
export function forEachConcurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  halt: Halt,
  work: (item: T, halt: Halt) => Promise<void>,
): Promise<void> {
  return forEachInLanes(items, { widths: [width], laneOf: () => 0 }, halt, work);
}

/** The same with lanes of several kinds: items of a kind whose lanes are all at work are held, `HELD_MAX` at most. */
export async function forEachInLanes<T>(
  items: AsyncIterable<T> | Iterable<T>,
  lanes: Lanes<T>,
  halt: Halt,
  work: (item: T, halt: Halt) => Promise<void>,
): Promise<void> {
  using stop = new Stop(halt.soon);
  const supply = new Supply(items, lanes, stop.signal);
  const errors = new Errors();
  const inner = { soon: stop.signal, now: halt.now };
  const lane = async (kind: number): Promise<void> => {
    try {
      for (;;) {
        const item = supply.nextNow(kind);
        if (item !== undefined) {
          await work(item, inner);
          continue;
        }
        const next = await supply.next(kind);
        if (next.done === true) break;
        await work(next.value, inner);
      }
    } catch (thrown) {
      errors.add(thrown);
      supply.end();
      stop.now();
    }
  };

  await Promise.all(lanes.widths.flatMap((width, kind) => Array.from({ length: width }, () => lane(kind))));
  await supply.close();
  errors.throwFirst();
  if (supply.cutShort) throw new Failure('INTERRUPTED', 'interrupted');
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
