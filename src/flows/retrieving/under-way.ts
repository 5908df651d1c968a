// What a restore has asked for and does not have yet: the archives under way, those that are being fetched, those given up.

import type { Archive } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import type { ArchiveId, JobId } from '../../model/identifiers.js';
import type { Expected, ReadyRetrieval } from '../../vault/retrieving-port.js';
import type { BegunRetrieval } from './ask-for.js';

/** An archive that is asked for, and where its retrieval stands. */
export interface Outstanding {
  readonly archive: Archive;
  readonly retrieval: BegunRetrieval;
  /** Which wave it was asked for in; 0 for what was under way before. */
  readonly wave: number;
}

/** An archive that can be fetched. */
export interface Arrival {
  readonly archive: Archive;
  readonly ready: ReadyRetrieval;
}

/** Why an archive is under way no more: `gone` is to be asked for again. */
export type Fate = 'here' | 'gone' | 'given up';

/** Is told what becomes of those that are under way. */
export interface Follower {
  added(outstanding: Outstanding): void;
  /** Also of one that was ready when it was added. */
  becameReady(outstanding: Outstanding): void;
  left(outstanding: Outstanding, fate: Fate): void;
}

/** Memory: about half a kilobyte an archive. */
export class UnderWay {
  readonly #follower: Follower;
  readonly #outstanding = new Map<ArchiveId, Outstanding>();
  readonly #archiveOf = new Map<JobId, ArchiveId>();
  readonly #atWork = new Set<ArchiveId>();
  readonly #givenUp = new Set<ArchiveId>();
  readonly #failed = new Map<ArchiveId, Set<JobId>>();
  /** Gone before they were fetched, and not asked for again yet. */
  readonly #gone = new Set<ArchiveId>();
  #bytes = 0;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  /** Of all that is asked for and not yet here, that is being fetched included. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#outstanding.size;
  }

  get isFetching(): boolean {
    return this.#atWork.size > 0;
  }

  /** Whether nothing is to be asked for it: it is being fetched, or was given up. */
  isSettled(id: ArchiveId): boolean {
    return this.#atWork.has(id) || this.#givenUp.has(id);
  }

  has(id: ArchiveId): boolean {
    return this.#outstanding.has(id);
  }

  all(): Outstanding[] {
    return [...this.#outstanding.values()];
  }

  ofJob(job: JobId): Outstanding | undefined {
    const id = this.#archiveOf.get(job);
    return id === undefined ? undefined : this.#outstanding.get(id);
  }

  /** One is under way, or stands elsewhere than before. Its wave stays what it was. */
  put(archive: Archive, retrieval: BegunRetrieval, wave: number): void {
    const before = this.#remove(archive.id);
    const outstanding = { archive, retrieval, wave: before?.wave ?? wave };
    this.#outstanding.set(archive.id, outstanding);
    this.#archiveOf.set(retrieval.jobId, archive.id);
    this.#bytes += archive.size;
    if (before === undefined) this.#follower.added(outstanding);
    if (retrieval.state === 'ready' && before?.retrieval.state !== 'ready') this.#follower.becameReady(outstanding);
  }

  /** Nothing is under way for it any more. One that was given up is not tried again in this run. */
  leave(id: ArchiveId, fate: Fate): void {
    const before = this.#remove(id);
    if (before !== undefined) this.#follower.left(before, fate);
    if (fate === 'gone' && before !== undefined) this.#gone.add(id);
    if (fate === 'given up') this.#givenUp.add(id);
  }

  #remove(id: ArchiveId): Outstanding | undefined {
    const before = this.#outstanding.get(id);
    if (before === undefined) return undefined;
    this.#outstanding.delete(id);
    this.#archiveOf.delete(before.retrieval.jobId);
    this.#bytes -= before.archive.size;
    return before;
  }

  /** Asked for anew; whether it was gone after an earlier request of this run. */
  isAgain(id: ArchiveId): boolean {
    return this.#gone.delete(id);
  }

  /**
   * A retrieval of it has failed. Told of the same job again, this changes nothing: it may be a while until the archive can be
   * asked for again.
   */
  noteFailed(id: ArchiveId, job: JobId): { readonly isNew: boolean; readonly count: number } {
    const failed = this.#failed.get(id) ?? new Set();
    const isNew = !failed.has(job);
    this.#failed.set(id, failed.add(job));
    return { isNew, count: failed.size };
  }

  beginFetch(id: ArchiveId): void {
    this.#atWork.add(id);
  }

  endFetch(id: ArchiveId): void {
    this.#atWork.delete(id);
  }

  /** Those that can be fetched and are not being fetched: the ones that are gone soonest before the others. */
  ready(now: Instant): Arrival[] {
    const found: Arrival[] = [];
    for (const { archive, retrieval } of this.#outstanding.values()) {
      if (retrieval.state !== 'ready' || this.#atWork.has(archive.id) || isOver(retrieval, now)) continue;
      found.push({ archive, ready: retrieval });
    }
    return found.sort((a, b) => endOf(a.ready) - endOf(b.ready));
  }

  /** Those whose time is over: they are to be asked for again. */
  over(now: Instant): Outstanding[] {
    return [...this.#outstanding.values()].filter(
      ({ archive, retrieval }) =>
        retrieval.state === 'ready' && isOver(retrieval, now) && !this.#atWork.has(archive.id),
    );
  }

  /** When the next of those under way can be expected at the latest; null where nothing is known. */
  nextExpected(): Instant | null {
    let next: Expected | null = null;
    for (const { retrieval } of this.#outstanding.values()) {
      if (retrieval.state !== 'running' || retrieval.expected === null) continue;
      if (next === null || retrieval.expected.to < next.to) next = retrieval.expected;
    }
    return next?.to ?? null;
  }
}

function isOver({ readableUntil }: ReadyRetrieval, now: Instant): boolean {
  return readableUntil !== null && readableUntil <= now;
}

function endOf({ readableUntil }: ReadyRetrieval): number {
  return readableUntil ?? Number.MAX_SAFE_INTEGER;
}
