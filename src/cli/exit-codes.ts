// Exit codes, and which failure or outcome gives which.

import type { FailureCode } from '../model/failure.js';

/** Described for users in docs/exit-codes.md. A code that is not in this table means failure. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  mismatch: 4,
  unavailable: 5,
  brake: 6,
  journal: 7,
  limit: 8,
  pending: 75,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const OF_FAILURE = {
  USAGE: EXIT.usage,
  CONFIG: EXIT.usage,
  FILE_UNREADABLE: EXIT.failed,
  FILE_UNWRITABLE: EXIT.failed,
  FILE_VANISHED: EXIT.failed,
  FILE_CHANGED: EXIT.failed,
  FILE_TOO_LARGE: EXIT.failed,
  NAME_REFUSED: EXIT.failed,
  DISK_FULL: EXIT.failed,
  NO_ROOM: EXIT.failed,
  JOURNAL_MISSING: EXIT.usage,
  JOURNAL_LOCKED: EXIT.journal,
  JOURNAL_DAMAGED: EXIT.journal,
  JOURNAL_UNWRITABLE: EXIT.journal,
  JOURNAL_OF_OTHER_VAULT: EXIT.brake,
  JOURNAL_IN_OTHER_ENCODING: EXIT.brake,
  THROTTLED: EXIT.unavailable,
  VAULT_UNAVAILABLE: EXIT.unavailable,
  UNREACHABLE: EXIT.unavailable,
  CONNECTION_BROKEN: EXIT.unavailable,
  TIMED_OUT: EXIT.unavailable,
  VAULT_NOT_FOUND: EXIT.usage,
  VAULT_NOT_EMPTY: EXIT.failed,
  ACCESS_DENIED: EXIT.usage,
  SERVICE_CLOSED: EXIT.failed,
  LIMIT_EXCEEDED: EXIT.failed,
  RETRIEVAL_POLICY: EXIT.brake,
  NO_CAPACITY: EXIT.unavailable,
  VAULT_REFUSED: EXIT.failed,
  ARCHIVE_NOT_FOUND: EXIT.failed,
  UPLOAD_NOT_FOUND: EXIT.failed,
  JOB_NOT_FOUND: EXIT.failed,
  NOT_SET: EXIT.failed,
  TOPIC_NOT_FOUND: EXIT.usage,
  QUEUE_NOT_FOUND: EXIT.usage,
  NOT_IN_JOURNAL: EXIT.failed,
  NAME_TAKEN: EXIT.usage,
  NOT_RESUMABLE: EXIT.failed,
  HASH_MISMATCH: EXIT.mismatch,
  THREAD_LOST: EXIT.failed,
  BRAKE: EXIT.brake,
  INTERRUPTED: EXIT.interrupted,
} as const satisfies Record<FailureCode, ExitCode>;

/** For a failure that ended the run. */
export function exitCodeOfFailure(code: FailureCode): ExitCode {
  return OF_FAILURE[code];
}

/** How a run came out that went to its end. */
export interface Outcome {
  /** Items that could not be done: unreadable, vanished, refused. */
  readonly failed: number;
  /** Items whose content is not what the journal says. */
  readonly mismatches: number;
  /** Retrievals and inventories that are under way and not ready. */
  readonly waiting: number;
  /** A limit that the user set ended the run; more remains. */
  readonly limitReached: boolean;
  /** The option that set it; null where no option did, or no limit was reached. */
  readonly limit: string | null;
}

export const CLEAN: Outcome = { failed: 0, mismatches: 0, waiting: 0, limitReached: false, limit: null };

/** The most severe wins: wrong content, then items that failed, then waiting, then work that remains. */
export function exitCodeOfOutcome(outcome: Outcome): ExitCode {
  if (outcome.mismatches > 0) return EXIT.mismatch;
  if (outcome.failed > 0) return EXIT.incomplete;
  if (outcome.waiting > 0) return EXIT.pending;
  if (outcome.limitReached) return EXIT.limit;
  return EXIT.done;
}

/** What a code means, as a sentence ends. */
export function meaningOf(code: ExitCode): string {
  switch (code) {
    case EXIT.done:
      return 'done';
    case EXIT.failed:
      return 'failed';
    case EXIT.usage:
      return 'the command line or the configuration is wrong';
    case EXIT.incomplete:
      return 'finished, but some items could not be done';
    case EXIT.mismatch:
      return 'some content is not what the journal says';
    case EXIT.unavailable:
      return 'the vault, or the way to it, was out of order';
    case EXIT.brake:
      return 'refused for safety';
    case EXIT.journal:
      return 'the journal is locked, damaged or cannot be written';
    case EXIT.limit:
      return 'the limit is reached, more remains';
    case EXIT.pending:
      return 'not ready yet, run it again later';
    case EXIT.interrupted:
    case EXIT.terminated:
    case EXIT.hungUp:
      return 'interrupted';
  }
}
