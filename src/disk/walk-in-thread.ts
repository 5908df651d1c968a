// Walks the kept directory in a thread of its own, which reads on while its findings are worked on here.

import { Worker } from 'node:worker_threads';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { UTF_8 } from '../model/text-encoding.js';
import type { WalkOptions } from './findings.js';
import { unpack, unpackFailure } from './packed-findings.js';
import type { Place } from './place.js';
import { giveCredit, newCredits, type WalkNews, type WalkOrders } from './walk-thread.js';

/** The script of the thread, and what it makes the walk's selection of. */
export interface WalkScript {
  /** Calls `serveWalk`. */
  readonly url: URL;
  /** Plain data; null for a walk without a selection. */
  readonly rules: unknown;
}

/**
 * As `walk`, with the same findings in the same order. Memory: a few batches, and about 15 MiB for the thread.
 * @throws Failure USAGE when the place is no readable directory, INTERRUPTED, THREAD_LOST when the thread ends before the walk
 */
export async function* walkInThread(
  place: Place,
  { follow = false, concurrency = 1, journalEncoding = UTF_8 }: WalkOptions,
  { url, rules }: WalkScript,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[], void> {
  const credits = newCredits();
  const { root, encoding } = place;
  const names = { filenames: encoding.name, journal: journalEncoding.name };
  const orders: WalkOrders = { root, follow, concurrency, ...names, rules, credits };
  await using thread = new WalkingThread(url, orders, signal);
  for (let news = await thread.next(); news.news !== 'end'; news = await thread.next()) {
    if (news.news === 'failed') throw unpackFailure(news.failure);
    throwIfInterrupted(signal);
    giveCredit(credits);
    yield unpack(news.batch);
  }
}

class WalkingThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #news: WalkNews[] = [];
  #end: Failure | null = null;
  #wake = (): void => undefined;

  constructor(script: URL, orders: WalkOrders, signal: AbortSignal) {
    this.#signal = signal;
    this.#worker = new Worker(script, { name: 'walk', workerData: orders, resourceLimits: YOUNG });
    this.#worker.on('message', (news: WalkNews) => {
      this.#news.push(news);
      this.#wake();
    });
    this.#worker.on('error', (cause) => this.#ended(cause));
    this.#worker.on('exit', () => this.#ended(null));
    signal.addEventListener('abort', this.#interrupt);
  }

  /** @throws Failure INTERRUPTED, THREAD_LOST */
  async next(): Promise<WalkNews> {
    for (;;) {
      const news = this.#news.shift();
      if (news !== undefined) return news;
      throwIfInterrupted(this.#signal);
      if (this.#end !== null) throw this.#end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#interrupt);
    await this.#worker.terminate();
  }

  readonly #interrupt = (): void => this.#wake();

  #ended(cause: unknown): void {
    this.#end ??= new Failure('THREAD_LOST', 'the thread that walks the directory ended before the walk', { cause });
    this.#wake();
  }
}

/** What a walk throws away is thrown away soon: MiB. */
const YOUNG = { maxYoungGenerationSizeMb: 16 };
