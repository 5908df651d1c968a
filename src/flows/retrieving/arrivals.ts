// The archives of a plan as they become ready: asked for as room allows, looked up when word or the time comes, asked for again when they were gone.

import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { asFailure, type Failure, reachOf, throwIfInterrupted } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { JobListing, Retrieving } from '../../vault/retrieving-port.js';
import type { BegunRetrieval } from './ask-for.js';
import { askForMissing } from './asking-round.js';
import type { Completions } from './completions.js';
import { isWorthAnother, type LastLook, nextReady } from './look-times.js';
import type { MissingPorts } from './missing.js';
import { Rest } from './rest.js';
import { emptyRoundTally, type RoundRequest } from './round.js';
import type { Arrival, Fate } from './under-way.js';
import type { Waves } from './waves.js';

export interface ArrivalPorts extends Omit<MissingPorts, 'journal'> {
  readonly vault: Pick<Retrieving, 'requestRetrieval' | 'retrievals'> & Pick<JobListing, 'job'>;
  /** Lends the journal for writing. It is never held while something is waited for or fetched. */
  readonly whileWriting: <T>(work: (journal: Journal) => Promise<T>) => Promise<T>;
  readonly completions: Completions;
  readonly clock: Clock;
}

export interface ArrivalRequest extends Omit<RoundRequest, 'wave' | 'scope' | 'reportMissing'> {
  readonly waves: Waves;
  /** How often the vault is asked what is ready, where nobody tells. */
  readonly pollSeconds: number;
  /** Comes when the run is to end before all is here. */
  readonly timeUp: AbortSignal;
}

/** What asking has come to; fetching is counted by whoever fetches. */
export interface ArrivalTally {
  here: number;
  failed: number;
  requested: number;
  requestedBytes: number;
  /** Asked for again, because it was gone before it was fetched, or had failed. */
  again: number;
  againBytes: number;
  /** Beyond what the plan allows. */
  left: number;
}

export class Arrivals {
  readonly #request: ArrivalRequest;
  readonly #ports: ArrivalPorts;
  readonly #tally: ArrivalTally;
  readonly #halt: Halt;
  readonly #rest: Rest;
  /** Of the last look at all that is missing: what it found, and when and after what another is worth while. */
  #last: LastLook | null = null;
  #asksAgain = false;
  #toAskFor = 0;

  constructor(request: ArrivalRequest, ports: ArrivalPorts, tally: ArrivalTally, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#tally = tally;
    this.#halt = halt;
    this.#rest = new Rest(ports.clock, request.pollSeconds);
  }

  /** To be asked for when there is room, or when an earlier request is over that the vault does not show. */
  get toAskFor(): number {
    return this.#toAskFor;
  }

  /** Whether nothing is under way any more, and nothing is left that may be asked for. */
  get isDone(): boolean {
    const { underWay } = this.#request;
    return (
      this.#last !== null && underWay.count === 0 && !underWay.isFetching && !this.#asksAgain && this.toAskFor === 0
    );
  }

  /** Ends when all was given and is done with, or when the time is up. @throws Failure that no waiting cures */
  async *all(): AsyncGenerator<Arrival> {
    let look: 'at all' | 'at what is under way' | 'at nothing' = 'at all';
    while (!this.#request.timeUp.aborted) {
      throwIfInterrupted(this.#halt.soon);
      if (look === 'at all') await this.#look(() => this.#lookAtAll());
      if (look === 'at what is under way') await this.#look(() => this.#lookAtUnderWay());
      this.#dropOver();
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
    if (fate === 'gone') this.#asksAgain = true;
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
    if (!isEnd) this.#asksAgain = true;
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

  async #lookAtAll(): Promise<void> {
    const { waves, underWay, share } = this.#request;
    const isFirst = this.#last === null;
    const found = emptyRoundTally();
    const request: RoundRequest = {
      ...this.#request,
      wave: waves.next,
      scope: isFirst || this.#asksAgain ? 'all' : 'while there is room',
      reportMissing: isFirst ? this.#ports.report : SILENT,
    };
    try {
      await this.#ports.whileWriting((journal) =>
        askForMissing(request, { ...this.#ports, journal }, found, this.#halt),
      );
    } finally {
      this.#tally.requested += found.requested;
      this.#tally.requestedBytes += found.requestedBytes;
      this.#tally.again += found.again;
      this.#tally.againBytes += found.againBytes;
      this.#tally.failed += found.givenUp;
    }
    if (isFirst) {
      this.#tally.here = found.here;
      this.#tally.failed += found.failed;
    }
    const sawAll = request.scope === 'all' || found.later === 0;
    if (sawAll) this.#tally.left = found.left;
    const before = sawAll ? 0 : this.#toAskFor - found.requested - found.again - found.givenUp - found.left;
    this.#toAskFor = Math.max(before, found.later + found.noted);
    this.#asksAgain = false;
    const at = this.#ports.clock.now();
    const nextShare = found.later > 0 ? share.nextRoom(at) : null;
    this.#last = { found, at, bytes: underWay.bytes, count: underWay.count, nextShare };
    if (isFirst) waves.begun(0);
    waves.begun(request.wave);
    if (found.refused !== null) this.#ports.report(this.#rest.refuse(found.refused));
  }

  async #lookAtUnderWay(): Promise<void> {
    const archives = this.#request.underWay.all().map(({ archive }) => archive);
    for await (const { archive, retrieval } of this.#ports.vault.retrievals(archives, this.#halt.now)) {
      const isBegun = retrieval.state === 'running' || retrieval.state === 'ready';
      this.#update(archive, isBegun ? retrieval : null);
    }
  }

  /** The vault is asked about those jobs that are ours and that had not ended: words are not believed. */
  async #lookAtJobs(jobs: readonly JobId[]): Promise<void> {
    for (const id of new Set(jobs)) {
      const ours = this.#request.underWay.ofJob(id);
      if (ours?.retrieval.state !== 'running') continue;
      const { archive, retrieval } = ours;
      const job = await this.#ports.vault.job(id, this.#halt.now);
      if (job === null || job.progress.state === 'failed') this.#update(archive, null);
      else if (job.progress.state === 'ready') {
        const { jobId, requestedAt } = retrieval;
        const { readableUntil } = job.progress;
        this.#update(archive, { state: 'ready', jobId, requestedAt, size: job.size ?? archive.size, readableUntil });
      }
    }
  }

  /** @param retrieval null when none is under way any more */
  #update(archive: Archive, retrieval: BegunRetrieval | null): void {
    const { underWay } = this.#request;
    // It may have been fetched while the vault was asked.
    if (underWay.isSettled(archive.id) || !underWay.has(archive.id)) return;
    if (retrieval !== null) underWay.put(archive, retrieval, 0);
    else this.#lose(archive);
  }

  #dropOver(): void {
    for (const { archive } of this.#request.underWay.over(this.#ports.clock.now())) this.#lose(archive);
  }

  #lose({ id }: Archive): void {
    this.#request.underWay.leave(id, 'gone');
    this.#asksAgain = true;
  }

  async #wake(): Promise<'at all' | 'at what is under way' | 'at nothing'> {
    if (this.#isAskingDue()) return 'at all';
    const until = this.#nextLook();
    const jobs = await this.#sleep(until);
    if (jobs.length > 0) await this.#despiteTrouble(() => this.#lookAtJobs(jobs));
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
    if (this.#rest.pausedUntil !== null || this.#rest.refusedUntil !== null) return false;
    if (this.#last === null || this.#asksAgain) return true;
    const { underWay, room } = this.#request;
    return isWorthAnother(this.#last, underWay, room, this.#ports.clock.now());
  }

  /** The first moment at which there may be something to do. */
  #nextLook(): Instant {
    const now = this.#ports.clock.now();
    const { pausedUntil, refusedUntil } = this.#rest;
    const ready = nextReady(this.#request.underWay.nextExpected(), now);
    const { nextShare = null, found } = this.#last ?? {};
    const moments = [ready, pausedUntil, refusedUntil, nextShare, found?.notedUntil ?? null];
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

const SILENT: Report = () => undefined;

/** Others use the journal, or nobody answers: in a while that is over. */
export function isCuredByWaiting({ code }: Failure): boolean {
  return reachOf(code) === 'retry' || code === 'JOURNAL_LOCKED';
}
