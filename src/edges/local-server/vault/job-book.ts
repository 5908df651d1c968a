// The jobs of a vault: which can still be asked for, which archives they read, and of which nobody was told yet.

import type { Archive } from './archive.js';
import type { JobEndedRecord, JobRecord } from './records.js';
import { RollingHour } from './rolling-hour.js';

/** How long a finished job's output can be read. */
const JOB_REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** A job as it is by now. */
export interface Job {
  readonly sequence: number;
  readonly record: JobRecord;
  /** When it ends, or ended. */
  readonly readyAt: number;
  /** Why it failed; null for a job that succeeds. */
  readonly failure: string | null;
  /** The archive to be read, which may be deleted since; null for an inventory. */
  readonly archive: Archive | null;
}

/** As the API has it. */
export type JobStatus = 'InProgress' | 'Succeeded' | 'Failed';

/** Follows from the time alone. */
export function statusOf(job: Job, now: number): JobStatus {
  if (now < job.readyAt) return 'InProgress';
  return job.failure === null ? 'Succeeded' : 'Failed';
}

/** Told of all jobs in the order of the log. */
export class JobBook {
  readonly #jobs = new Map<string, Job>();
  /** Jobs of which no notice was given; they may be expired since. */
  readonly #unnoticed = new Map<string, Job>();
  /** How many jobs read an archive, by its id. */
  readonly #readers = new Map<string, number>();
  /** Bytes of Standard retrievals, by when they were asked for. */
  readonly #retrieved = new RollingHour();
  #nextEndAt = Number.POSITIVE_INFINITY;
  #nextExpiryAt = Number.POSITIVE_INFINITY;

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** In the order of asking. */
  all(): Iterable<Job> {
    return this.#jobs.values();
  }

  /** Whether a job that can still be read has the bytes of this archive. */
  reads(archiveId: string): boolean {
    return this.#readers.has(archiveId);
  }

  /** Jobs that can still be asked for at `now`, and those of which no notice was given. */
  remembered(now: number): Job[] {
    return [...this.#jobs.values()].filter((job) => now < expiryOf(job) || this.#unnoticed.has(job.record.id));
  }

  begin(record: JobRecord, sequence: number, archive: Archive | null): void {
    this.#keep({ sequence, record, readyAt: record.at + record.delayMs, failure: null, archive });
    if (archive !== null) this.#readers.set(archive.id, (this.#readers.get(archive.id) ?? 0) + 1);
    if (record.action !== 'archive-retrieval' || record.tier !== 'Standard') return;
    this.#retrieved.sumAt(record.at);
    this.#retrieved.add(record.at, record.end - record.start);
  }

  /** The job ends before or after it was due. */
  end({ id, failure, at }: JobEndedRecord): void {
    const job = this.#jobs.get(id);
    if (job !== undefined) this.#keep({ ...job, readyAt: at, failure });
  }

  /** Jobs that ended by `now` and of which no notice was given; looks at none of them before one can have ended. */
  unnoticed(now: number): Job[] {
    if (now < this.#nextEndAt) return [];
    const ended = [...this.#unnoticed.values()].filter((job) => job.readyAt <= now);
    if (ended.length > 0) return ended;
    this.#nextEndAt = Number.POSITIVE_INFINITY;
    for (const job of this.#unnoticed.values()) this.#expectEnd(job);
    return [];
  }

  /** A notice was given, or nobody wants one. */
  notice(id: string): void {
    this.#unnoticed.delete(id);
  }

  /** Bytes of the Standard retrievals that were asked for in the hour before `now`. */
  retrievedInHour(now: number): number {
    return this.#retrieved.sumAt(now);
  }

  /** Forgets the jobs whose output cannot be read any more by `now`, and gives them. */
  expire(now: number): Job[] {
    if (now < this.#nextExpiryAt) return [];
    const over = [...this.#jobs.values()].filter((job) => expiryOf(job) <= now);
    for (const job of over) this.#forget(job);
    this.#nextExpiryAt = Number.POSITIVE_INFINITY;
    for (const job of this.#jobs.values()) this.#expectExpiry(job);
    return over;
  }

  #keep(job: Job): void {
    this.#jobs.set(job.record.id, job);
    this.#unnoticed.set(job.record.id, job);
    this.#expectEnd(job);
    this.#expectExpiry(job);
  }

  #expectEnd(job: Job): void {
    this.#nextEndAt = Math.min(this.#nextEndAt, job.readyAt);
  }

  #expectExpiry(job: Job): void {
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, expiryOf(job));
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.record.id);
    if (job.archive === null) return;
    const readers = (this.#readers.get(job.archive.id) ?? 1) - 1;
    if (readers === 0) this.#readers.delete(job.archive.id);
    else this.#readers.set(job.archive.id, readers);
  }
}

/** When its output is gone. */
export function expiryOf(job: Job): number {
  return job.readyAt + JOB_REMEMBERED_MS;
}
