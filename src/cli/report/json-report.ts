// Tells a run to programs: one JSON object a line.

import type { RunEvent } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { ExitCode } from '../exit-codes.js';
import { jsonOf, jsonOfClosing, jsonOfProgress } from './json-events.js';
import { type JsonFields, jsonLine } from './json-line.js';
import { Progress } from './progress.js';
import type { Answer, Closing, Opening, Reporter } from './reporter.js';

const PROGRESS_MS = 1000;

interface JsonParts {
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Only errors, findings, answers and the summary. */
  readonly isQuiet: boolean;
}

export function openJsonReport(parts: JsonParts): Reporter {
  return new JsonReport(parts);
}

class JsonReport implements Reporter {
  readonly #parts: JsonParts;
  readonly #progress = new Progress();
  #progressMs: number;
  #hasUntold = false;
  readonly #times = new Times();

  constructor(parts: JsonParts) {
    this.#parts = parts;
    this.#progressMs = parts.nowMs();
  }

  begin(opening: Opening): void {
    if (!this.#parts.isQuiet) this.#write({ event: 'start', ...opening });
  }

  tell(event: RunEvent): void {
    this.#progress.tell(event);
    const json = jsonOf(event);
    if (json === null) this.#hasUntold = true;
    else if (!this.#parts.isQuiet || isBad(event)) this.#write(json);
    if (this.#parts.nowMs() - this.#progressMs >= PROGRESS_MS) this.#tellProgress();
  }

  answer(answer: Answer): void {
    this.#write({ ...answer.fields, event: answer.event });
  }

  close(closing: Closing): void {
    this.#tellProgress();
    this.#write(jsonOfClosing(closing));
  }

  fail(failure: Failure, exitCode: ExitCode): void {
    this.#tellProgress();
    const { code, message, hint } = failure;
    this.#write({ event: 'error', code, message, hint: hint ?? null, exitCode });
  }

  [Symbol.dispose](): void {
    this.#tellProgress();
  }

  #tellProgress(): void {
    if (!this.#hasUntold) return;
    this.#hasUntold = false;
    this.#progressMs = this.#parts.nowMs();
    if (!this.#parts.isQuiet) this.#write(jsonOfProgress(this.#progress));
  }

  #write(fields: JsonFields): void {
    this.#parts.write(jsonLine(fields, this.#times.of(this.#parts.nowMs())));
  }
}

/** Moments as they are written; many lines share a millisecond, and to write one costs as much as the rest of a line. */
class Times {
  #ms = Number.NaN;
  #text = '';

  of(ms: number): string {
    if (ms !== this.#ms) this.#text = new Date(ms).toISOString();
    this.#ms = ms;
    return this.#text;
  }
}

function isBad(event: RunEvent): boolean {
  if (event.event === 'checked') return event.result !== 'ok';
  if (event.event === 'verified') return event.result !== 'too-new';
  return event.event === 'failed' || event.event === 'set-aside';
}
