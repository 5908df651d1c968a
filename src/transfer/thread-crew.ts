// Threads that do tasks, several each, behind piscina: what it leaves open about threads that die is settled here.

import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { Failure } from '../model/failure.js';
import type { AssignedTask, Outcome, ThreadSettings } from './thread-task.js';

interface CrewOptions {
  /** The threads' program. */
  readonly script: URL;
  readonly threads: number;
  readonly settings: ThreadSettings;
}

/** MiB: several times what a thread needs. One that needs more is ill, and dies before the machine's memory is full. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/**
 * Piscina loads a thread's program with `require` where that takes modules. A thread that is ended meanwhile then takes the process
 * with it ("v8::Module::IsGraphAsync must be used on an instantiated module"; Node 20.20, once in 700 times); `import` bears it.
 */
const IMPORTS_ONLY = '--no-experimental-require-module';

/** A thread has ended in the middle of a task; `message` says how. Nothing of it is running any more. */
export class ThreadDied extends Error {}

/** All threads are started at once. The caller sees to it that no more tasks are given than all lanes can take. */
export class Crew implements AsyncDisposable {
  readonly #pool: Piscina<AssignedTask, Outcome>;
  readonly #size: number;
  /** When each thread that was ever begun has ended, until it has. */
  readonly #ends = new Map<Worker, Promise<void>>();
  /** Ends with all threads. */
  #ending: Promise<void> | null = null;

  /** @throws Failure THREAD_LOST */
  static async start(options: CrewOptions): Promise<Crew> {
    const { Piscina } = await import('piscina');
    try {
      return new Crew(Piscina<AssignedTask, Outcome>, options);
    } catch (cause) {
      throw new Failure('THREAD_LOST', `cannot start threads: ${(cause as Error).message}`, {
        hint: 'run it with --threads 1',
        cause,
      });
    }
  }

  private constructor(Pool: typeof Piscina<AssignedTask, Outcome>, { script, threads, settings }: CrewOptions) {
    this.#size = threads;
    this.#pool = new Pool({
      filename: script.href,
      name: 'perform',
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: settings.lanes,
      // Waiting otherwise stops a thread's other work: idle connections that the server has closed would not be noticed.
      atomics: 'disabled',
      workerData: settings,
      execArgv: process.allowedNodeEnvironmentFlags.has(IMPORTS_ONLY) ? [IMPORTS_ONLY] : [],
      resourceLimits: HEAP,
    });
    // Told also by what it held, if it held anything.
    this.#pool.on('error', () => undefined);
    this.#watch();
  }

  /** @throws ThreadDied */
  async perform(assigned: AssignedTask): Promise<Outcome> {
    if (this.#ending !== null) throw new ThreadDied('there are no threads any more');
    try {
      return await this.#pool.run(assigned, { transferList: [assigned.line] });
    } catch (cause) {
      await this.#untilDeadAreGone();
      throw new ThreadDied((cause as Error).message, { cause });
    }
  }

  /** Ends all threads, whatever they are doing. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#pool.destroy();
    await Promise.all(this.#ends.values());
  }

  /** A death is told while the thread may still be writing; its file must not be closed, or written by another, before. */
  async #untilDeadAreGone(): Promise<void> {
    const alive = new Set(this.#pool.threads);
    await Promise.all([...this.#ends].filter(([thread]) => !alive.has(thread)).map(([, end]) => end));
  }

  #watch(): void {
    for (const thread of this.#pool.threads) {
      if (!this.#ends.has(thread)) this.#ends.set(thread, this.#endOf(thread));
    }
  }

  #endOf(thread: Worker): Promise<void> {
    return new Promise((resolve) => {
      thread.once('exit', () => {
        this.#ends.delete(thread);
        resolve();
        this.#replace();
      });
    });
  }

  /**
   * Piscina has heard of the end before, and put another thread in its place; but not when a thread has died while it
   * started. What waits would then wait for ever, and has to be told.
   */
  #replace(): void {
    if (this.#ending !== null) return;
    if (this.#pool.threads.length < this.#size) this.#ending = this.#end();
    else this.#watch();
  }
}
