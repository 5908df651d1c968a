// What a vault holds, computed from the facts of its log alone.

import type { JobRecord, PartRecord, UploadRecord, VaultRecord } from './records.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a finished job's output can be read, and an ended upload is remembered. */
export const REMEMBERED_MS = DAY_MS;

export interface Archive {
  readonly id: string;
  /** Its place in the order of storing. */
  readonly sequence: number;
  readonly size: number;
  readonly treeHash: string;
  readonly description: string;
  readonly createdAt: number;
  /** The files that make it up, in order; null for one file under its own name. */
  readonly parts: { readonly partSize: number; readonly files: readonly string[] } | null;
}

export interface Upload extends Omit<UploadRecord, 'type'> {
  readonly sequence: number;
  /** By index. */
  readonly parts: Map<number, PartRecord>;
  state: UploadState;
}

export type UploadState =
  | { readonly is: 'open' }
  | { readonly is: 'completed'; readonly at: number; readonly archive: Archive }
  | { readonly is: 'aborted'; readonly at: number };

export interface Job {
  readonly sequence: number;
  readonly record: JobRecord;
  readonly readyAt: number;
  readonly expiresAt: number;
  /** The archive to be read, which may be deleted since; null for an inventory. */
  readonly archive: Archive | null;
}

/** The list that an inventory shows. */
export interface Inventory {
  readonly at: number;
  readonly archives: readonly Archive[];
  readonly size: number;
}

export class VaultState {
  name = '';
  createdAt = 0;
  size = 0;
  /** When an archive was last stored or deleted. */
  lastWriteAt: number | null = null;
  readonly archives = new Map<string, Archive>();
  readonly uploads = new Map<string, Upload>();
  readonly jobs = new Map<string, Job>();
  /** Uploads under way, by the id that their archive will have. */
  readonly #uploading = new Map<string, Upload>();
  /** How many jobs read an archive, by its id. */
  readonly #readers = new Map<string, number>();
  #nextExpiryAt = Number.POSITIVE_INFINITY;
  readonly #realistic: boolean;
  #sequence = 0;
  #daily: Inventory | null = null;
  #nextDailyAt = 0;

  constructor(options: { readonly realistic: boolean }) {
    this.#realistic = options.realistic;
  }

  apply(record: VaultRecord): void {
    this.#takeDaily(record.at);
    this.#sequence += 1;
    switch (record.type) {
      case 'vault':
        this.name = record.name;
        this.createdAt = record.at;
        this.#nextDailyAt = record.at + DAY_MS;
        return;
      case 'archive':
        this.#store({ ...record, sequence: this.#sequence, createdAt: record.at, parts: null });
        return;
      case 'archive-deleted':
        this.#forget(record.id, record.at);
        return;
      case 'upload':
        this.#beginUpload(record);
        return;
      case 'part':
        this.#upload(record.upload).parts.set(record.index, record);
        return;
      case 'upload-completed':
        this.#complete(this.#upload(record.id), record);
        return;
      case 'upload-aborted':
        this.#endUpload(this.#upload(record.id), { is: 'aborted', at: record.at });
        return;
      case 'job':
        this.#beginJob(record);
    }
  }

  /**
   * The inventory as of `now`; null before the first one. Live unless the vault is realistic: then it is taken every
   * 24 hours counted from the vault's creation, when something was stored or deleted since the one before.
   */
  inventory(now: number): Inventory | null {
    if (this.#realistic) {
      this.#takeDaily(now);
      return this.#daily;
    }
    return this.lastWriteAt === null ? null : this.#snapshot(this.lastWriteAt);
  }

  /** Counters of the inventory, without its list. */
  counters(now: number): { at: number; archives: number; size: number } | null {
    if (!this.#realistic) {
      return this.lastWriteAt === null ? null : { at: this.lastWriteAt, archives: this.archives.size, size: this.size };
    }
    const daily = this.inventory(now);
    return daily === null ? null : { at: daily.at, archives: daily.archives.length, size: daily.size };
  }

  /** Whether the vault may be deleted: the inventory shows nothing, and nothing was written after it. */
  isDeletable(now: number): boolean {
    if (this.lastWriteAt === null) return true;
    const counters = this.counters(now);
    return counters !== null && counters.archives === 0 && this.lastWriteAt <= counters.at;
  }

  /** Drops what is over by `now`, and gives the jobs that were. */
  expire(now: number): Job[] {
    if (now < this.#nextExpiryAt) return [];
    const over = [...this.jobs.values()].filter((job) => job.expiresAt <= now);
    for (const job of over) this.#endJob(job);
    for (const upload of this.uploads.values()) {
      if (upload.state.is !== 'open' && upload.state.at + REMEMBERED_MS <= now) this.uploads.delete(upload.id);
    }
    this.#nextExpiryAt = Number.POSITIVE_INFINITY;
    for (const job of this.jobs.values()) this.#expectExpiry(job.expiresAt);
    for (const { state } of this.uploads.values())
      if (state.is !== 'open') this.#expectExpiry(state.at + REMEMBERED_MS);
    return over;
  }

  /** Files of an archive in parts, or of an upload under way; null when they are not known (a job reads them). */
  partsOf(archiveId: string): ReadonlySet<string> | null {
    const upload = this.#uploading.get(archiveId);
    if (upload !== undefined) return new Set([...upload.parts.values()].map((part) => part.file));
    const archive = this.archives.get(archiveId);
    return archive === undefined ? null : new Set(archive.parts?.files);
  }

  /** Whether an archive, an upload under way or a job that can still be read has these bytes. */
  needs(archiveId: string): boolean {
    return this.archives.has(archiveId) || this.#uploading.has(archiveId) || this.#readers.has(archiveId);
  }

  /** Nothing changes between two records, so the list as it is now is the list at the last full day before `now`. */
  #takeDaily(now: number): void {
    if (!this.#realistic || this.#nextDailyAt === 0 || now < this.#nextDailyAt) return;
    const at = this.#nextDailyAt + Math.floor((now - this.#nextDailyAt) / DAY_MS) * DAY_MS;
    this.#nextDailyAt = at + DAY_MS;
    if (this.lastWriteAt === null || (this.#daily !== null && this.lastWriteAt <= this.#daily.at)) return;
    this.#daily = this.#snapshot(at);
  }

  #snapshot(at: number): Inventory {
    return { at, archives: [...this.archives.values()], size: this.size };
  }

  #store(archive: Archive): void {
    this.archives.set(archive.id, archive);
    this.size += archive.size;
    this.lastWriteAt = archive.createdAt;
  }

  #forget(id: string, at: number): void {
    this.size -= this.archives.get(id)?.size ?? 0;
    this.archives.delete(id);
    this.lastWriteAt = at;
  }

  #upload(id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined) throw new Error(`the log speaks of upload ${id} before it was begun`);
    return upload;
  }

  #beginUpload(record: UploadRecord): void {
    const upload: Upload = { ...record, sequence: this.#sequence, parts: new Map(), state: { is: 'open' } };
    this.uploads.set(record.id, upload);
    this.#uploading.set(record.archiveId, upload);
  }

  #complete(upload: Upload, record: { size: number; treeHash: string; at: number }): void {
    const parts = [...upload.parts.values()].sort((a, b) => a.index - b.index);
    const archive: Archive = {
      id: upload.archiveId,
      sequence: this.#sequence,
      size: record.size,
      treeHash: record.treeHash,
      description: upload.description,
      createdAt: record.at,
      parts: { partSize: upload.partSize, files: parts.map((part) => part.file) },
    };
    this.#store(archive);
    this.#endUpload(upload, { is: 'completed', at: record.at, archive });
  }

  #endUpload(upload: Upload, state: UploadState): void {
    upload.state = state;
    if (state.is !== 'open') this.#expectExpiry(state.at + REMEMBERED_MS);
    upload.parts.clear();
    this.#uploading.delete(upload.archiveId);
  }

  #beginJob(record: JobRecord): void {
    const readyAt = record.at + record.delayMs;
    const expiresAt = readyAt + REMEMBERED_MS;
    const archive = record.action === 'archive-retrieval' ? (this.archives.get(record.archiveId) ?? null) : null;
    this.jobs.set(record.id, { sequence: this.#sequence, record, readyAt, expiresAt, archive });
    this.#expectExpiry(expiresAt);
    if (archive !== null) this.#readers.set(archive.id, (this.#readers.get(archive.id) ?? 0) + 1);
  }

  #expectExpiry(at: number): void {
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, at);
  }

  #endJob(job: Job): void {
    this.jobs.delete(job.record.id);
    if (job.archive === null) return;
    const readers = (this.#readers.get(job.archive.id) ?? 1) - 1;
    if (readers === 0) this.#readers.delete(job.archive.id);
    else this.#readers.set(job.archive.id, readers);
  }
}
