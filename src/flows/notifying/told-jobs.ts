// Which jobs to tell of, and when: a job at once, and what is said of it again ever more seldom.

import { Instant } from '../../model/clock.js';
import type { JobId } from '../../model/identifiers.js';

/** Seconds from the first telling of a job to the second; each time twice as long. */
const FIRST_PAUSE = 60;
const LONGEST_PAUSE = 3600;
/** Jobs that are remembered; those that were told of longest ago are forgotten first. */
const REMEMBERED = 10_000;

interface Told {
  readonly at: Instant;
  readonly times: number;
}

/**
 * Whoever can send to a queue can say anything of any job, any number of times. So it costs no more than one look at a
 * job, then one after a minute, and so on; and what is true and came right after something false is not lost.
 */
export class ToldJobs {
  readonly #told = new Map<JobId, Told>();
  readonly #due = new Map<JobId, Instant>();

  /** It is said that the job has ended. */
  said(job: JobId, now: Instant): void {
    if (this.#due.has(job)) return;
    const last = this.#told.get(job);
    const pause = last === undefined ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (last.times - 1));
    this.#due.set(job, last === undefined ? now : Instant.plusSeconds(last.at, pause));
  }

  /** Those that it is time to tell of, which are told of by that. */
  take(now: Instant): JobId[] {
    const ready = [...this.#due].filter(([, at]) => at <= now).map(([job]) => job);
    for (const job of ready) {
      const times = (this.#told.get(job)?.times ?? 0) + 1;
      this.#due.delete(job);
      this.#told.delete(job);
      this.#told.set(job, { at: now, times });
    }
    this.#forget();
    return ready;
  }

  /** When the next is to be told of; null when nothing is. */
  nextAt(): Instant | null {
    let next: Instant | null = null;
    for (const at of this.#due.values()) if (next === null || at < next) next = at;
    return next;
  }

  #forget(): void {
    for (const job of this.#told.keys()) {
      if (this.#told.size <= REMEMBERED) return;
      this.#told.delete(job);
    }
  }
}
