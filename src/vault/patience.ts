// How often and how long a request is tried again, and what is said meanwhile.

import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, systemClock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import { asFailure, Failure, reachOf, throwIfInterrupted } from '../model/failure.js';

/** Full jitter: each delay is random between nothing and a bound that doubles from `baseMs` up to `capMs`. */
export interface Patience {
  /** A request is given up when this much time has gone by since its first failure, or would have after the next delay. */
  readonly totalMs: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** Waits. @throws Failure INTERRUPTED at once when the signal says so */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Time that only goes forward, from any origin. */
  readonly elapsedMs: () => number;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly report: Report;
}

/** About ten minutes for each request. */
export function ordinaryPatience(report: Report, clock = systemClock): Patience {
  return {
    totalMs: 600_000,
    baseMs: 200,
    capMs: 30_000,
    sleep: sleepUnlessInterrupted,
    elapsedMs: () => performance.now(),
    clock,
    random: Math.random,
    report,
  };
}

async function sleepUnlessInterrupted(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new Failure('INTERRUPTED', 'interrupted', { cause });
  });
}

/** The attempts at one request. */
export class Attempts {
  readonly #request: string;
  readonly #patience: Patience;
  #failed = 0;
  #firstFailureMs = 0;

  constructor(request: string, patience: Patience) {
    this.#request = request;
    this.#patience = patience;
  }

  /** An attempt got somewhere before it failed: what comes counts from here. */
  progressed(): void {
    this.#failed = 0;
  }

  /**
   * Takes what an attempt threw and comes back when the next is due.
   * @throws the same when trying again cannot help or there is no patience left; INTERRUPTED
   */
  async after(thrown: unknown, signal: AbortSignal): Promise<void> {
    const failure = asFailure(thrown);
    if (reachOf(failure.code) !== 'retry') throw failure;
    throwIfInterrupted(signal);
    const { capMs, baseMs, random, elapsedMs, totalMs, report, sleep } = this.#patience;
    if (this.#failed === 0) this.#firstFailureMs = elapsedMs();
    const delayMs = Math.round(random() * Math.min(capMs, baseMs * 2 ** this.#failed));
    this.#failed++;
    if (elapsedMs() + delayMs - this.#firstFailureMs > totalMs) throw this.#givenUp(failure);
    report({ event: 'retrying', request: this.#request, attempt: this.#failed + 1, delayMs, why: failure.message });
    await sleep(delayMs, signal);
  }

  #givenUp(last: Failure): Failure {
    const message = `${last.message} (${this.#request}: gave up after ${this.#failed} ${this.#failed === 1 ? 'attempt' : 'attempts'})`;
    return new Failure(last.code, message, { hint: last.hint, cause: last });
  }
}

/** The value of the first attempt that succeeds. */
export async function patiently<T>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const attempts = new Attempts(request, patience);
  for (;;) {
    throwIfInterrupted(signal);
    try {
      return await attempt();
    } catch (thrown) {
      await attempts.after(thrown, signal);
    }
  }
}
