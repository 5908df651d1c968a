// What a command is given to work with, and what it gives back.

import type { Alarm, Clock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import type { Selection } from '../model/selection.js';
import type { TextEncoding } from '../model/text-encoding.js';
import type { Halt } from '../transfer/concurrently.js';
import type { ExitCode } from './exit-codes.js';
import type { Answer, Summary } from './report/reporter.js';
import type { OptionName, SettingsWith } from './words/options.js';
import type { Origins, Subjects } from './words/origins.js';

/** `Given` are the options that the command demands, so their settings are never undefined. */
export interface CommandContext<Given extends OptionName = never> {
  /** The command's name, as typed. */
  readonly command: string;
  readonly settings: SettingsWith<Given>;
  /** Where each setting came from: 'command-line', 'environment', 'config' or 'default'. */
  readonly origins: Origins;
  /** How each option was spelled there: `--dir`, `MTGLACIER_DIR`, `glacier.cfg:3: dir`. */
  readonly subjects: Subjects;
  /** How names stand on disk, and lines in the journal. */
  readonly encodings: { readonly filenames: TextEncoding; readonly journal: TextEncoding };
  /** What the filters of the command line let through. */
  readonly selection: Selection;
  /** The word given for a positional of the command table, such as `NAME`; empty where it was left out. */
  positional(name: string): string;
  /** All words given for a positional that takes many. */
  positionals(name: string): readonly string[];
  /** Told to stop soon (first signal), then now (three seconds later). */
  readonly halt: Halt;
  readonly clock: Clock;
  readonly alarm: Alarm;
  /** Takes the run's events: to the terminal or as JSON lines, and to the run file once there is one. */
  readonly report: Report;
  /** Data that the command was asked for, on stdout: lines for people, or one JSON event. */
  answer(answer: Answer): void;
  /** Waits, after many answers, until they are on their way, or for the first signal. False when nobody reads any more. */
  answersTaken(): Promise<boolean>;
  /**
   * From now on the run is recorded beside this journal, with all that was told so far. Call it when the journal has
   * been opened for writing, so that a refused run leaves nothing behind; not in a dry run. Never fails.
   */
  recordBeside(journal: string): void;
  /** Prints the summary, and gives the exit code of its outcome. At most once, as the last thing of a run. */
  finish(summary: Summary): ExitCode;
  /**
   * Does the work, then finishes with what `summary` gives. When a failure ends the work, the summary tells how far it
   * came, and the failure is thrown on.
   */
  conclude(summary: () => Summary, work: () => Promise<void>): Promise<ExitCode>;
}

/** A command, as its file in `commands/` exports it under the name `run`. */
export type Run<Given extends OptionName = never> = (context: CommandContext<Given>) => Promise<ExitCode>;
