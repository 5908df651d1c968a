// Word that jobs of a vault have ended: a hint where to look, whoever gives it.

import type { Alarm, Instant } from '../../model/clock.js';
import type { JobId } from '../../model/identifiers.js';

/**
 * Word that jobs of a vault have ended. It is a hint where to look, and never believed: words may be lost, late, doubled
 * or forged.
 */
export interface Completions extends AsyncDisposable {
  /**
   * Ends with the jobs that are said to have ended, as soon as there are any; with none at `until`, or when told to
   * stop. What was handed on is done with when it is called again: a crash before loses nothing.
   */
  next(until: Instant, signal: AbortSignal): Promise<readonly JobId[]>;
}

/** Nobody tells; there is only the time. */
export function silentCompletions(alarm: Alarm): Completions {
  return {
    async next(until, signal) {
      await alarm.until(until, signal);
      return [];
    },
    async [Symbol.asyncDispose]() {},
  };
}
