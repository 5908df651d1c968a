// What the program asks of a vault, in facets: a flow takes only those that it needs.

import type { Archive } from '../model/archive.js';
import type { Instant } from '../model/clock.js';
import type { ArchiveId, JobId, UploadId, VaultName } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import type { TreeHash } from '../model/tree-hash.js';

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

/** How fast a retrieval is to be, and how dear: the fastest and dearest first. */
export const TIERS = ['Expedited', 'Standard', 'Bulk'] as const;

export type Tier = (typeof TIERS)[number];

/** Where a retrieval stands. Times are null where the vault does not tell. */
export type Retrieval =
  | { readonly state: 'none' }
  | {
      readonly state: 'running';
      readonly jobId: JobId;
      readonly requestedAt: Instant;
      readonly expected: Expected | null;
    }
  | ReadyRetrieval
  | { readonly state: 'failed'; readonly jobId: JobId; readonly why: string };

export interface ReadyRetrieval {
  readonly state: 'ready';
  readonly jobId: JobId;
  readonly requestedAt: Instant;
  /** Bytes that can be read. */
  readonly size: number;
  readonly readableUntil: Instant | null;
}

/** A retrieval that the vault has taken on. */
export interface RequestedRetrieval {
  readonly jobId: JobId;
  readonly at: Instant;
  readonly expected: Expected | null;
}

/** When a retrieval is expected to be ready, earliest and latest; null where the vault does not tell. */
export interface Expected {
  readonly from: Instant;
  readonly to: Instant;
}

/** Bytes of a ready retrieval. `treeHash` is what the vault says of exactly this range, null where it says nothing. */
export interface RetrievedRange {
  readonly treeHash: TreeHash | null;
  /** Exactly the bytes of the range, in pieces. Must be read to the end or returned. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Retrieving {
  /** Asks for an archive to be made readable. Costs money; asking twice costs twice. */
  requestRetrieval(archive: ArchiveId, tier: Tier, signal: AbortSignal): Promise<RequestedRetrieval>;
  /** Where the retrieval of each wanted archive stands; of several, the one that can be read longest. In the order wanted. */
  retrievals<A extends Pick<Archive, 'id'>>(
    wanted: AsyncIterable<A> | Iterable<A>,
    signal: AbortSignal,
  ): AsyncIterable<{ archive: A; retrieval: Retrieval }>;
  /** @throws Failure JOB_NOT_FOUND when it can no longer be read */
  read(ready: ReadyRetrieval, range: ByteRange, signal: AbortSignal): Promise<RetrievedRange>;
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
}

/** What a job made, or will make. Times are null where the vault does not tell. */
export interface VaultJob {
  readonly jobId: JobId;
  readonly kind: 'archive' | 'inventory' | 'other';
  readonly requestedAt: Instant | null;
  /** What was said when it was asked for; empty when nothing was. */
  readonly description: string;
  /** Bytes of the archive, or of the inventory once it is there. */
  readonly size: number | null;
  /** Of an archive: which, and which of its bytes where not all. */
  readonly archiveId: ArchiveId | null;
  readonly range: ByteRange | null;
  readonly tier: Tier | null;
  readonly progress:
    | { readonly state: 'running'; readonly expected: Expected | null }
    | { readonly state: 'ready'; readonly completedAt: Instant | null; readonly readableUntil: Instant | null }
    | { readonly state: 'failed'; readonly why: string };
}

export interface JobListing {
  /** Every job that the vault still knows, whoever asked for it, in no order. */
  jobs(signal: AbortSignal): AsyncIterable<VaultJob>;
}

export type InventoryFormat = 'JSON' | 'CSV';

/** An inventory of the whole vault: one that was asked for without dates, limit or marker. */
export type Inventory =
  | {
      readonly state: 'running';
      readonly jobId: JobId;
      readonly requestedAt: Instant;
      readonly expected: Expected | null;
    }
  | ReadyInventory
  | { readonly state: 'failed'; readonly jobId: JobId; readonly requestedAt: Instant; readonly why: string };

export interface ReadyInventory {
  readonly state: 'ready';
  readonly jobId: JobId;
  readonly requestedAt: Instant;
  readonly readableUntil: Instant | null;
  /** Bytes to be read, and how they are written; null where the vault does not tell. */
  readonly size: number | null;
  readonly format: InventoryFormat | null;
}

/** An inventory that the vault has taken on. */
export interface RequestedInventory {
  readonly jobId: JobId;
  readonly at: Instant;
  readonly expected: Expected | null;
}

/** An archive as an inventory lists it. The description is any text: its reader interprets it. */
export interface InventoriedArchive {
  readonly id: ArchiveId;
  readonly description: string;
  readonly createdAt: Instant;
  readonly size: number;
  readonly treeHash: TreeHash;
}

/** An inventory as it is written, or the rest of it. */
export interface InventoryOutput {
  readonly format: InventoryFormat;
  /** Where the body begins: what was asked for, or 0 from a vault that knows only wholes. */
  readonly start: number;
  /** Bytes of the whole; null where the vault does not tell. */
  readonly size: number | null;
  /** What the vault says of the whole; null where it says nothing. */
  readonly treeHash: TreeHash | null;
  /** In pieces, up to the end. Must be read to the end or returned. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What an inventory holds, as it comes. `taken` comes once at most, and never from a CSV inventory. */
export type InventoryItem =
  | { readonly item: 'taken'; readonly at: Instant }
  | { readonly item: 'archive'; readonly archive: InventoriedArchive }
  /** An entry that is no archive as Glacier has them; the rest is read on. */
  | { readonly item: 'unreadable'; readonly text: string; readonly why: string };

export interface Inventorying {
  /** Asks for an inventory of the whole vault, as the service last took it. @throws Failure VAULT_REFUSED before the first */
  requestInventory(format: InventoryFormat, description: string, signal: AbortSignal): Promise<RequestedInventory>;
  /** The inventories of the whole vault that the vault knows, newest first. */
  inventories(signal: AbortSignal): Promise<readonly Inventory[]>;
  /** The bytes of one, from byte `from` on. @throws Failure JOB_NOT_FOUND when it can no longer be read */
  inventoryOutput(ready: ReadyInventory, from: number, signal: AbortSignal): Promise<InventoryOutput>;
  /**
   * Reads one from its start. Memory: independent of its length. A connection that breaks on the way is taken up where
   * it broke.
   * @throws Failure JOB_NOT_FOUND when it can no longer be read, VAULT_REFUSED when it is no inventory or not a whole
   * one, HASH_MISMATCH when it is not the one that the vault means
   */
  readInventory(ready: ReadyInventory, signal: AbortSignal): AsyncIterable<InventoryItem>;
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
export interface Vault extends Uploading, Deleting, Retrieving, JobListing, Inventorying, UploadListing {}
