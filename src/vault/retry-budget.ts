// How many retries a run may make, so that an outage does not become a storm.

/** So many retries may come at once; */
const BURST = 64;
/** and then one each so often. */
const EVERY_MS = 125;

/**
 * Shared by all requests of a run. It makes retries wait and never forbids one: with 256 requests that all fail, each is
 * tried again about every half a minute, as it would be at the end of its own doubling delays. What succeeds gives back
 * what one retry took, so that scattered failures are never slowed down.
 */
export class RetryBudget {
  /** When all that has been taken will have been gained again. */
  #evenAtMs = 0;

  /** Takes one retry, and tells how long it must wait. @param nowMs time that only goes forward, from any origin */
  take(nowMs: number): number {
    this.#evenAtMs = Math.max(this.#evenAtMs, nowMs) + EVERY_MS;
    return Math.max(0, this.#evenAtMs - nowMs - BURST * EVERY_MS);
  }

  succeeded(): void {
    this.#evenAtMs -= EVERY_MS;
  }
}
