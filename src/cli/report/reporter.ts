// What a reader of a run is told: its events, its answers, its end. The terminal, JSON lines and run files are three.

import type { RunEvent } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { ExitCode, Outcome } from '../exit-codes.js';
import type { LeftBehind } from './left-behind.js';

/** Data that a command was asked for. */
export interface Answer {
  /** Name of the JSON event, such as `vault`. */
  readonly event: string;
  /** Its further fields. Times are RFC 3339, sizes are bytes. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The same for people. */
  readonly lines: readonly string[];
  /** Where people asked for bytes instead, such as names for `xargs -0`: they go to stdout as they are. */
  readonly bytes?: Uint8Array;
}

/** One line of a summary. `size` is bytes, null where bytes make no sense. */
export interface SummaryRow {
  /** Name in the JSON summary, such as `stored`. */
  readonly key: string;
  /** For people: `stored`, `unchanged`, `could not be read`. */
  readonly label: string;
  readonly count: number;
  readonly size: number | null;
}

/** Rows that exclude one another; their total is computed, so a table adds up. */
export interface SummaryTable {
  /** Name in the JSON summary, such as `files`. */
  readonly key: string;
  /** What the rows add up to: `files in the directory`. */
  readonly total: string;
  /** The same for a run that a failure ended before it had seen all: `files seen so far`. */
  readonly totalSoFar?: string;
  /** Rows that count nothing are not shown to people, nor tables that do, the first excepted. */
  readonly rows: readonly SummaryRow[];
}

export interface Summary {
  readonly tables: readonly SummaryTable[];
  readonly outcome: Outcome;
  /** What to do or to know next, as whole sentences; each is shown on a line. */
  readonly next: readonly string[];
  /** What exit code 4 means of this command, where it is about no journal; as a sentence ends. */
  readonly mismatch?: string;
  /** In the words of mt-aws-glacier, that there was nothing to do; shown where the run ended well. */
  readonly idle?: string | null;
  /** Standard output is data that was asked for: people read the summary on standard error. */
  readonly aside?: true;
  /** A deed without tables, of a command of mt-aws-glacier: its scripts wait for `OK DONE`. */
  readonly saysDone?: true;
}

/** What is to be run. */
export interface Opening {
  readonly command: string;
  readonly version: string;
  /** What was given on the command line or in the config file; no secrets. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A summary with what main adds to it. */
export interface Closing extends Summary {
  readonly command: string;
  readonly exitCode: ExitCode;
  readonly durationMs: number;
  /** Names of what failed or was left out. */
  readonly leftBehind: LeftBehind;
}

/** No method throws. Dispose when nothing more is to be told. */
export interface Reporter extends Disposable {
  begin(opening: Opening): void;
  tell(event: RunEvent): void;
  answer(answer: Answer): void;
  close(closing: Closing): void;
  fail(failure: Failure, exitCode: ExitCode): void;
}
