// The tasks that move or hash bytes, of files and of what comes in: in this thread or in others.

import type { LandingFile } from '../disk/landing-file.js';
import type { UploadId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import type { ByteRange } from '../model/parts.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { StoredArchive } from '../vault/port.js';
import type { ReadyRetrieval } from '../vault/retrieving-port.js';

/**
 * Moves bytes between files and a vault, at most so many at a time as it was made for; more callers wait their turn.
 * Memory: one part for each at work, and 2 MiB where the part is streamed.
 */
export interface Transfer {
  /** Tree hash of the file's content. @throws Failure FILE_UNREADABLE, FILE_VANISHED, FILE_CHANGED */
  hashFile(file: LocalFile, signal: AbortSignal): Promise<TreeHash>;

  /** The same of one range. @throws Failure as hashFile */
  hashRange(file: LocalFile, range: ByteRange, signal: AbortSignal): Promise<TreeHash>;

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
   * @throws Failure HASH_MISMATCH, VAULT_REFUSED when it does not say what it must, or what the vault or the landing throws
   */
  fetchRange(ready: ReadyRetrieval, range: ByteRange, into: RangeWriter, signal: AbortSignal): Promise<TreeHash>;

  /** Whether this range of a file that lands is there already, with this tree hash: it is read and hashed. */
  hasLanded(file: LandingFile, range: ByteRange, treeHash: TreeHash, signal: AbortSignal): Promise<boolean>;
}

/** Takes bytes for a place in a file. A piece may be reused by its owner once the write has ended. */
export interface RangeWriter {
  /** Where other threads may write as well, if there is such a file. */
  readonly file?: LandingFile;
  /** Nothing but the vault's own tree hash can prove what is fetched, so that it must tell one. Not of such a file. */
  readonly mustBeTold?: true;
  write(bytes: Uint8Array, at: number): Promise<void>;
}

/** Bytes that come once, in order, and cannot be read again: a pipe. */
export interface Inflow {
  /** As messages call it. */
  readonly name: string;
  /**
   * What comes next, never empty; null at the end, and ever after. Waits as long as it takes.
   * @throws Failure FILE_UNREADABLE, INTERRUPTED
   */
  read(signal: AbortSignal): Promise<Uint8Array | null>;
}

/** An inflow cut into parts. Memory: one part for each that is not yet disposed of, at most as many as it was made for. */
export interface Incoming {
  /** Bytes of every part but the last, which may be shorter. */
  readonly partSize: number;
  /**
   * The next part, once there is memory for it and it has come; null at the end. One call at a time.
   * @throws Failure FILE_TOO_LARGE when more comes than was allowed, or what the inflow throws
   */
  next(signal: AbortSignal): Promise<IncomingPart | null>;
}

/** A part in memory, until disposed of. */
export interface IncomingPart extends Disposable {
  readonly range: ByteRange;
  readonly treeHash: TreeHash;
  /** Sends it as an archive of its own, in one request. @throws Failure as the vault */
  sendWhole(description: string, signal: AbortSignal): Promise<StoredArchive>;
  /** Sends it as one part of an upload. @throws Failure as the vault */
  send(upload: UploadId, signal: AbortSignal): Promise<void>;
}
