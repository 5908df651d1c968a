// What a sync is asked for, what it works with, and what it has come to.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { ComparedFiles } from '../../journal/compared.js';
import type { Selection } from '../../model/selection.js';
import type { WantedWork } from '../../plan/sync-steps.js';
import type { Limit, RunLimits } from '../budget.js';
import type { FileLanes } from '../file-lanes.js';
import type { Failures } from '../items.js';
import type { StorePorts } from './store.js';
import { emptySurvey, type Survey } from './survey.js';

export interface SyncRequest {
  readonly wanted: WantedWork;
  /** Wished-for bytes a part. */
  readonly partSize: number;
  /** Parts of one file that may be under way at once, and deletions. */
  readonly width: number;
  /** Files that may be under way at once. */
  readonly files: FileLanes;
  readonly maxFiles: number | null;
  readonly limits?: RunLimits;
  /** Delete what is gone even where that is everything. */
  readonly deleteEverything: boolean;
  /** Count the work ahead beside doing it, for a display. */
  readonly foresee: boolean;
}

export interface SyncPorts extends StorePorts {
  /** Walks through what the selection lets through. */
  readonly directory: KeptDirectory;
  readonly selection: Selection;
  readonly compared: ComparedFiles;
}

/** What a sync did, beside what it came upon. */
export interface SyncTally {
  readonly survey: Survey;
  stored: number;
  storedBytes: number;
  /** Of `stored`: how many took the place of an older version. */
  replaced: number;
  /** Their tree hash was compared and is the journal's. */
  same: number;
  /** Could not be stored. */
  failed: number;
  readonly deletions: { deleted: number; failed: number /** By a dry run. */; planned: number };
  /** What earlier runs left and could not be finished. */
  readonly leftovers: Failures;
  limitReached: boolean;
  /** Which one, where the user has set it. */
  limit: Limit | null;
}

export function emptySyncTally(): SyncTally {
  const deletions = { deleted: 0, failed: 0, planned: 0 };
  return {
    survey: emptySurvey(),
    stored: 0,
    storedBytes: 0,
    replaced: 0,
    same: 0,
    failed: 0,
    deletions,
    leftovers: { failed: 0 },
    limitReached: false,
    limit: null,
  };
}
