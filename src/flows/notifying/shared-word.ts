// What one of several waiting runs takes from a queue, where each message is taken by one alone, all of them hear.

import type { Completion } from '../../journal/completions-file.js';
import type { Clock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { asFailure } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import type { Completions } from '../retrieving/completions.js';

export interface WordSharing {
  /** ARN of the vault whose jobs are waited for. */
  readonly vault: string;
  readonly clock: Clock;
  readonly report: Report;
  /** Notes it where the others look. @throws Failure */
  readonly append: (completion: Completion) => Promise<void>;
}

/** Its own notes are not news to a run. */
export class SharedWord {
  readonly #parts: WordSharing;
  /** Noted here, and not yet come upon in the file. */
  readonly #own = new Set<JobId>();
  #isTold = false;

  constructor(parts: WordSharing) {
    this.#parts = parts;
  }

  /** The same word, which is noted before it is handed on. Where it cannot be noted, the others have the time. */
  noting(told: Completions): Completions {
    return {
      next: async (until, signal) => {
        const jobs = await told.next(until, signal);
        await this.#note(jobs);
        return jobs;
      },
      [Symbol.asyncDispose]: () => told[Symbol.asyncDispose](),
    };
  }

  /** Of what was found in the file, what others noted. */
  ofOthers(found: readonly Completion[]): readonly Completion[] {
    return found.filter(({ jobId }) => !this.#own.delete(jobId));
  }

  async #note(jobs: readonly JobId[]): Promise<void> {
    const { append, vault, clock, report } = this.#parts;
    try {
      for (const jobId of jobs) {
        // Before it stands there: the file may be looked at in the same moment.
        this.#own.add(jobId);
        await append({ at: clock.now(), vault, jobId });
      }
    } catch (thrown) {
      for (const jobId of jobs) this.#own.delete(jobId);
      const { message, hint = null } = asFailure(thrown);
      if (!this.#isTold) report({ event: 'notice', topic: 'completions', message, hint });
      this.#isTold = true;
    }
  }
}
