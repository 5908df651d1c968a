// What can go wrong, by name: one error class, and one table that says how far a failure reaches.

/** How far a failure reaches: try the same thing again, give up this item only, or end the run. */
export type Reach = 'retry' | 'skip' | 'stop';

const REACH = {
  // the user's words
  USAGE: 'stop',
  CONFIG: 'stop',
  // this machine's files
  FILE_UNREADABLE: 'skip',
  FILE_UNWRITABLE: 'skip',
  FILE_VANISHED: 'skip',
  FILE_CHANGED: 'skip',
  FILE_TOO_LARGE: 'skip',
  NAME_REFUSED: 'skip',
  DISK_FULL: 'stop',
  NO_ROOM: 'skip',
  // the journal and what lies beside it
  JOURNAL_MISSING: 'stop',
  JOURNAL_LOCKED: 'stop',
  JOURNAL_DAMAGED: 'stop',
  JOURNAL_UNWRITABLE: 'stop',
  JOURNAL_OF_OTHER_VAULT: 'stop',
  JOURNAL_IN_OTHER_ENCODING: 'stop',
  // the vault and the way to it
  THROTTLED: 'retry',
  VAULT_UNAVAILABLE: 'retry',
  UNREACHABLE: 'retry',
  CONNECTION_BROKEN: 'retry',
  TIMED_OUT: 'retry',
  VAULT_NOT_FOUND: 'stop',
  VAULT_NOT_EMPTY: 'stop',
  ACCESS_DENIED: 'stop',
  SERVICE_CLOSED: 'stop',
  LIMIT_EXCEEDED: 'stop',
  RETRIEVAL_POLICY: 'stop',
  NO_CAPACITY: 'skip',
  VAULT_REFUSED: 'skip',
  ARCHIVE_NOT_FOUND: 'skip',
  UPLOAD_NOT_FOUND: 'skip',
  JOB_NOT_FOUND: 'skip',
  NOT_SET: 'skip',
  // whoever tells that something is ready
  TOPIC_NOT_FOUND: 'stop',
  QUEUE_NOT_FOUND: 'stop',
  // what was asked for by name
  NOT_IN_JOURNAL: 'skip',
  NAME_TAKEN: 'stop',
  NOT_RESUMABLE: 'skip',
  // what must agree and does not
  HASH_MISMATCH: 'skip',
  // this program itself
  THREAD_LOST: 'stop',
  // what we refuse to do, and what we were told to leave
  BRAKE: 'stop',
  INTERRUPTED: 'stop',
} as const satisfies Record<string, Reach>;

export type FailureCode = keyof typeof REACH;

/** The one answer to "now what?" after a failure. */
export function reachOf(code: FailureCode): Reach {
  return REACH[code];
}

const UNANSWERED: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'CONNECTION_BROKEN',
  'TIMED_OUT',
  'VAULT_UNAVAILABLE',
  'THREAD_LOST',
  'INTERRUPTED',
]);

/** Whether nobody knows, after such a failure, if the vault did what it was asked; after any other it did not. */
export function isUnanswered(code: FailureCode): boolean {
  return UNANSWERED.has(code);
}

/**
 * A promise that could not be kept. `message` starts in lower case and names the thing; `hint` says what the
 * user can do next. The foreign error, where there is one, is the `cause`.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly hint: string | undefined;

  constructor(code: FailureCode, message: string, more: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
  }
}

/** The thrown thing as a Failure, or a rethrow: a defect of ours is never taken for a failure of the world. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}

/** Ends the work here when it was told to stop. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new Failure('INTERRUPTED', 'interrupted');
}
