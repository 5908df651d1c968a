// A clock that stands still until a test moves it.

import type { NoticeClock } from '../../../../src/edges/local-server/notices/notice-clock.js';

interface Waiting {
  readonly until: number;
  readonly wake: () => void;
}

export class ManualClock implements NoticeClock {
  readonly #waiting = new Set<Waiting>();
  readonly #onWait = new Set<() => void>();
  #now: number;

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { until: this.#now + ms, wake: resolve };
      this.#waiting.add(waiting);
      for (const tell of this.#onWait) tell();
      this.#onWait.clear();
      signal.addEventListener('abort', () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const waiting of this.#waiting) {
      if (waiting.until > this.#now) continue;
      this.#waiting.delete(waiting);
      waiting.wake();
    }
  }

  /** Until somebody waits for that long still. */
  async awaited(ms: number): Promise<void> {
    while (![...this.#waiting].some((one) => one.until - this.#now === ms)) {
      await new Promise<void>((resolve) => this.#onWait.add(resolve));
    }
  }
}
