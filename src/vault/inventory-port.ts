// What the program asks of a vault about all that it holds: inventories asked for, looked up and read.

import type { Instant } from '../model/clock.js';
import type { ArchiveId, JobId } from '../model/identifiers.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { Expected } from './retrieving-port.js';

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
