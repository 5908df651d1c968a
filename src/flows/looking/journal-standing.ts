// What a journal holds, counted: archives and their versions, what was asked for lately, what could be deleted for nothing.

import type { LiveArchives } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import { throwIfInterrupted } from '../../model/failure.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { RelPath } from '../../model/rel-path.js';
import { type Amount, type DeletionOutlook, GrowingOutlook, NO_AMOUNT, plusOne } from '../../plan/early-deletion.js';
import type { Halt } from '../../transfer/concurrently.js';

export interface JournalStanding {
  /** The latest version of each path. */
  readonly files: Amount;
  readonly olderVersions: Amount;
  /** When the first and the last of them all were stored; null without any. */
  readonly stored: { readonly from: Instant; readonly to: Instant } | null;
  /** Asked for in the last 24 hours, as far as the journal knows. */
  readonly askedFor: Amount;
  /** When the last of those was asked for; null without any. */
  readonly lastAskedFor: Instant | null;
  readonly deletion: DeletionOutlook;
  /** Of the archives that were wanted, those that are alive. */
  readonly found: ReadonlyMap<ArchiveId, Archive>;
}

export interface JournalQuestions {
  readonly now: Instant;
  readonly earlyDeletionDays: number;
  /** Archives that are to be given, not only counted. */
  readonly wanted: ReadonlySet<ArchiveId>;
}

/** Whoever waits for the end is not kept waiting by much more than so many archives. */
const BREATH = 1000;

/** One reading of the journal; nothing is kept of an archive that is not wanted. @throws Failure INTERRUPTED */
export async function journalStanding(
  live: LiveArchives,
  questions: JournalQuestions,
  { soon }: Pick<Halt, 'soon'>,
): Promise<JournalStanding> {
  const counting = new Counting(live, questions);
  let seen = 0;
  for await (const archive of live.all()) {
    if (seen++ % BREATH === 0) throwIfInterrupted(soon);
    counting.add(archive);
  }
  return counting.standing;
}

class Counting {
  readonly #live: LiveArchives;
  readonly #questions: JournalQuestions;
  readonly #outlook: GrowingOutlook;
  readonly #found = new Map<ArchiveId, Archive>();
  #files = NO_AMOUNT;
  #olderVersions = NO_AMOUNT;
  #askedFor = NO_AMOUNT;
  #lastAsked: Instant | null = null;
  #from: Instant | null = null;
  #to: Instant | null = null;
  #path: RelPath | null = null;
  /** Bytes of the archive before: it was a file when another path follows it, and else an older version. */
  #size = 0;

  constructor(live: LiveArchives, questions: JournalQuestions) {
    this.#live = live;
    this.#questions = questions;
    this.#outlook = new GrowingOutlook(questions.now, questions.earlyDeletionDays);
  }

  add(archive: Archive): void {
    const { id, path, size, createdAt } = archive;
    if (path === this.#path) this.#olderVersions = plusOne(this.#olderVersions, this.#size);
    else this.#endPath();
    this.#path = path;
    this.#size = size;
    this.#from = this.#from === null || createdAt < this.#from ? createdAt : this.#from;
    this.#to = this.#to === null || createdAt > this.#to ? createdAt : this.#to;
    this.#outlook.add(archive);
    if (this.#questions.wanted.has(id)) this.#found.set(id, archive);
    this.#countAskedFor(archive);
  }

  #countAskedFor({ id, size }: Archive): void {
    const asked = this.#live.activeRetrieval(id, this.#questions.now);
    if (asked === null) return;
    this.#askedFor = plusOne(this.#askedFor, size);
    if (this.#lastAsked === null || asked.at > this.#lastAsked) this.#lastAsked = asked.at;
  }

  #endPath(): void {
    if (this.#path !== null) this.#files = plusOne(this.#files, this.#size);
  }

  get standing(): JournalStanding {
    this.#endPath();
    this.#path = null;
    const [from, to] = [this.#from, this.#to];
    return {
      files: this.#files,
      olderVersions: this.#olderVersions,
      stored: from === null || to === null ? null : { from, to },
      askedFor: this.#askedFor,
      lastAskedFor: this.#lastAsked,
      deletion: this.#outlook.outlook,
      found: this.#found,
    };
  }
}
