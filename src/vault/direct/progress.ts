// Whether a request still gets somewhere, and when it is time to give it up.

/** Times are of a clock that only goes forward, from any origin. */
export interface Times {
  /** While the server is waited for and nothing moves. */
  readonly inactivityMs: number;
  readonly elapsedMs: () => number;
}

/** However much moves, a request ends: after so long, and as much longer as its bytes take at the slowest rate. */
const WHOLE_MS = 15 * 60_000;
const SLOWEST_BYTES_PER_MS = 4;

/**
 * Bytes that the system may hold back when it has taken all of a body: over a slow line they go for minutes while nothing
 * seems to move.
 */
const HELD_BACK = 4 * 1024 * 1024;

export class Progress {
  readonly #times: Times;
  #movedAtMs: number;
  #endsAtMs: number;
  /** By how much more than usual silence is borne. */
  #indulgence = 1;
  /** Since when the other side waits for us; null while we wait for it. */
  #ownTurnSinceMs: number | null = null;

  constructor(times: Times) {
    this.#times = times;
    this.#movedAtMs = times.elapsedMs();
    this.#endsAtMs = this.#movedAtMs + WHOLE_MS;
  }

  /** So many bytes are to be moved, or nobody knows how many. */
  ahead(bytes: number | null): void {
    this.#endsAtMs += bytes === null ? Number.POSITIVE_INFINITY : bytes / SLOWEST_BYTES_PER_MS;
  }

  /** Something came. */
  moved(): void {
    this.#indulgence = 1;
    this.#movedAtMs = this.#times.elapsedMs();
  }

  /** So many bytes were given to the system, all in all: the last of them are given time to leave it. */
  handedOver(bytes: number): void {
    this.#indulgence = 1 + Math.min(1, bytes / HELD_BACK);
  }

  ownTurn(): void {
    this.#ownTurnSinceMs ??= this.#times.elapsedMs();
  }

  /** What we took our time for is not held against the server. */
  theirTurn(): void {
    if (this.#ownTurnSinceMs === null) return;
    this.#movedAtMs = this.#times.elapsedMs();
    this.#endsAtMs += this.#movedAtMs - this.#ownTurnSinceMs;
    this.#ownTurnSinceMs = null;
  }

  /** Why it is to be given up; null as long as it is not. */
  overdue(nowMs: number): string | null {
    if (this.#ownTurnSinceMs !== null) return null;
    const { inactivityMs } = this.#times;
    if (nowMs - this.#movedAtMs > inactivityMs * this.#indulgence) return `after ${inactivityMs} ms of inactivity`;
    return nowMs > this.#endsAtMs ? 'as it goes on and on' : null;
  }
}
