// Threads that hash and write bodies, so that the one that serves everybody need not: as many as it makes sense to have.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type BodyHashes, hashesOf, RunningBody } from './body-hashes.js';
import { type Piece, PieceMemory } from './pieces.js';

const THREADS_MAX = 8;
const SCRIPT = fileURLToPath(new URL('./hash-thread.js', import.meta.url));

/**
 * What a thread is asked; each body has a number, and all of its pieces come in order. The memory of a piece goes there
 * and comes back: to copy into memory that threads share takes the engine three times as long.
 */
export type HashTask =
  | { readonly do: 'begin'; readonly id: number; readonly file: number | null }
  | ({ readonly do: 'take'; readonly id: number } & Piece)
  | { readonly do: 'digest'; readonly id: number }
  | { readonly do: 'forget'; readonly id: number };

/** What it answers to `take` and to `digest`. */
export type HashTaken =
  | { readonly id: number; readonly memory: ArrayBuffer; readonly failure: Error | null }
  | { readonly id: number; readonly sha256: string; readonly leaves: Uint8Array };

/** Takes a body, piece by piece, one after the other. */
export interface BodyTaker extends Disposable {
  /** Hashes the piece, writes it, and gives its memory back. @throws whatever writing it threw */
  take(piece: Piece): Promise<void>;
  digest(): Promise<BodyHashes>;
}

/** Started as they are needed, one for each body under way at the most; they end when this is disposed of. */
export class HashThreads implements AsyncDisposable {
  readonly memory = new PieceMemory();
  #threads: HashThread[] = [];
  #bodies = 0;

  /**
   * In a thread, or here and now where there is none to be had.
   * @param file descriptor of the file that it is appended to; null for a body that nobody wants to keep
   */
  taker(file: number | null): BodyTaker {
    if (!existsSync(SCRIPT)) return new TakerHere(file, this.memory);
    this.#bodies += 1;
    return new TakerInThread(this.#leastBusy(), { id: this.#bodies, file, memory: this.memory });
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
      this.#waiting.get(taken.id)?.resolve(taken);
      this.#waiting.delete(taken.id);
    });
    this.#worker.on('error', (cause: Error) => this.#breakOff(cause));
    this.#worker.on('exit', () => this.#breakOff(new Error('a hashing thread ended')));
  }

  get isBroken(): boolean {
    return this.#broken !== null;
  }

  begin(id: number, file: number | null): void {
    this.busy += 1;
    this.#tell({ do: 'begin', id, file });
  }

  ask(task: HashTask): Promise<HashTaken> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) {
        reject(this.#broken);
        return;
      }
      this.#waiting.set(task.id, { resolve, reject });
      this.#tell(task);
    });
  }

  forget(id: number): void {
    this.busy -= 1;
    this.#tell({ do: 'forget', id });
  }

  async end(): Promise<void> {
    const ended = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await ended.catch(() => undefined);
  }

  #tell(task: HashTask): void {
    this.#worker.postMessage(task, 'memory' in task ? [task.memory] : []);
  }

  #breakOff(cause: Error): void {
    this.#broken ??= cause;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}

class TakerInThread implements BodyTaker {
  readonly #thread: HashThread;
  readonly #id: number;
  readonly #memory: PieceMemory;

  constructor(
    thread: HashThread,
    { id, file, memory }: { readonly id: number; readonly file: number | null; readonly memory: PieceMemory },
  ) {
    this.#thread = thread;
    this.#id = id;
    this.#memory = memory;
    thread.begin(id, file);
  }

  async take(piece: Piece): Promise<void> {
    const taken = await this.#thread.ask({ do: 'take', id: this.#id, ...piece });
    if (!('memory' in taken)) throw new Error('a hashing thread kept the memory of a piece');
    this.#memory.giveBack(taken.memory);
    if (taken.failure !== null) throw taken.failure;
  }

  async digest(): Promise<BodyHashes> {
    const taken = await this.#thread.ask({ do: 'digest', id: this.#id });
    if (!('sha256' in taken)) throw new Error('a hashing thread gave no hashes');
    return hashesOf(taken.sha256, Buffer.from(taken.leaves));
  }

  [Symbol.dispose](): void {
    this.#thread.forget(this.#id);
  }
}

class TakerHere implements BodyTaker {
  readonly #body: RunningBody;
  readonly #memory: PieceMemory;

  constructor(file: number | null, memory: PieceMemory) {
    this.#body = new RunningBody(file);
    this.#memory = memory;
  }

  async take({ memory, size }: Piece): Promise<void> {
    try {
      this.#body.take(new Uint8Array(memory, 0, size));
    } finally {
      this.#memory.giveBack(memory);
    }
  }

  async digest(): Promise<BodyHashes> {
    const { sha256, leaves } = this.#body.digest();
    return hashesOf(sha256, leaves);
  }

  [Symbol.dispose](): void {
    // It has nothing but memory.
  }
}
