// What was begun and is not yet a fact: the intents beside a journal, as flows see them.

import type { Instant } from '../model/clock.js';
import type { ArchiveId, UploadId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import type { TreeHash } from '../model/tree-hash.js';

/** How far an upload has come, as far as this machine knows. */
export type UploadProgress =
  /** One request, sent or about to be: without a fact in the journal its outcome is unknown. */
  | { readonly step: 'whole' }
  /** In parts; null until the vault has given an upload id. Nothing can have been stored. */
  | { readonly step: 'parts'; readonly partSize: number; readonly uploadId: UploadId | null }
  /** All parts sent, completion asked for: asking again tells the outcome, for some time. */
  | { readonly step: 'completing'; readonly partSize: number; readonly uploadId: UploadId; readonly treeHash: TreeHash }
  /** All that is to be stored is a fact in the journal; the archive that is to be deleted may still be alive. */
  | { readonly step: 'stored' };

/** A file that is to be stored, and then `supersedes`, an older version of it, to be deleted; or only the latter. */
export interface Intent {
  readonly key: number;
  readonly at: Instant;
  readonly file: LocalFile;
  readonly supersedes: ArchiveId | null;
  readonly progress: UploadProgress;
}

/** An archive that may exist in the vault without a line in the journal, until an inventory tells. */
export interface PossibleOrphan {
  readonly file: LocalFile;
  readonly at: Instant;
}

/**
 * A change that gives a promise is on stable storage when it ends; changes made meanwhile share one flush.
 * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL
 */
export interface Intents {
  /** What earlier runs left open, in the order it was begun; reconciled with the journal when opened. */
  readonly left: readonly Intent[];
  readonly possibleOrphans: readonly PossibleOrphan[];
  /**
   * @param progress 'whole', 'parts' without an id, 'stored' where an archive is to be deleted and none stored, or
   * 'completing' for content whose size was not known before
   */
  begin(at: Instant, file: LocalFile, supersedes: ArchiveId | null, progress: UploadProgress): Promise<Intent>;
  advance(intent: Intent, progress: UploadProgress): Promise<Intent>;
  /**
   * Requests made for it had no answer, so many others may have stored the same: these possible orphans stay listed,
   * whatever becomes of the intent.
   */
  suspect(intent: Intent, possibleOrphans: number): Promise<void>;
  /** Nothing is left to do for it. Its possible orphans, if any, stay listed. */
  settle(intent: Intent, possibleOrphans: number): Promise<void>;
  /**
   * The same for an intent whose fact is in the journal, and whose old version, if any, is deleted there. It waits for
   * no flush but goes to disk with the next change: the run after a crash that loses it concludes the same from the
   * journal.
   */
  settleByFact(intent: Intent): void;
  /** It is known what became of them: they are no longer listed. */
  dismiss(orphans: readonly PossibleOrphan[]): Promise<void>;
}
