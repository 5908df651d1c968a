// What the program asks of a vault, in facets: a flow takes only those that it needs.

import type { Instant } from '../model/clock.js';
import type { ArchiveId, UploadId, VaultName } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { Inventorying } from './inventory-port.js';
import type { JobListing, Notifying, RetrievalPolicy, Retrieving } from './retrieving-port.js';

/** Bytes to send, with both hashes of them: an adapter never hashes. `sha256` is lower-case hex of the whole body. */
export interface HashedBody {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly treeHash: TreeHash;
}

/** The same for bytes that are not held in memory: they are read anew for each attempt to send them. */
export interface StreamedBody {
  readonly size: number;
  readonly sha256: string;
  readonly treeHash: TreeHash;
  /**
   * Exactly `size` bytes, in order; a piece is good until the next is asked for. After the last byte it is returned and
   * asked for no more. What it throws before is thrown on.
   */
  pieces(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export type Body = HashedBody | StreamedBody;

/** An archive that the vault has confirmed. `at` is when it was asked to: the time that journals record. */
export interface StoredArchive {
  readonly archiveId: ArchiveId;
  readonly at: Instant;
  /**
   * How many earlier requests for this upload ended without an answer. Each may have left an archive of the same
   * content that nobody knows the id of. Only single-request uploads can; completing in parts is answered alike twice.
   */
  readonly unansweredRequests: number;
}

export interface UploadedPart {
  readonly range: ByteRange;
  readonly treeHash: TreeHash;
}

/** Storing. Descriptions are at most 1,024 printable ASCII characters. */
export interface Uploading {
  /**
   * Stores 1 byte to 4 GiB in one request.
   * @throws Failure CONNECTION_BROKEN, TIMED_OUT, VAULT_UNAVAILABLE or INTERRUPTED when nobody knows whether it was
   * stored; after any other it was not
   */
  uploadWhole(body: Body, description: string, signal: AbortSignal): Promise<StoredArchive>;
  /** Opens an upload in parts of `partSize` bytes (1 MiB times a power of two, at most 4 GiB). */
  beginUpload(partSize: number, description: string, signal: AbortSignal): Promise<UploadId>;
  /** Sends one part; sending a range again replaces it. */
  uploadPart(upload: UploadId, range: ByteRange, body: Body, signal: AbortSignal): Promise<void>;
  /** The parts that the vault holds, by range. @throws Failure UPLOAD_NOT_FOUND when it is completed, abandoned or expired */
  uploadedParts(upload: UploadId, signal: AbortSignal): AsyncIterable<UploadedPart>;
  /** Makes the archive. Repeated soon after a success it gives the same archive id. @throws Failure UPLOAD_NOT_FOUND */
  completeUpload(upload: UploadId, size: number, treeHash: TreeHash, signal: AbortSignal): Promise<StoredArchive>;
  /** Drops an upload and its parts. An upload that is gone already counts as dropped. */
  abandonUpload(upload: UploadId, signal: AbortSignal): Promise<void>;
}

export interface Deleting {
  /**
   * An archive that is gone already counts as deleted. Gives the time of the request.
   * @throws Failure as uploadWhole: after one that `isUnanswered` nobody knows whether it was deleted
   */
  deleteArchive(archive: ArchiveId, signal: AbortSignal): Promise<Instant>;
}

/** A vault as the service describes it. Counts are those of its last inventory. */
export interface VaultDescription {
  readonly name: VaultName;
  readonly arn: string;
  /** As the service writes it; with the ARN it tells a vault from one that was made anew under the same name. */
  readonly createdAt: string;
  readonly archives: number;
  readonly size: number;
  readonly inventoryAt: string | null;
}

/** The vaults of an account in one region. */
export interface Vaults {
  /** A vault that exists already counts as created. */
  create(name: VaultName, signal: AbortSignal): Promise<void>;
  /** @throws Failure VAULT_NOT_FOUND */
  describe(name: VaultName, signal: AbortSignal): Promise<VaultDescription>;
  /** By name. */
  list(signal: AbortSignal): AsyncIterable<VaultDescription>;
  /** A vault that does not exist counts as deleted. @throws Failure VAULT_NOT_EMPTY */
  delete(name: VaultName, signal: AbortSignal): Promise<void>;
  /** The account's own limit of retrievals here. */
  retrievalPolicy(signal: AbortSignal): Promise<RetrievalPolicy>;
}

/** An upload in parts that was neither completed nor abandoned, by whatever program. */
export interface UnfinishedUpload {
  readonly uploadId: UploadId;
  readonly description: string;
  readonly partSize: number;
  readonly begunAt: Instant;
}

export interface UploadListing {
  /** Every upload that the vault holds open, whoever began it, in no order. */
  unfinishedUploads(signal: AbortSignal): AsyncIterable<UnfinishedUpload>;
}

/** All that one vault can do. */
export interface Vault extends Uploading, Deleting, Retrieving, JobListing, Notifying, Inventorying, UploadListing {}
