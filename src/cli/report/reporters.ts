// Joins the readers of one run, and lets the run file come later than its first events.

import type { RunEvent } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { ExitCode } from '../exit-codes.js';
import type { Answer, Closing, Opening, Reporter } from './reporter.js';

/** Events before the run file is there are few: notices about options, the lock, the journal. */
const REMEMBERED = 100;

export class Reporters implements Reporter {
  readonly #readers: Reporter[];
  #opening: Opening | null = null;
  #early: RunEvent[] = [];

  constructor(first: Reporter) {
    this.#readers = [first];
  }

  /** A reader that is told what was told so far, then all that follows. */
  join(reader: Reporter): void {
    if (this.#opening !== null) reader.begin(this.#opening);
    for (const event of this.#early) reader.tell(event);
    this.#early = [];
    this.#readers.push(reader);
  }

  begin(opening: Opening): void {
    this.#opening = opening;
    for (const reader of this.#readers) reader.begin(opening);
  }

  tell(event: RunEvent): void {
    if (this.#readers.length === 1 && this.#early.length < REMEMBERED) this.#early.push(event);
    for (const reader of this.#readers) reader.tell(event);
  }

  answer(answer: Answer): void {
    for (const reader of this.#readers) reader.answer(answer);
  }

  close(closing: Closing): void {
    for (const reader of this.#readers) reader.close(closing);
  }

  fail(failure: Failure, exitCode: ExitCode): void {
    for (const reader of this.#readers) reader.fail(failure, exitCode);
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader[Symbol.dispose]();
  }
}
