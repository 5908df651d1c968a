// Looks at what a plan still lacks: at all of it, asking for what may be asked for; at what is under way; at some jobs.

import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { JobListing, Retrieving } from '../../vault/retrieving-port.js';
import type { BegunRetrieval } from './ask-for.js';
import { askForMissing } from './asking-round.js';
import { isWorthAnother, type LastLook } from './look-times.js';
import type { MissingPorts } from './missing.js';
import { emptyRoundTally, type RoundRequest } from './round.js';
import type { Waves } from './waves.js';

export interface LookPorts extends Omit<MissingPorts, 'journal'> {
  readonly vault: Pick<Retrieving, 'requestRetrieval' | 'retrievals'> & Pick<JobListing, 'job'>;
  /** Lends the journal for writing. It is never held while something is waited for or fetched. */
  readonly whileWriting: <T>(work: (journal: Journal) => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

export interface LookRequest extends Omit<RoundRequest, 'wave' | 'scope' | 'reportMissing'> {
  readonly waves: Waves;
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

export class Looks {
  readonly #request: LookRequest;
  readonly #ports: LookPorts;
  readonly #tally: ArrivalTally;
  readonly #halt: Halt;
  /** Of the last look at all that is missing: what it found, and when and after what another is worth while. */
  #last: LastLook | null = null;
  #asksAgain = false;
  #toAskFor = 0;

  constructor(request: LookRequest, ports: LookPorts, tally: ArrivalTally, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#tally = tally;
    this.#halt = halt;
  }

  /** To be asked for when there is room, or when an earlier request is over that the vault does not show. */
  get toAskFor(): number {
    return this.#toAskFor;
  }

  /** Whether all was looked at, and nothing is left that may be asked for. */
  get isAllAskedFor(): boolean {
    return this.#last !== null && !this.#asksAgain && this.#toAskFor === 0;
  }

  /** Whether another look at all is worth while now. */
  get isDue(): boolean {
    if (this.#last === null || this.#asksAgain) return true;
    const { underWay, room } = this.#request;
    return isWorthAnother(this.#last, underWay, room, this.#ports.clock.now());
  }

  /** When time alone may make another look at all worth while. */
  get nextTimes(): readonly (Instant | null)[] {
    return [this.#last?.nextShare ?? null, this.#last?.found.notedUntil ?? null];
  }

  /** There may be more to ask for than was seen. */
  again(): void {
    this.#asksAgain = true;
  }

  /**
   * Gives why the vault takes no more for now, if so.
   * @throws Failure when it concerns the run
   */
  async atAll(): Promise<Failure | null> {
    const { waves, underWay, share } = this.#request;
    const isFirst = this.#last === null;
    const asksAgain = this.#asksAgain;
    const found = emptyRoundTally();
    const request: RoundRequest = {
      ...this.#request,
      wave: waves.next,
      scope: isFirst || asksAgain ? 'all' : 'while there is room',
      reportMissing: isFirst ? this.#ports.report : SILENT,
    };
    // What is gone while this looks may have been passed over: it is looked for once more.
    this.#asksAgain = false;
    try {
      await this.#ports.whileWriting((journal) =>
        askForMissing(request, { ...this.#ports, journal }, found, this.#halt),
      );
    } catch (thrown) {
      this.#asksAgain ||= asksAgain;
      throw thrown;
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
    const at = this.#ports.clock.now();
    const nextShare = found.later > 0 ? share.nextRoom(at) : null;
    this.#last = { found, at, bytes: underWay.bytes, count: underWay.count, nextShare };
    if (isFirst) waves.begun(0);
    waves.begun(request.wave);
    return found.refused;
  }

  async atUnderWay(): Promise<void> {
    const archives = this.#request.underWay.all().map(({ archive }) => archive);
    for await (const { archive, retrieval } of this.#ports.vault.retrievals(archives, this.#halt.now)) {
      const isBegun = retrieval.state === 'running' || retrieval.state === 'ready';
      this.#update(archive, isBegun ? retrieval : null);
    }
  }

  /** The vault is asked about those jobs that are ours and that had not ended: words are not believed. */
  async atJobs(jobs: readonly JobId[]): Promise<void> {
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

  /** What can be read no longer is to be asked for again. */
  dropOver(): void {
    for (const { archive } of this.#request.underWay.over(this.#ports.clock.now())) this.#lose(archive);
  }

  /** @param retrieval null when none is under way any more */
  #update(archive: Archive, retrieval: BegunRetrieval | null): void {
    const { underWay } = this.#request;
    // It may have been fetched while the vault was asked.
    if (underWay.isSettled(archive.id) || !underWay.has(archive.id)) return;
    if (retrieval !== null) underWay.put(archive, retrieval, 0);
    else this.#lose(archive);
  }

  #lose({ id }: Archive): void {
    this.#request.underWay.leave(id, 'gone');
    this.#asksAgain = true;
  }
}

const SILENT: Report = () => undefined;
