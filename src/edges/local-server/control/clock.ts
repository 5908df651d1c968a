// The clock of vaults and jobs: real time, or faster, or moved forward by hand.

/** Dates with a year of more than four digits are none of the API's. */
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59.999Z');

/** How the clock goes. */
export interface ClockOptions {
  /** Real time in ms since 1970. */
  readonly realNow: () => number;
  /** How much faster than real time it goes. */
  readonly speed: number;
  /** How far ahead of real time it is at the start. */
  readonly aheadMs: number;
}

/** Never goes back, as long as real time does not. */
export class VaultClock {
  readonly speed: number;
  readonly #realNow: () => number;
  readonly #startedAt: number;
  readonly #listeners = new Set<() => void>();
  #aheadMs: number;

  constructor({ realNow, speed, aheadMs }: ClockOptions) {
    this.speed = speed;
    this.#realNow = realNow;
    this.#startedAt = realNow();
    this.#aheadMs = aheadMs;
  }

  /** Ms since 1970. */
  now(): number {
    const real = this.#realNow();
    const gained = Math.floor((real - this.#startedAt) * (this.speed - 1));
    return Math.min(LAST_MOMENT, real + this.#aheadMs + gained);
  }

  /** How far ahead of real time it is by now. */
  get aheadMs(): number {
    return this.now() - this.#realNow();
  }

  /** Moves it forward, and tells whoever waits for a time. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new Error(`a clock does not go back, nor ${ms} ms forward`);
    this.#aheadMs += ms;
    for (const listener of this.#listeners) listener();
  }

  /** Real time to wait until it shows `time`, if nobody advances it. */
  realMsUntil(time: number): number {
    return Math.max(0, time - this.now()) / this.speed;
  }

  /** Calls back after every `advance`, until disposed. */
  onAdvance(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
}
