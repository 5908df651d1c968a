// What a run tells while it works. The terminal, the JSON lines and the run files are three readings of these.

import type { Instant } from './clock.js';
import type { FailureCode } from './failure.js';
import type { ArchiveId, JobId, UploadId } from './identifiers.js';
import type { ByteRange } from './parts.js';
import type { RelPath } from './rel-path.js';
import type { TreeHash } from './tree-hash.js';

/** Why something in the directory is not kept. */
export type LeftOutReason =
  | 'empty-file'
  | 'empty-directory'
  | 'link-to-directory'
  | 'entered-already'
  | 'dangling-link'
  | 'special-file'
  | 'unfinished-download'
  | 'own-file';

/** What check-local-hash found of one file. */
export type CheckResult =
  | { readonly result: 'ok' }
  | { readonly result: 'missing' }
  | { readonly result: 'empty' }
  | { readonly result: 'unreadable'; readonly why: string }
  | { readonly result: 'size'; readonly actual: number }
  | { readonly result: 'tree-hash'; readonly actual: TreeHash };

/** What verify-remote found of one archive of the vault or of the journal. `inVault` is what the inventory says of it. */
type VerifyResult =
  | { readonly result: 'missing' }
  | { readonly result: 'orphaned' }
  | {
      readonly result: 'differing';
      readonly differs: readonly ('size' | 'tree-hash' | 'name')[];
      readonly inVault: { readonly size: number; readonly treeHash: TreeHash; readonly name: string | null };
    }
  /** Stored or deleted since the inventory was taken, so nothing follows. */
  | { readonly result: 'too-new' };

/** A step that a dry run would take. */
export type PlannedStep =
  /** The size is null where it is known only when all has come in. */
  | { readonly do: 'upload'; readonly path: RelPath; readonly size: number | null }
  | { readonly do: 'verify-and-upload'; readonly path: RelPath; readonly size: number }
  | { readonly do: 'delete'; readonly path: RelPath; readonly archiveId: ArchiveId }
  /** The range is left out where it is about all of the archive. */
  | { readonly do: 'retrieve'; readonly path: RelPath; readonly archiveId: ArchiveId; readonly range?: ByteRange }
  | { readonly do: 'download'; readonly path: RelPath; readonly archiveId: ArchiveId; readonly range?: ByteRange }
  | { readonly do: 'check'; readonly path: RelPath }
  | { readonly do: 'adopt'; readonly path: RelPath; readonly archiveId: ArchiveId }
  | { readonly do: 'forget'; readonly path: RelPath; readonly archiveId: ArchiveId }
  | { readonly do: 'resume'; readonly path: RelPath; readonly size: number; readonly uploadId: UploadId }
  | { readonly do: 'abandon'; readonly path: string | null; readonly uploadId: UploadId };

/** Sizes are bytes, times are seconds since 1970. Every name is safe to print only after `printable`. */
export type RunEvent =
  | ({ readonly event: 'planned' } & PlannedStep)
  | {
      readonly event: 'stored';
      readonly path: RelPath;
      readonly size: number;
      readonly treeHash: TreeHash;
      readonly archiveId: ArchiveId;
      /** Bytes that an interrupted run had sent before. */
      readonly resumed: number;
    }
  | {
      readonly event: 'deleted';
      readonly path: RelPath;
      readonly archiveId: ArchiveId;
      readonly why: 'superseded' | 'removed' | 'purged' | 'named';
    }
  /** An upload in parts was dropped. `path` is the name that its description gives, if any; it may be an unsafe one. */
  | { readonly event: 'abandoned'; readonly path: string | null; readonly uploadId: UploadId }
  | { readonly event: 'compared'; readonly path: RelPath; readonly same: boolean }
  | {
      readonly event: 'requested';
      readonly path: RelPath;
      readonly archiveId: ArchiveId;
      readonly jobId: JobId;
      /** Which bytes; left out where all of the archive was asked for. */
      readonly range?: ByteRange;
    }
  | {
      readonly event: 'waiting';
      readonly path: RelPath;
      readonly archiveId: ArchiveId;
      readonly expected: { readonly from: Instant; readonly to: Instant } | null;
      readonly range?: ByteRange;
    }
  /** Some bytes of an archive are where they were wanted, proven by the hash of the journal or by those of the vault. */
  | {
      readonly event: 'range-got';
      readonly path: RelPath;
      readonly archiveId: ArchiveId;
      readonly range: ByteRange;
      readonly proof: 'journal' | 'vault';
    }
  | {
      readonly event: 'restored';
      readonly path: RelPath;
      readonly size: number;
      readonly archiveId: ArchiveId;
      /** Bytes that an interrupted run had fetched before, and that are proven to be right. */
      readonly resumed: number;
    }
  | ({
      readonly event: 'checked';
      readonly path: RelPath;
      readonly size: number;
      readonly treeHash: TreeHash;
    } & CheckResult & {
        /** The file's time where it differs from the journal's; alone that is no error. */
        readonly otherMtime: { readonly journal: Instant; readonly actual: Instant } | null;
      })
  /**
   * `name` is the journal's, and of an archive that is not in the journal the one that its description gives, which may
   * be an unsafe one.
   */
  | ({
      readonly event: 'verified';
      readonly name: string;
      readonly archiveId: ArchiveId;
      readonly size: number;
    } & VerifyResult)
  /** An archive that only the vault knew is in the journal now. */
  | { readonly event: 'adopted'; readonly path: RelPath; readonly archiveId: ArchiveId; readonly size: number }
  /** An archive that the vault no longer has is noted as deleted in the journal. */
  | { readonly event: 'forgotten'; readonly path: RelPath; readonly archiveId: ArchiveId }
  /** Listed by an inventory and not put into the journal. `name` may be unsafe; without an id it is the entry's text. */
  | {
      readonly event: 'set-aside';
      readonly name: string;
      readonly archiveId: ArchiveId | null;
      readonly why: string;
    }
  | { readonly event: 'left-out'; readonly name: string; readonly why: LeftOutReason }
  /** One item could not be done; the run goes on. */
  | {
      readonly event: 'failed';
      readonly name: string;
      readonly code: FailureCode;
      readonly message: string;
      readonly hint: string | null;
    }
  /** Something the user should know that is no failure. `topic` is for programs. */
  | { readonly event: 'notice'; readonly topic: string; readonly message: string; readonly hint: string | null }
  | {
      readonly event: 'retrying';
      readonly request: string;
      /** Of the attempt to come; the first of all was 1. */
      readonly attempt: number;
      readonly delayMs: number;
      readonly why: string;
    }
  /** From now on so many bytes a second may go and come; null where nothing is held back. */
  | { readonly event: 'bandwidth'; readonly up: number | null; readonly down: number | null }
  /**
   * Archives that were asked for together, and what has become of them since. `wave` 0 is what was under way before.
   * `lost` are those that were gone before they were fetched, that failed, or that could not be landed.
   */
  | {
      readonly event: 'wave';
      /** Where it goes; null in a run that is about one restore alone. */
      readonly directory: string | null;
      readonly wave: number;
      readonly state: 'requested' | 'ready' | 'ended';
      readonly files: number;
      readonly bytes: number;
      readonly ready: number;
      readonly here: number;
      readonly hereBytes: number;
      readonly lost: number;
      readonly expected: { readonly from: Instant; readonly to: Instant } | null;
      /** When the first of it can be read no longer. */
      readonly readableUntil: Instant | null;
    }
  /** Nothing can be done before `until`, unless word comes. */
  | {
      readonly event: 'sleeping';
      readonly until: Instant;
      /** Under way, and to be asked for when there is room. */
      readonly underWay: number;
      readonly underWayBytes: number;
      readonly toAskFor: number;
    }
  /** So much work is known to lie ahead; adds up over a run. */
  | { readonly event: 'ahead'; readonly files: number; readonly bytes: number }
  /** So many bytes have been read, sent or fetched since the last such event. */
  | { readonly event: 'moved'; readonly bytes: number }
  /** A step on the way of one large file, `at` being its first byte there. The bytes are told by `moved`. */
  | { readonly event: 'upload-begun'; readonly path: RelPath; readonly uploadId: UploadId }
  | { readonly event: 'part-sent'; readonly path: RelPath; readonly at: number }
  | { readonly event: 'segment-fetched'; readonly path: RelPath; readonly at: number; readonly size: number };

/** Takes what a run tells. Must not throw. */
export type Report = (event: RunEvent) => void;
