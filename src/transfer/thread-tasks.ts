// Tasks that threads are given: told to stop, told of, and begun again when their thread has died.

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Report, RunEvent } from '../model/events.js';
import { asFailure, Failure, isUnanswered, throwIfInterrupted } from '../model/failure.js';
import type { VaultName } from '../model/identifiers.js';
import type { VaultSettings } from '../vault/open.js';
import type { SharedBandwidth } from './bandwidth.js';
import { STREAM_FROM } from './file-body.js';
import { Crew, ThreadDied } from './thread-crew.js';
import { type Outcome, STOP, type TaskResults, type ThreadSettings, type ThreadTask } from './thread-task.js';
import { Turns } from './turns.js';

export interface ThreadTasksOptions {
  /** Null where files are only hashed. The settings are asked for once, when threads are started. */
  readonly vault: {
    readonly settings: (signal: AbortSignal) => Promise<VaultSettings>;
    readonly name: VaultName;
  } | null;
  readonly engine: ThreadSettings['engine'];
  readonly threads: number;
  /** How many tasks at once, in all threads together. */
  readonly width: number;
  readonly streamFrom?: number;
  /** Kept by the threads too, where something may be held back. */
  readonly bandwidth?: SharedBandwidth | null;
  readonly report: Report;
  /** The threads' program, where it is not the one beside this file. */
  readonly script?: URL;
}

/** How often a task is begun when threads die of it, or beside it. */
const ATTEMPTS = 3;

interface Done<D extends ThreadTask['do']> {
  readonly result: TaskResults[D];
  /** Requests at most that threads had made for it when they died. */
  readonly unanswered: number;
}

/** Threads are started with the first task. */
export class ThreadTasks implements AsyncDisposable {
  readonly #options: ThreadTasksOptions;
  readonly #turns: Turns<object>;
  readonly #closing = new AbortController();
  #crew: Promise<Crew> | null = null;

  constructor(options: ThreadTasksOptions) {
    this.#options = options;
    this.#turns = new Turns(options.width, () => ({}));
  }

  /** @throws Failure THREAD_LOST when threads keep dying, or as the task itself does */
  async perform<D extends ThreadTask['do']>(task: ThreadTask & { do: D }, signal: AbortSignal): Promise<Done<D>> {
    using _turn = await this.#turns.take(signal);
    const told = new Told(this.#options.report);
    let unanswered = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        throwIfInterrupted(signal);
        const outcome = await this.#attempt(task, told, signal);
        return { result: resultOf(outcome) as TaskResults[D], unanswered };
      } catch (thrown) {
        if (!(thrown instanceof ThreadDied)) throw task.do === 'send-whole' ? afterDeaths(thrown, unanswered) : thrown;
        if (attempt === ATTEMPTS) throw lost(thrown);
        unanswered += 1 + told.retries;
        told.again(task.do, attempt + 1, thrown.message);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const crew = await this.#crew?.catch(() => null);
    await crew?.[Symbol.asyncDispose]();
  }

  async #attempt(task: ThreadTask, told: Told, signal: AbortSignal): Promise<Outcome> {
    const crew = await (this.#crew ??= this.#startCrew());
    const { port1: near, port2: far } = new MessageChannel();
    const stop = (): void => near.postMessage(STOP);
    near.on('message', told.tell);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      return await crew.perform({ task, line: far });
    } finally {
      signal.removeEventListener('abort', stop);
      // What was told before the end is told before the end here as well.
      for (let next = receiveMessageOnPort(near); next !== undefined; next = receiveMessageOnPort(near)) {
        told.tell(next.message as RunEvent);
      }
      near.close();
    }
  }

  async #startCrew(): Promise<Crew> {
    const { threads, width, engine, streamFrom = STREAM_FROM, bandwidth = null } = this.#options;
    const { script = new URL('./thread.js', import.meta.url) } = this.#options;
    const lanes = Math.ceil(width / threads);
    const vault = await this.#vaultFor(lanes);
    return Crew.start({ script, threads, settings: { vault, bandwidth, engine, lanes, streamFrom } });
  }

  async #vaultFor(lanes: number): Promise<ThreadSettings['vault']> {
    const { vault } = this.#options;
    if (vault === null) return null;
    return { settings: { ...(await vault.settings(this.#closing.signal)), concurrency: lanes }, name: vault.name };
  }
}

function resultOf(outcome: Outcome): TaskResults[ThreadTask['do']] {
  switch (outcome.ended) {
    case 'done':
      return outcome.result;
    case 'failed':
      throw new Failure(outcome.code, outcome.message, { hint: outcome.hint });
    case 'broken':
      throw outcome.error;
  }
}

/** What comes of one task, told once, also when it is done again. */
class Told {
  readonly #report: Report;
  #moved = 0;
  /** Bytes that are still to be moved again before more is news. */
  #again = 0;
  /** Requests that failed in the attempt under way. */
  retries = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  readonly tell = (event: RunEvent): void => {
    if (event.event === 'retrying') this.retries++;
    if (event.event !== 'moved') return this.#report(event);
    const news = Math.max(0, event.bytes - this.#again);
    this.#again -= event.bytes - news;
    this.#moved += news;
    if (news > 0) this.#report({ event: 'moved', bytes: news });
  };

  again(request: string, attempt: number, why: string): void {
    this.#report({
      event: 'retrying',
      request: request.replace('-', ' '),
      attempt,
      delayMs: 0,
      why: `a thread has died: ${why}`,
    });
    this.retries = 0;
    this.#again = this.#moved;
  }
}

function lost(died: ThreadDied): Failure {
  return new Failure('THREAD_LOST', `threads died ${ATTEMPTS} times of one task: ${died.message}`, {
    hint: 'run it with --threads 1',
    cause: died,
  });
}

/** A clear refusal at the end says nothing of what a thread had asked for when it died. */
function afterDeaths(thrown: unknown, unanswered: number): unknown {
  if (unanswered === 0) return thrown;
  const failure = asFailure(thrown);
  if (isUnanswered(failure.code)) return failure;
  return new Failure('THREAD_LOST', `${failure.message}, after a thread had died`, {
    hint: failure.hint,
    cause: failure,
  });
}
