// How a run that waits for retrievals rests: until the time, until word comes, until something has moved; longer after trouble.

import { type Clock, Instant } from '../../model/clock.js';
import type { RunEvent } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import type { Completions } from './completions.js';

/** After the first trouble; the next pause is twice as long, up to the poll interval. Seconds. */
const FIRST_PAUSE = 60;

/** A look that takes long, as it does over many jobs, is followed by a rest of so many times that. */
const REST_PER_LOOK = 4;

export class Rest {
  readonly #clock: Clock;
  readonly #pollSeconds: number;
  /** How long the last look took. Seconds. */
  #lookTook = 0;
  #bell = new AbortController();
  #pause = 0;
  #pausedUntil: Instant | null = null;
  #refusedUntil: Instant | null = null;

  constructor(clock: Clock, pollSeconds: number) {
    this.#clock = clock;
    this.#pollSeconds = pollSeconds;
  }

  /** Something has moved: a rest ends at once. */
  ring(): void {
    this.#bell.abort();
  }

  /** A look has ended that began then. */
  noteLook(begun: Instant): void {
    this.#lookTook = Math.max(0, this.#clock.now() - begun);
  }

  /** When the vault is asked at the latest: it is not to be kept busy with being asked. */
  nextPoll(): Instant {
    return Instant.plusSeconds(this.#clock.now(), Math.max(this.#pollSeconds, REST_PER_LOOK * this.#lookTook));
  }

  /** Nothing is tried for a while: what went wrong may pass. */
  pauseFor({ message }: Failure): RunEvent {
    this.#pause = Math.min(Math.max(FIRST_PAUSE, 2 * this.#pause), Math.max(FIRST_PAUSE, this.#pollSeconds));
    this.#pausedUntil = Instant.plusSeconds(this.#clock.now(), this.#pause);
    const hint = `nothing is lost; it is tried again in ${this.#pause} seconds`;
    return { event: 'notice', topic: 'waiting-despite-trouble', message, hint };
  }

  /** All went well. */
  endTrouble(): void {
    this.#pause = 0;
  }

  get pausedUntil(): Instant | null {
    return this.#ahead(this.#pausedUntil);
  }

  /** Nothing is asked for until the next poll: the vault takes no more for now. */
  refuse({ message, hint }: Failure): RunEvent {
    this.#refusedUntil = this.nextPoll();
    return { event: 'notice', topic: 'asking-later', message, hint: hint ?? 'it is asked for again later' };
  }

  get refusedUntil(): Instant | null {
    return this.#ahead(this.#refusedUntil);
  }

  /** The jobs that are said to have ended; none when the time has come, the bell was rung, or a signal came. */
  async until(at: Instant, completions: Completions, ...signals: readonly AbortSignal[]): Promise<readonly JobId[]> {
    const jobs = await completions.next(at, AbortSignal.any([...signals, this.#bell.signal]));
    this.#bell = new AbortController();
    return jobs;
  }

  /** What is further ahead than any pause is long was set by a clock that was set back since. */
  #ahead(at: Instant | null): Instant | null {
    const now = this.#clock.now();
    const longest = Math.max(FIRST_PAUSE, this.#pollSeconds);
    return at !== null && at > now && at <= Instant.plusSeconds(now, longest) ? at : null;
  }
}
