// How much may be asked for now: no more than can come in before it is gone again, and in an hour no more than was said.

import { Instant } from '../model/clock.js';
import { READABLE_SECONDS } from '../model/tier.js';

const HOUR_SECONDS = 3600;

/** Of the time in which what is ready can be read; the rest is for lines that stall and machines that sleep. */
const USABLE_PART = 0.75;

/** Bytes that may be asked for and not yet be here, so that a line of so many bytes a second brings them in time. */
export function bytesInTime(lineSpeed: number): number {
  return Math.floor(lineSpeed * READABLE_SECONDS * USABLE_PART);
}

/**
 * Whether an archive may be asked for beside those that are under way. One that is larger than all that is allowed may
 * when it is alone.
 */
export function hasRoom(size: number, underWay: number, allowed: number): boolean {
  return underWay === 0 || underWay + size <= allowed;
}

/**
 * So many archives may be under way at once, however small they are: each takes half a kilobyte of memory, and as much
 * again while the vault lists its jobs.
 */
export const UNDER_WAY_MAX = 250_000;

/** Bytes that were asked for at one time. */
export interface AskedBytes {
  readonly at: Instant;
  readonly bytes: number;
}

/** What may be asked for in any hour. An archive that is larger takes as many hours as it has shares, and begins alone. */
export class HourlyShare {
  readonly #share: number;
  #asked: AskedBytes[] = [];

  /** @param share bytes; Infinity where nothing was said */
  constructor(share: number, askedBefore: readonly AskedBytes[] = []) {
    this.#share = share;
    this.goOnFrom(askedBefore);
  }

  /** Nothing else was asked for lately, whoever asked. */
  goOnFrom(asked: readonly AskedBytes[]): void {
    this.#asked = [];
    for (const { at, bytes } of asked) this.take(bytes, at);
  }

  /** Whether so much may be asked for now. */
  admits(size: number, now: Instant): boolean {
    if (this.#share === Number.POSITIVE_INFINITY) return true;
    const taken = this.lately(now).reduce((sum, { bytes }) => sum + bytes, 0);
    return taken === 0 || taken + size <= this.#share;
  }

  take(bytes: number, at: Instant): void {
    if (this.#share === Number.POSITIVE_INFINITY) return;
    const last = this.#asked.at(-1);
    // A thousand requests in one second are one entry.
    if (last?.at === at) this.#asked[this.#asked.length - 1] = { at, bytes: last.bytes + bytes };
    else this.#asked.push({ at, bytes });
  }

  /** So many bytes of those that were taken last were not asked for after all. */
  giveBack(bytes: number): void {
    for (let left = bytes, last = this.#asked.pop(); last !== undefined; last = this.#asked.pop()) {
      if (last.bytes > left) {
        this.#asked.push({ ...last, bytes: last.bytes - left });
        return;
      }
      left -= last.bytes;
      if (left === 0) return;
    }
  }

  /** What still counts. By a clock that was set back since nobody knows when something was asked for: that does not. */
  lately(now: Instant): readonly AskedBytes[] {
    this.#asked = this.#asked.filter(
      (one) => one.at <= Instant.plusSeconds(now, HOUR_SECONDS) && this.#endOf(one) > now,
    );
    return this.#asked;
  }

  /** When more may be asked for than now; null when nothing stands in the way. */
  nextRoom(now: Instant): Instant | null {
    const ends = this.lately(now).map((asked) => this.#endOf(asked));
    return ends.length === 0 ? null : (Math.min(...ends) as Instant);
  }

  /** A larger archive is spread over the hours that it would take. */
  #endOf({ at, bytes }: AskedBytes): Instant {
    const hours = Math.max(1, Math.ceil(bytes / this.#share));
    return Instant.plusSeconds(at, hours * HOUR_SECONDS);
  }
}
