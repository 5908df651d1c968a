// Walks the kept directory in a thread of its own, which reads on while its findings are worked on here.

import { Worker } from 'node:worker_threads';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { Found } from '../model/found.js';
import { UTF_8 } from '../model/text-encoding.js';
import type { WalkOptions } from './findings.js';
import { unpack, unpackFailure } from './packed-findings.js';
import type { Place } from './place.js';
import { type Credits, giveCredit, newCredits, type WalkNews, type WalkOrders } from './walk-thread.js';

/** The script of the thread, and what it makes the walk's selection of. */
export interface WalkScript {
  /** Calls `serveWalk`. */
  readonly url: URL;
  /** Plain data; null for a walk without a selection. */
  readonly rules: unknown;
}

/** What is found while a run opens all else that it needs, and 4 MiB. Batches. */
const AHEAD = 32;

/** As `walk`, with the same findings in the same order. @throws what the batches of `WalkInThread` do */
export async function* walkInThread(
  place: Place,
  options: WalkOptions,
  script: WalkScript,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[], void> {
  await using walk = new WalkInThread(place, options, script);
  yield* walk.batches(signal);
}

/** Begins as it is made, and goes on by itself until much has been found. Memory: that, and about 15 MiB for the thread. */
export class WalkInThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #credits: Credits;
  readonly #news: WalkNews[] = [];
  #end: Failure | null = null;
  #wake = (): void => undefined;

  /** @param ahead batches that may wait to be taken */
  constructor(
    { root, encoding }: Place,
    { follow = false, concurrency = 1, journalEncoding = UTF_8 }: WalkOptions,
    { url, rules }: WalkScript,
    ahead = AHEAD,
  ) {
    this.#credits = newCredits(ahead);
    const names = { filenames: encoding.name, journal: journalEncoding.name };
    const workerData: WalkOrders = { root, follow, concurrency, ...names, rules, credits: this.#credits };
    this.#worker = new Worker(url, { name: 'walk', workerData, resourceLimits: YOUNG });
    this.#worker.on('message', (news: WalkNews) => {
      this.#news.push(news);
      this.#wake();
    });
    this.#worker.on('error', (cause) => this.#ended(cause));
    this.#worker.on('exit', () => this.#ended(null));
  }

  /**
   * All that is found, once.
   * @throws Failure USAGE when the place is no readable directory, INTERRUPTED, THREAD_LOST when the thread ends before the walk
   */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Found[], void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      for (let news = await this.#next(signal); news.news !== 'end'; news = await this.#next(signal)) {
        if (news.news === 'failed') throw unpackFailure(news.failure);
        throwIfInterrupted(signal);
        giveCredit(this.#credits);
        yield unpack(news.batch);
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  async #next(signal: AbortSignal): Promise<WalkNews> {
    for (;;) {
      const news = this.#news.shift();
      if (news !== undefined) return news;
      throwIfInterrupted(signal);
      if (this.#end !== null) throw this.#end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #ended(cause: unknown): void {
    this.#end ??= new Failure('THREAD_LOST', 'the thread that walks the directory ended before the walk', { cause });
    this.#wake();
  }
}

/** What a walk throws away is thrown away soon: MiB. */
const YOUNG = { maxYoungGenerationSizeMb: 16 };
