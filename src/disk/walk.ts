// Walks the kept directory in this thread, many findings at a time.

import { throwIfInterrupted } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { findings, findingsSeen, nameRules, type WalkOptions } from './findings.js';
import { LookAhead, type SlowFileSystem } from './look-ahead.js';
import type { Place } from './place.js';

/**
 * What the walk holds back at most before it gives it: findings, and how long it may have held the thread for them. To
 * look at the clock takes a fiftieth of looking at a file, so it is done after some findings only.
 */
const BATCH = { findings: 1000, ms: 10, timedEach: 4 } as const;

/**
 * Everything in the place, as `findings` gives it, in batches that are never empty. Others get their turn between two.
 * @throws Failure USAGE when the place is no readable directory, INTERRUPTED
 */
export async function* walk(
  place: Place,
  options: WalkOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[], void> {
  for await (const batch of batchesOf(place, options)) {
    throwIfInterrupted(signal);
    yield batch;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Batches = Iterable<readonly Found[]> | AsyncIterable<readonly Found[]>;

/** The batches of a walk that nobody tells to stop. @param fileSystem for one that lets several looks wait at once */
export function batchesOf(place: Place, options: WalkOptions, fileSystem?: SlowFileSystem): Batches {
  const { concurrency = 1, ...rules } = options;
  if (concurrency === 1) return inBatches(findings(place, rules));
  const seen = nameRules(place, rules);
  return inBatchesSoon(findingsSeen(seen, new LookAhead(seen, concurrency, fileSystem)));
}

function* inBatches(found: Iterable<Found>): Generator<readonly Found[], void> {
  const batch = new Batch();
  for (const one of found) {
    batch.add(one);
    if (batch.isDue()) yield batch.take();
  }
  if (!batch.isEmpty()) yield batch.take();
}

async function* inBatchesSoon(found: Iterable<Found | Promise<unknown>>): AsyncGenerator<readonly Found[], void> {
  const batch = new Batch();
  for (const one of found) {
    if (one instanceof Promise) await one;
    else batch.add(one);
    if (batch.isDue()) yield batch.take();
  }
  if (!batch.isEmpty()) yield batch.take();
}

/** Findings that wait for others, but not for long. */
class Batch {
  #found: Found[] = [];
  #ends = performance.now() + BATCH.ms;

  add(found: Found): void {
    this.#found.push(found);
  }

  isEmpty(): boolean {
    return this.#found.length === 0;
  }

  isDue(): boolean {
    const { length } = this.#found;
    if (length >= BATCH.findings) return true;
    return length > 0 && length % BATCH.timedEach === 0 && performance.now() >= this.#ends;
  }

  take(): readonly Found[] {
    const found = this.#found;
    this.#found = [];
    this.#ends = performance.now() + BATCH.ms;
    return found;
  }
}
