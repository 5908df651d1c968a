// Points in time as the journal counts them, and the clock that tells now.

declare const instant: unique symbol;

/** Whole seconds since 1970-01-01T00:00:00Z; negative before. The unit of journals and of file times. */
export type Instant = number & { readonly [instant]: true };

export const Instant = {
  /** @throws RangeError when `seconds` is not a whole number */
  ofSeconds(seconds: number): Instant {
    if (!Number.isInteger(seconds)) throw new RangeError(`not a whole number of seconds: ${seconds}`);
    return seconds as Instant;
  },

  /** The second that contains this millisecond. */
  ofMs(ms: number): Instant {
    return Math.floor(ms / 1000) as Instant;
  },

  plusSeconds(at: Instant, seconds: number): Instant {
    return (at + seconds) as Instant;
  },
} as const;

/** Tells the time. Taken as an argument wherever time matters, so that tests can move it. */
export interface Clock {
  now(): Instant;
}

/** Waits until it is so late by a clock, however long that takes. Ends early, without an error, when it is told to stop. */
export interface Alarm {
  until(at: Instant, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = { now: () => Instant.ofMs(Date.now()) };
