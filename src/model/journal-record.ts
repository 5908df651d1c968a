// The facts that a journal holds, one a line.

import type { Archive } from './archive.js';
import type { Instant } from './clock.js';
import type { ArchiveId, JobId } from './identifiers.js';
import type { RelPath } from './rel-path.js';

/** Facts only: each says what the vault has confirmed, and when. */
export type JournalRecord =
  | { readonly type: 'created'; readonly archive: Archive }
  | { readonly type: 'deleted'; readonly at: Instant; readonly archiveId: ArchiveId; readonly path: RelPath }
  | {
      readonly type: 'retrieve-job';
      readonly at: Instant;
      readonly archiveId: ArchiveId;
      readonly jobId: JobId | null;
    };
