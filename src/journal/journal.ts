// The journal as flows see it: live archives to read, facts to add.

import type { Archive } from '../model/archive.js';
import type { Instant } from '../model/clock.js';
import type { ArchiveId, JobId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import type { RelPath } from '../model/rel-path.js';

/** The archives that a journal holds alive: created and not deleted. Follows what is appended. */
export interface LiveArchives {
  /** Of each path the latest version, by path. What is appended meanwhile may be seen or not. */
  latest(): AsyncIterable<Archive>;
  /** The same, about a thousand at a time and never none: to wait for each would cost more than to look at it. */
  latestInBatches(): AsyncIterable<readonly Archive[]>;
  /** Every version of every path, by path, oldest version first. */
  all(): AsyncIterable<Archive>;
  /** The live versions of one path, oldest first. */
  versionsOf(path: RelPath): readonly Archive[];
  has(id: ArchiveId): boolean;
  /** The newest retrieval that the journal knows of an archive and that is less than 24 hours old at `now`. */
  activeRetrieval(id: ArchiveId, now: Instant): KnownRetrieval | null;
  /** How many archives are alive. */
  readonly count: number;
}

/** A retrieval as the journal has it. Job ids are null where an old line names none. */
export interface KnownRetrieval {
  readonly jobId: JobId | null;
  readonly at: Instant;
}

/** Where a line has been written, and what. */
export interface WrittenLine {
  /** Where it begins in the file. */
  readonly place: number;
  readonly bytes: Uint8Array;
}

/** The same, told of every fact that is added. */
export interface FollowingArchives extends LiveArchives {
  /** Takes the next record, or says, as the end of a sentence, why it contradicts those before. */
  apply(record: JournalRecord, written: WrittenLine): string | null;
}

export interface ReadableJournal {
  readonly file: string;
  readonly live: LiveArchives;
}

export interface Journal extends ReadableJournal {
  /** Whether the name has a form in the journal's encoding. To be asked before anything of that name is sent. */
  canHold(path: RelPath): boolean;
  /** Ends when the record is on stable storage. Records given meanwhile share one flush. @throws Failure JOURNAL_UNWRITABLE, DISK_FULL */
  append(record: JournalRecord): Promise<void>;
}
