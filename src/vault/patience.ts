// How often and how long a request is tried again, and what is said meanwhile.

import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, systemClock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import { asFailure, Failure, reachOf, throwIfInterrupted } from '../model/failure.js';
import { RetryBudget } from './retry-budget.js';

/** Whether the server has ever answered. */
interface Contact {
  made: boolean;
}

/** Full jitter: each delay is random between nothing and a bound that doubles from `baseMs` up to `capMs`. */
export interface Patience {
  /** A request is given up when this much time has gone by since its first failure, or would have after the next delay. */
  readonly totalMs: number;
  /** The same while the server has not been reached at all: a wrong address is told soon. */
  readonly firstContactMs: number;
  /** Shared by all requests of a run. */
  readonly contact: Contact;
  /** Shared by all requests of a run too: when many fail, each waits longer than it would alone. */
  readonly budget: RetryBudget;
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

/** About ten minutes for each request; a quarter of a minute for a server that nobody finds, unless it was reached before. */
export function ordinaryPatience(report: Report, clock = systemClock, reached = false): Patience {
  return {
    totalMs: 600_000,
    firstContactMs: 15_000,
    contact: { made: reached },
    budget: new RetryBudget(),
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

  /** An attempt got somewhere: what fails now counts from here. */
  progressed(): void {
    this.#failed = 0;
    this.#patience.contact.made = true;
    this.#patience.budget.succeeded();
  }

  /**
   * Takes what an attempt threw and comes back when the next is due.
   * @throws the same when trying again cannot help or there is no patience left; INTERRUPTED
   */
  async after(thrown: unknown, signal: AbortSignal): Promise<void> {
    const failure = asFailure(thrown);
    const { contact } = this.#patience;
    contact.made ||= failure.code !== 'UNREACHABLE';
    if (reachOf(failure.code) !== 'retry') throw failure;
    throwIfInterrupted(signal);
    const { capMs, baseMs, budget, random, elapsedMs, report, sleep } = this.#patience;
    const totalMs = contact.made ? this.#patience.totalMs : this.#patience.firstContactMs;
    if (this.#failed === 0) this.#firstFailureMs = elapsedMs();
    const ownMs = Math.round(random() * Math.min(capMs, baseMs * 2 ** this.#failed));
    this.#failed++;
    // What the budget adds never ends the patience: the attempt is made, however late it comes.
    if (elapsedMs() + ownMs - this.#firstFailureMs > totalMs) throw this.#givenUp(failure);
    const delayMs = Math.max(ownMs, budget.take(elapsedMs()));
    report({ event: 'retrying', request: this.#request, attempt: this.#failed + 1, delayMs, why: failure.message });
    await sleep(delayMs, signal);
  }

  #givenUp(last: Failure): Failure {
    const message = `${last.message} (${this.#request}: gave up after ${this.#failed} ${this.#failed === 1 ? 'attempt' : 'attempts'})`;
    const hint = last.code === 'UNREACHABLE' ? (last.hint ?? 'check --endpoint, --region and the network') : last.hint;
    return new Failure(last.code, message, { hint, cause: last });
  }
}

/**
 * The value of the first attempt that succeeds.
 * @param failed told of each that does not
 */
export async function patiently<T>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  failed?: (failure: Failure) => void,
): Promise<T> {
  const attempts = new Attempts(request, patience);
  for (;;) {
    throwIfInterrupted(signal);
    try {
      const value = await attempt();
      attempts.progressed();
      return value;
    } catch (thrown) {
      failed?.(asFailure(thrown));
      await attempts.after(thrown, signal);
    }
  }
}
