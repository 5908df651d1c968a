// The archives of a plan as they become ready: looked for when word or the time comes, given, and rested between.

import type { Instant } from '../../model/clock.js';
import { asFailure, type Failure, reachOf, throwIfInterrupted } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Completions } from './completions.js';
import { nextReady } from './look-times.js';
import { type ArrivalTally, type LookPorts, type LookRequest, Looks } from './looks.js';
import { Rest } from './rest.js';
import type { Arrival, Fate } from './under-way.js';

export interface ArrivalPorts extends LookPorts {
  readonly completions: Completions;
}

export interface ArrivalRequest extends LookRequest {
  /** How often the vault is asked what is ready, where nobody tells. */
  readonly pollSeconds: number;
  /** Comes when the run is to end before all is here. */
  readonly timeUp: AbortSignal;
}

export class Arrivals {
  readonly #request: ArrivalRequest;
  readonly #ports: ArrivalPorts;
  readonly #halt: Halt;
  readonly #looks: Looks;
  readonly #rest: Rest;

  constructor(request: ArrivalRequest, ports: ArrivalPorts, tally: ArrivalTally, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#halt = halt;
    this.#looks = new Looks(request, ports, tally, halt);
    this.#rest = new Rest(ports.clock, request.pollSeconds);
  }

  /** So many are still to be asked for. */
  get toAskFor(): number {
    return this.#looks.toAskFor;
  }

  /** Whether nothing is under way any more, and nothing is left that may be asked for. */
  get isDone(): boolean {
    const { underWay } = this.#request;
    return this.#looks.isAllAskedFor && underWay.count === 0 && !underWay.isFetching;
  }

  /** Ends when all was given and is done with, or when the time is up. @throws Failure that no waiting cures */
  async *all(): AsyncGenerator<Arrival> {
    let look: 'at all' | 'at what is under way' | 'at nothing' = 'at all';
    while (!this.#request.timeUp.aborted) {
      throwIfInterrupted(this.#halt.soon);
      if (look === 'at all') await this.#look(() => this.#ask());
      if (look === 'at what is under way') await this.#look(() => this.#looks.atUnderWay());
      this.#looks.dropOver();
      yield* this.#ready();
      if (this.isDone) return;
      look = await this.#wake();
    }
  }

  /** What became of one that was given: `null` when it is to be tried again later. */
  done({ archive }: Arrival, fate: Fate | null): void {
    const { underWay } = this.#request;
    underWay.endFetch(archive.id);
    if (fate !== null) underWay.leave(archive.id, fate);
    if (fate === 'gone') this.#looks.again();
    this.#rest.ring();
  }

  /**
   * Does what comes last, however long others keep it from being done; another run does it when the time is up before.
   * @param work gives whether that was the end: if not, there may be more to bring than was seen
   */
  async atLast(work: () => Promise<boolean>): Promise<boolean> {
    let isEnd = true;
    const last = async (): Promise<void> => {
      isEnd = await work();
    };
    while (!(await this.#despiteTrouble(last)) && !this.#request.timeUp.aborted) {
      await this.#sleep(this.#nextLook());
      throwIfInterrupted(this.#halt.soon);
    }
    if (!isEnd) this.#looks.again();
    return isEnd;
  }

  /** Something went wrong that waiting may cure. */
  pauseFor(failure: Failure): void {
    if (this.#rest.pausedUntil === null) this.#ports.report(this.#rest.pauseFor(failure));
  }

  *#ready(): Generator<Arrival> {
    const { underWay, timeUp } = this.#request;
    for (const arrival of underWay.ready(this.#ports.clock.now())) {
      // While a large wave is fetched the next is asked for, so that the line is never idle.
      if (this.#rest.pausedUntil !== null || timeUp.aborted || this.#isAskingDue()) return;
      underWay.beginFetch(arrival.archive.id);
      yield arrival;
    }
  }

  async #look(work: () => Promise<void>): Promise<void> {
    const begun = this.#ports.clock.now();
    await this.#despiteTrouble(work);
    this.#rest.noteLook(begun);
  }

  async #ask(): Promise<void> {
    const refused = await this.#looks.atAll();
    if (refused !== null) this.#ports.report(this.#rest.refuse(refused));
  }

  async #wake(): Promise<'at all' | 'at what is under way' | 'at nothing'> {
    if (this.#isAskingDue()) return 'at all';
    const until = this.#nextLook();
    const jobs = await this.#sleep(until);
    if (jobs.length > 0) await this.#despiteTrouble(() => this.#looks.atJobs(jobs));
    if (this.#isAskingDue()) return 'at all';
    return this.#ports.clock.now() >= until ? 'at what is under way' : 'at nothing';
  }

  /** Gives the jobs that are said to have ended. */
  #sleep(until: Instant): Promise<readonly JobId[]> {
    const { underWay, timeUp } = this.#request;
    if (!underWay.isFetching) {
      const { count, bytes } = underWay;
      const { toAskFor } = this;
      this.#ports.report({ event: 'sleeping', until, underWay: count, underWayBytes: bytes, toAskFor });
    }
    return this.#rest.until(until, this.#ports.completions, this.#halt.soon, timeUp);
  }

  #isAskingDue(): boolean {
    return this.#rest.pausedUntil === null && this.#rest.refusedUntil === null && this.#looks.isDue;
  }

  /** The first moment at which there may be something to do. */
  #nextLook(): Instant {
    const now = this.#ports.clock.now();
    const { pausedUntil, refusedUntil } = this.#rest;
    const ready = nextReady(this.#request.underWay.nextExpected(), now);
    const moments = [ready, pausedUntil, refusedUntil, ...this.#looks.nextTimes];
    const ahead = moments.filter((moment) => moment !== null && moment > now);
    return Math.min(this.#rest.nextPoll(), ...ahead.map(Number)) as Instant;
  }

  /** Whatever waiting may cure ends nothing: the work is done at the next look. Gives whether it is done. */
  async #despiteTrouble(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#rest.endTrouble();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (!isCuredByWaiting(failure)) throw failure;
      this.pauseFor(failure);
      return false;
    }
  }
}

/** Others use the journal, or nobody answers: in a while that is over. */
export function isCuredByWaiting({ code }: Failure): boolean {
  return reachOf(code) === 'retry' || code === 'JOURNAL_LOCKED';
}
