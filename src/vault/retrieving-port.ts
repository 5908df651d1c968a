// What the program asks of a vault to get archives back: retrievals asked for, looked up and read.

import type { Archive } from '../model/archive.js';
import type { Instant } from '../model/clock.js';
import type { ArchiveId, JobId, TopicArn } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import type { Tier } from '../model/tier.js';
import type { TreeHash } from '../model/tree-hash.js';

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
  | FailedRetrieval;

export interface ReadyRetrieval {
  readonly state: 'ready';
  readonly jobId: JobId;
  readonly requestedAt: Instant;
  /** Bytes that can be read. */
  readonly size: number;
  readonly readableUntil: Instant | null;
}

export interface FailedRetrieval {
  readonly state: 'failed';
  readonly jobId: JobId;
  readonly requestedAt: Instant;
  readonly why: string;
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

/** What is asked for of an archive, and how. */
export interface RetrievalTerms {
  readonly tier: Tier;
  /** Whole MiB of a large archive, its last one perhaps shorter; null: all of it. */
  readonly range: ByteRange | null;
  /** A topic that is told when it can be read, beside that of the vault; null: none. */
  readonly topic: TopicArn | null;
}

/** All of an archive, telling nobody but whom the vault tells. */
export function wholeAt(tier: Tier): RetrievalTerms {
  return { tier, range: null, topic: null };
}

export interface Retrieving {
  /**
   * Asks for an archive to be made readable. Costs money; asking twice costs twice.
   * @throws Failure ARCHIVE_NOT_FOUND; NO_CAPACITY, of Expedited ones; RETRIEVAL_POLICY, when the account's own limit
   * refuses it for now
   */
  requestRetrieval(archive: ArchiveId, terms: RetrievalTerms, signal: AbortSignal): Promise<RequestedRetrieval>;
  /** Where the retrieval of all of each wanted archive stands; of several, the best one. In the order wanted. */
  retrievals<A extends Pick<Archive, 'id'>>(
    wanted: AsyncIterable<A> | Iterable<A>,
    signal: AbortSignal,
  ): AsyncIterable<{ archive: A; retrieval: Retrieval }>;
  /** @throws Failure JOB_NOT_FOUND when it can no longer be read */
  read(ready: ReadyRetrieval, range: ByteRange, signal: AbortSignal): Promise<RetrievedRange>;
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
  /** One of them; null when the vault does not know it, or no longer. */
  job(id: JobId, signal: AbortSignal): Promise<VaultJob | null>;
}

/**
 * What an account lets itself be charged for Standard retrievals in a region. Source: Glacier developer guide, "Data
 * Retrieval Policies".
 */
export type RetrievalPolicy =
  | { readonly strategy: 'none' }
  /** Nothing beyond what is free: 10 GB a month. */
  | { readonly strategy: 'free-tier' }
  | { readonly strategy: 'bytes-per-hour'; readonly bytesPerHour: number };

/** Where a vault tells that its jobs have ended. */
export interface VaultNotifications {
  readonly topic: TopicArn;
  readonly ofArchives: boolean;
  readonly ofInventories: boolean;
}

export interface Notifying {
  /** null when the vault tells nobody. */
  notifications(signal: AbortSignal): Promise<VaultNotifications | null>;
  /** From now on the topic is told, and no other. @throws Failure VAULT_REFUSED when there is no such topic */
  notify(notifications: VaultNotifications, signal: AbortSignal): Promise<void>;
  /** From now on nobody is told. */
  stopNotifying(signal: AbortSignal): Promise<void>;
}
