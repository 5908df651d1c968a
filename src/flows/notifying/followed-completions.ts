// Word from the file beside the journal into which `notify listen` writes: any number of processes may follow it.

import type { Completion } from '../../journal/completions-file.js';
import { type Alarm, type Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { asFailure } from '../../model/failure.js';
import type { Completions } from '../retrieving/completions.js';

/** Seconds between two looks. */
const LOOK_EVERY = 2;

export interface Following {
  /** What was added to the file since the last look. @throws Failure */
  readonly added: () => Promise<readonly Completion[]>;
  /** ARN of the vault whose jobs are waited for. */
  readonly vault: string;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly report: Report;
}

/** A file that cannot be read is told of once, and then there is only the time. */
export function followedCompletions({ added, vault, clock, alarm, report }: Following): Completions {
  let isTold = false;
  const look = async (): Promise<readonly Completion[]> => {
    try {
      return await added();
    } catch (thrown) {
      const { message, hint = null } = asFailure(thrown);
      if (!isTold) report({ event: 'notice', topic: 'completions', message, hint });
      isTold = true;
      return [];
    }
  };
  return {
    async next(until, signal) {
      const begun = clock.now();
      for (;;) {
        const jobs = (await look()).filter((one) => one.vault === vault).map(({ jobId }) => jobId);
        const now = clock.now();
        // A clock that was set back would let it wait for as long once more.
        if (jobs.length > 0 || signal.aborted || now >= until || now < begun) return [...new Set(jobs)];
        const nextLook = Instant.plusSeconds(now, LOOK_EVERY);
        await alarm.until(nextLook < until ? nextLook : until, signal);
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}
