// Storing in a vault in memory. It checks hashes, sizes and the coverage of parts as the real service does.

import type { Instant } from '../model/clock.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { ArchiveId, UploadId } from '../model/identifiers.js';
import { type ByteRange, isPartSize, LIMITS } from '../model/parts.js';
import { type TreeHash, treeHashOf } from '../model/tree-hash.js';
import {
  joined,
  type MemoryArchive,
  type MemorySettings,
  type OpenUpload,
  partsInOrder,
  type VaultContents,
} from './memory-contents.js';
import type {
  Body,
  Deleting,
  HashedBody,
  StoredArchive,
  UnfinishedUpload,
  UploadedPart,
  Uploading,
  UploadListing,
} from './port.js';

/** `contents` throws VAULT_NOT_FOUND while the vault does not exist. */
export class MemoryStoring implements Uploading, Deleting, UploadListing {
  readonly #contents: () => VaultContents;
  readonly #settings: MemorySettings;

  constructor(contents: () => VaultContents, settings: MemorySettings) {
    this.#contents = contents;
    this.#settings = settings;
  }

  /** For tests: what the vault holds, in the order of storing. */
  archives(): readonly MemoryArchive[] {
    return [...this.#contents().archives.values()];
  }

  /** For tests: the uploads begun and neither completed nor abandoned. */
  openUploads(): readonly UploadId[] {
    return [...this.#contents().uploads.keys()];
  }

  async uploadWhole(given: Body, description: string, signal: AbortSignal): Promise<StoredArchive> {
    throwIfInterrupted(signal);
    this.#contents();
    const body = await inMemory(given, signal);
    const { length } = body.bytes;
    if (length < 1 || length > LIMITS.wholeUploadMax) throw refused(`an archive cannot be ${length} bytes long`);
    this.#checkHashes(body);
    return this.#store(new Uint8Array(body.bytes), body.treeHash, description);
  }

  async beginUpload(partSize: number, description: string, signal: AbortSignal): Promise<UploadId> {
    throwIfInterrupted(signal);
    const { uploads } = this.#contents();
    if (!isPartSize(partSize)) throw refused(`a part cannot be ${partSize} bytes long`);
    const id = UploadId.parse(this.#settings.nextId('upload'));
    uploads.set(id, { partSize, description, begunAt: this.#settings.clock.now(), parts: new Map() });
    return id;
  }

  async uploadPart(upload: UploadId, range: ByteRange, given: Body, signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    this.#upload(upload);
    const body = await inMemory(given, signal);
    const { partSize, parts } = this.#upload(upload);
    const size = range.end - range.start;
    const lawful = range.start % partSize === 0 && size > 0 && size <= partSize && size === body.bytes.length;
    if (!lawful || range.start / partSize >= LIMITS.partCount) throw refused(`not a part: ${range.start}-${range.end}`);
    this.#checkHashes(body);
    const part = { range: { start: range.start, end: range.end }, treeHash: body.treeHash };
    parts.set(range.start, { part, bytes: new Uint8Array(body.bytes) });
  }

  async *uploadedParts(upload: UploadId, signal: AbortSignal): AsyncGenerator<UploadedPart> {
    throwIfInterrupted(signal);
    for (const { part } of partsInOrder(this.#upload(upload))) yield part;
  }

  async completeUpload(
    upload: UploadId,
    size: number,
    treeHash: TreeHash,
    signal: AbortSignal,
  ): Promise<StoredArchive> {
    throwIfInterrupted(signal);
    const { uploads, completed } = this.#contents();
    const before = completed.get(upload);
    if (before !== undefined) return before;
    const open = this.#upload(upload);
    const bytes = joined(open, size);
    if (treeHashOf(bytes, this.#settings.engine) !== treeHash) throw wrongHash('tree hash of the whole');
    const stored = this.#store(bytes, treeHash, open.description);
    completed.set(upload, stored);
    uploads.delete(upload);
    return stored;
  }

  async abandonUpload(upload: UploadId, signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    this.#contents().uploads.delete(upload);
  }

  async deleteArchive(archive: ArchiveId, signal: AbortSignal): Promise<Instant> {
    throwIfInterrupted(signal);
    this.#contents().archives.delete(archive);
    return this.#settings.clock.now();
  }

  async *unfinishedUploads(signal: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    throwIfInterrupted(signal);
    for (const [uploadId, { description, partSize, begunAt }] of this.#contents().uploads) {
      yield { uploadId, description, partSize, begunAt };
    }
  }

  #upload(upload: UploadId): OpenUpload {
    const open = this.#contents().uploads.get(upload);
    if (open === undefined) throw new Failure('UPLOAD_NOT_FOUND', `upload ${upload} is not open`);
    return open;
  }

  #store(bytes: Uint8Array, treeHash: TreeHash, description: string): StoredArchive {
    const { archives } = this.#contents();
    const archiveId = ArchiveId.parse(this.#settings.nextId('archive'));
    const at = this.#settings.clock.now();
    archives.set(archiveId, { id: archiveId, description, bytes, treeHash, createdAt: at });
    return { archiveId, at, unansweredRequests: 0 };
  }

  #checkHashes(body: HashedBody): void {
    const { engine } = this.#settings;
    if (Buffer.from(engine.digest(body.bytes)).toString('hex') !== body.sha256) throw wrongHash('SHA-256');
    if (treeHashOf(body.bytes, engine) !== body.treeHash) throw wrongHash('tree hash');
  }
}

/** A body that streams, with the bytes that come. */
async function inMemory(body: Body, signal: AbortSignal): Promise<HashedBody> {
  if ('bytes' in body) return body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body.pieces(signal)) pieces.push(new Uint8Array(piece));
  return { bytes: Buffer.concat(pieces), sha256: body.sha256, treeHash: body.treeHash };
}

function refused(message: string): Failure {
  return new Failure('VAULT_REFUSED', message);
}

function wrongHash(what: string): Failure {
  return new Failure('HASH_MISMATCH', `the ${what} is not that of the bytes that were sent`);
}
