// Threads that hash bodies, so that the one that serves everybody need not: as many as it makes sense to have.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type BodyHasher, type BodyHashes, BothHasher, hashesOf } from './body-hashes.js';
import { PieceMemory } from './pieces.js';

const THREADS_MAX = 8;
const SCRIPT = fileURLToPath(new URL('./hash-thread.js', import.meta.url));

/** What a thread is asked; each body has a number, and all of its pieces come in order. */
export type HashTask =
  | { readonly do: 'update'; readonly body: number; readonly memory: SharedArrayBuffer; readonly size: number }
  | { readonly do: 'digest'; readonly body: number }
  /** Answered by nothing. */
  | { readonly do: 'forget'; readonly body: number };

/** What it answers to the first two: with hashes to the second. */
export interface HashTaken {
  readonly body: number;
  readonly sha256?: string;
  readonly leaves?: Uint8Array;
}

export class HashThreads implements AsyncDisposable {
  readonly memory = new PieceMemory();
  #threads: HashThread[] = [];
  #bodies = 0;

  /** For a body in memory that is shared; here and now where there is no thread to be had. */
  hasher(): BodyHasher {
    if (!existsSync(SCRIPT)) return new BothHasher();
    this.#bodies += 1;
    return new HasherInThread(this.#leastBusy(), this.#bodies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end()));
  }

  /** A thread is started when all others have something to do, or in the place of one that broke down. */
  #leastBusy(): HashThread {
    this.#threads = this.#threads.filter(({ isBroken }) => !isBroken);
    const [least] = this.#threads.toSorted((a, b) => a.busy - b.busy);
    if (least !== undefined && (least.busy === 0 || this.#threads.length >= threadsWanted())) return least;
    const started = new HashThread();
    this.#threads.push(started);
    return started;
  }
}

/** One core is left for the thread that serves, where there is more than one. */
function threadsWanted(): number {
  return Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1));
}

interface Waiting {
  readonly resolve: (taken: HashTaken) => void;
  readonly reject: (cause: Error) => void;
}

class HashThread {
  /** How many bodies it is hashing. */
  busy = 0;
  /** Flags of the program that this one is part of are none of its business. */
  readonly #worker = new Worker(SCRIPT, { execArgv: [] });
  /** One for each body at most: a body waits for its piece to be taken before it sends the next. */
  readonly #waiting = new Map<number, Waiting>();
  #broken: Error | null = null;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (taken: HashTaken) => {
      this.#waiting.get(taken.body)?.resolve(taken);
      this.#waiting.delete(taken.body);
    });
    this.#worker.on('error', (cause: Error) => this.#breakOff(cause));
    this.#worker.on('exit', () => this.#breakOff(new Error('a hashing thread ended')));
  }

  get isBroken(): boolean {
    return this.#broken !== null;
  }

  ask(task: HashTask): Promise<HashTaken> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) {
        reject(this.#broken);
        return;
      }
      this.#waiting.set(task.body, { resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  forget(body: number): void {
    this.busy -= 1;
    this.#worker.postMessage({ do: 'forget', body } satisfies HashTask);
  }

  async end(): Promise<void> {
    const ended = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await ended.catch(() => undefined);
  }

  #breakOff(cause: Error): void {
    this.#broken ??= cause;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}

class HasherInThread implements BodyHasher {
  readonly #thread: HashThread;
  readonly #body: number;

  constructor(thread: HashThread, body: number) {
    this.#thread = thread;
    this.#body = body;
    thread.busy += 1;
  }

  async update(piece: Buffer): Promise<void> {
    if (!(piece.buffer instanceof SharedArrayBuffer) || piece.byteOffset !== 0) throw new Error('memory is not shared');
    await this.#thread.ask({ do: 'update', body: this.#body, memory: piece.buffer, size: piece.length });
  }

  async digest(): Promise<BodyHashes> {
    const { sha256, leaves } = await this.#thread.ask({ do: 'digest', body: this.#body });
    if (sha256 === undefined || leaves === undefined) throw new Error('a hashing thread gave no hashes');
    return hashesOf(sha256, Buffer.from(leaves));
  }

  [Symbol.dispose](): void {
    this.#thread.forget(this.#body);
  }
}
