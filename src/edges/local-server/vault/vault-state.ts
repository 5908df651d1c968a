// What a vault holds, computed from the facts of its log alone.

import type { Archive } from './archive.js';
import { type Holdings, InventoryBook } from './inventory-book.js';
import { type Job, JobBook } from './job-book.js';
import type { ArchiveRecord, JobRecord, PartRecord, UploadRecord, VaultRecord } from './records.js';
import { VaultSettings } from './vault-settings.js';

/** How long an ended upload is remembered. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** An upload in parts, under way or ended. */
export interface Upload extends Omit<UploadRecord, 'type'> {
  readonly sequence: number;
  /** By index. */
  readonly parts: Map<number, PartRecord>;
  /** When it was begun, or its last part came. */
  activeAt: number;
  /** How many of its parts are coming in at the moment; nothing of the log. */
  receiving: number;
  state: UploadState;
}

/** Whether parts may still come, and what became of it. */
export type UploadState =
  | { readonly is: 'open' }
  | { readonly is: 'completed'; readonly at: number; readonly archive: Archive }
  | { readonly is: 'aborted'; readonly at: number };

/** Told of all records in the order of the log; does nothing on disk. */
export class VaultState implements Holdings {
  name = '';
  createdAt = 0;
  size = 0;
  /** The latest time that any record has. */
  latestAt = 0;
  /** When an archive was last stored or deleted. */
  lastWriteAt: number | null = null;
  writes = 0;
  readonly archives = new Map<string, Archive>();
  readonly uploads = new Map<string, Upload>();
  readonly inventories: InventoryBook;
  readonly jobs = new JobBook();
  readonly settings = new VaultSettings();
  /** Uploads under way, by the id that their archive will have. */
  readonly #uploading = new Map<string, Upload>();
  #nextUploadExpiryAt = Number.POSITIVE_INFINITY;
  #sequence = 0;

  constructor(options: { readonly realistic: boolean }) {
    this.inventories = new InventoryBook(this, options);
  }

  apply(record: VaultRecord): void {
    this.inventories.takeDaily(record.at);
    this.#sequence += record.type === 'shortened' ? record.lines : 1;
    this.latestAt = Math.max(this.latestAt, record.at);
    switch (record.type) {
      case 'vault':
        this.name = record.name;
        this.createdAt = record.at;
        this.inventories.begin(record.at);
        return;
      case 'archive':
        this.#store(archiveOf(record, this.#sequence));
        return;
      case 'archive-deleted':
        this.#forget(record.id, record.at);
        return;
      case 'upload':
        this.#beginUpload(record);
        return;
      case 'part':
        this.#keepPart(this.#upload(record.upload), record);
        return;
      case 'upload-completed':
        this.#complete(this.#upload(record.id), record);
        return;
      case 'upload-aborted':
        this.#endUpload(this.#upload(record.id), { is: 'aborted', at: record.at });
        return;
      case 'upload-expired':
        this.#uploading.delete(this.#upload(record.id).archiveId);
        this.uploads.delete(record.id);
        return;
      case 'job':
        this.jobs.begin(record, this.#sequence, this.#archiveOf(record));
        return;
      case 'job-ended':
        this.jobs.end(record);
        return;
      case 'job-noticed':
        this.jobs.notice(record.id);
        return;
      case 'inventory':
        this.inventories.take(record.at);
        return;
      // They are about bytes and lines: what is over follows from the time alone.
      case 'outputs-expired':
      case 'shortened':
        return;
      case 'notifications':
      case 'notifications-deleted':
      case 'tags-added':
      case 'tags-removed':
      case 'access-policy':
      case 'access-policy-deleted':
      case 'lock':
      case 'lock-completed':
      case 'lock-aborted':
        this.settings.apply(record);
    }
  }

  /** Lines that a log needs at the least to say all this. */
  get linesNeeded(): number {
    const ofArchives = [...this.archives.values()].map(({ parts }) => (parts === null ? 1 : parts.files.length + 2));
    const ofUploads = [...this.#uploading.values()].map(({ parts }) => parts.size + 1);
    return [...ofArchives, ...ofUploads].reduce((sum, lines) => sum + lines, 1);
  }

  /** Uploads to which nothing came for so long; none of those to which something is coming. */
  idleUploads(now: number, idleMs: number): Upload[] {
    return [...this.#uploading.values()].filter((one) => one.receiving === 0 && one.activeAt + idleMs <= now);
  }

  /** When the upload was active that was not for the longest time; `now` when there is none. */
  leastActiveAt(now: number): number {
    return [...this.#uploading.values()].reduce((least, { activeAt }) => Math.min(least, activeAt), now);
  }

  /** Drops what is over by `now`, and gives the jobs that were. */
  expire(now: number): Job[] {
    this.#expireUploads(now);
    return this.jobs.expire(now);
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
    return this.archives.has(archiveId) || this.#uploading.has(archiveId) || this.jobs.reads(archiveId);
  }

  #store(archive: Archive): void {
    this.archives.set(archive.id, archive);
    this.size += archive.size;
    this.lastWriteAt = archive.createdAt;
    this.writes += 1;
  }

  #forget(id: string, at: number): void {
    this.size -= this.archives.get(id)?.size ?? 0;
    this.archives.delete(id);
    this.lastWriteAt = at;
    this.writes += 1;
  }

  #upload(id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined) throw new Error(`the log speaks of upload ${id} before it was begun`);
    return upload;
  }

  #beginUpload(record: UploadRecord): void {
    const upload: Upload = {
      ...record,
      sequence: this.#sequence,
      parts: new Map(),
      activeAt: record.at,
      receiving: 0,
      state: { is: 'open' },
    };
    this.uploads.set(record.id, upload);
    this.#uploading.set(record.archiveId, upload);
  }

  #keepPart(upload: Upload, record: PartRecord): void {
    upload.parts.set(record.index, record);
    upload.activeAt = record.at;
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
      parts: {
        partSize: upload.partSize,
        files: parts.map((part) => part.file),
        hashes: Buffer.concat(parts.map((part) => Buffer.from(part.treeHash, 'hex'))),
      },
      discarded: upload.discarded === true,
    };
    this.#store(archive);
    this.#endUpload(upload, { is: 'completed', at: record.at, archive });
  }

  #endUpload(upload: Upload, state: UploadState): void {
    upload.state = state;
    this.#expectUploadExpiry(state);
    upload.parts.clear();
    this.#uploading.delete(upload.archiveId);
  }

  #archiveOf(record: JobRecord): Archive | null {
    return record.action === 'archive-retrieval' ? (this.archives.get(record.archiveId) ?? null) : null;
  }

  #expireUploads(now: number): void {
    if (now < this.#nextUploadExpiryAt) return;
    for (const { id, state } of this.uploads.values()) {
      if (state.is !== 'open' && state.at + REMEMBERED_MS <= now) this.uploads.delete(id);
    }
    this.#nextUploadExpiryAt = Number.POSITIVE_INFINITY;
    for (const { state } of this.uploads.values()) this.#expectUploadExpiry(state);
  }

  #expectUploadExpiry(state: UploadState): void {
    if (state.is !== 'open') this.#nextUploadExpiryAt = Math.min(this.#nextUploadExpiryAt, state.at + REMEMBERED_MS);
  }
}

function archiveOf(record: ArchiveRecord, sequence: number): Archive {
  const { id, size, treeHash, description, at, discarded = false } = record;
  return { id, sequence, size, treeHash, description, createdAt: at, parts: null, discarded };
}
