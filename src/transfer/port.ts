// The four tasks that move or hash bytes, behind one interface: in this thread today, in others when there are any.

import type { UploadId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import type { ByteRange } from '../model/parts.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { ReadyRetrieval, StoredArchive } from '../vault/port.js';

/**
 * Moves bytes between files and a vault, at most so many at a time as it was made for; more callers wait their turn.
 * Memory: one part for each at work.
 */
export interface Transfer {
  /** Tree hash of the file's content. @throws Failure FILE_UNREADABLE, FILE_VANISHED, FILE_CHANGED */
  hashFile(file: LocalFile, signal: AbortSignal): Promise<TreeHash>;

  /**
   * Sends the file in one request.
   * @throws Failure FILE_… as hashFile, or what the vault throws
   */
  sendWhole(
    file: LocalFile,
    description: string,
    signal: AbortSignal,
  ): Promise<{ stored: StoredArchive; treeHash: TreeHash }>;

  /**
   * Sends one part, unless the vault already has it with this very content (`held`).
   * @throws Failure as sendWhole
   */
  sendPart(
    file: LocalFile,
    upload: UploadId,
    range: ByteRange,
    held: TreeHash | null,
    signal: AbortSignal,
  ): Promise<{ treeHash: TreeHash; sent: boolean }>;

  /**
   * Fetches a range of a ready retrieval into the same place of a file, and gives the tree hash of what was written,
   * checked against what the vault says of the range.
   * @throws Failure HASH_MISMATCH, or what the vault or the landing throws
   */
  fetchRange(ready: ReadyRetrieval, range: ByteRange, into: RangeWriter, signal: AbortSignal): Promise<TreeHash>;
}

/** Takes bytes for a place in a file. A piece may be reused by its owner once the write has ended. */
export interface RangeWriter {
  write(bytes: Uint8Array, at: number): Promise<void>;
}
