// The facts of a vault's log, one JSON object a line. Times are ms since 1970 of the vault's clock, sizes are bytes.

import type { LOG_FORMAT } from '../durable/log-lines.js';
import type { ShortenedRecord } from '../durable/log-writer.js';
import type { Tier } from '../protocol/tier.js';

/** One line of the log. */
export type VaultRecord =
  | { readonly type: 'vault'; readonly format: typeof LOG_FORMAT; readonly name: string; readonly at: number }
  | ArchiveRecord
  | { readonly type: 'archive-deleted'; readonly id: string; readonly at: number }
  | UploadRecord
  | PartRecord
  | CompletedRecord
  | { readonly type: 'upload-aborted'; readonly id: string; readonly at: number }
  | { readonly type: 'upload-expired'; readonly id: string; readonly at: number }
  | JobRecord
  | JobEndedRecord
  | { readonly type: 'job-noticed'; readonly id: string; readonly at: number }
  /** Bytes that only jobs kept are deleted, of all jobs whose output was gone by then. */
  | { readonly type: 'outputs-expired'; readonly at: number }
  | { readonly type: 'inventory'; readonly at: number }
  | ShortenedRecord
  | SettingsRecord;

/** An archive that came in one request; its bytes are the file `archives/<id>`, unless they were not kept. */
export interface ArchiveRecord {
  readonly type: 'archive';
  readonly id: string;
  readonly size: number;
  readonly treeHash: string;
  readonly description: string;
  readonly discarded?: true;
  readonly at: number;
}

/** An upload in parts was begun; `archiveId` is the name that the archive will have. */
export interface UploadRecord {
  readonly type: 'upload';
  readonly id: string;
  readonly archiveId: string;
  readonly partSize: number;
  readonly description: string;
  /** The bytes of its parts are not kept: there is no file of theirs. */
  readonly discarded?: true;
  readonly at: number;
}

/** A part's bytes are the file `archives/<archiveId>/<file>`. A later record of the same index replaces it. */
export interface PartRecord {
  readonly type: 'part';
  readonly upload: string;
  readonly index: number;
  readonly size: number;
  readonly treeHash: string;
  readonly file: string;
  readonly at: number;
}

/** The upload became an archive of all its parts, in the order of their index. */
interface CompletedRecord {
  readonly type: 'upload-completed';
  readonly id: string;
  readonly size: number;
  readonly treeHash: string;
  readonly at: number;
}

/** A job was asked for. */
export type JobRecord = {
  readonly type: 'job';
  readonly id: string;
  readonly at: number;
  readonly delayMs: number;
  readonly description: string | null;
  readonly snsTopic: string | null;
} & JobWork;

/** The job ended at `at` and not when it was due: it is ready, or it failed for a reason. */
export interface JobEndedRecord {
  readonly type: 'job-ended';
  readonly id: string;
  /** The StatusMessage of a job that failed; null for one that succeeded. */
  readonly failure: string | null;
  readonly at: number;
}

/** What a job is to do. */
export type JobWork =
  | {
      readonly action: 'archive-retrieval';
      readonly archiveId: string;
      readonly tier: Tier;
      /** Bytes `start` up to, not including, `end`. */
      readonly start: number;
      readonly end: number;
      /** Of that range; null when it is not a whole subtree. */
      readonly treeHash: string | null;
    }
  | InventoryWork;

/** To hand out a list that was written when the job was asked for. */
export interface InventoryWork {
  readonly action: 'inventory-retrieval';
  /** Size of the file `staged/<id>`. */
  readonly size: number;
  /** Of that file; missing in older logs. */
  readonly treeHash?: string;
  /** JSON where it is missing: older logs know nothing else. */
  readonly format?: InventoryFormat;
  /** Missing, or null, for all archives. */
  readonly part?: InventoryPart | null;
  /** Marker of the first archive that comes after the part. */
  readonly next?: string | null;
}

export type InventoryFormat = 'JSON' | 'CSV';

/** Which archives an inventory lists, as it was asked for; null where there is no bound. */
export interface InventoryPart {
  /** Created then or later. */
  readonly startDate: string | null;
  /** Created before then. */
  readonly endDate: string | null;
  readonly limit: string | null;
  readonly marker: string | null;
}

/** What is said of a vault, besides what it holds. */
export type SettingsRecord =
  | ({ readonly type: 'notifications'; readonly at: number } & Notifications)
  | { readonly type: 'notifications-deleted'; readonly at: number }
  | { readonly type: 'tags-added'; readonly tags: Readonly<Record<string, string>>; readonly at: number }
  | { readonly type: 'tags-removed'; readonly keys: readonly string[]; readonly at: number }
  | { readonly type: 'access-policy'; readonly policy: string; readonly at: number }
  | { readonly type: 'access-policy-deleted'; readonly at: number }
  | { readonly type: 'lock'; readonly id: string; readonly policy: string; readonly at: number }
  | { readonly type: 'lock-completed'; readonly at: number }
  | { readonly type: 'lock-aborted'; readonly at: number };

/** Who is told of which jobs. */
export interface Notifications {
  /** ARN of a topic; whether there is one, nobody has looked. */
  readonly topic: string;
  readonly events: readonly NotifiedEvent[];
}

export type NotifiedEvent = 'ArchiveRetrievalCompleted' | 'InventoryRetrievalCompleted';
