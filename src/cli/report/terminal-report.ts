// Tells a run to people: deeds on stdout, errors and warnings on stderr, one moving line while it works.

import type { Clock } from '../../model/clock.js';
import type { RunEvent } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import { type EventLine, linesOf } from './event-lines.js';
import type { Heartbeat } from './heartbeat.js';
import type { Output, Style } from './output.js';
import type { Answer, Closing, Reporter } from './reporter.js';
import { oneLine } from './safe-text.js';
import { StatusLine } from './status-line.js';
import { summaryLines } from './summary.js';

interface TerminalParts {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  /** The kept directory as the user named it. */
  readonly directory: string | null;
  /** Only errors, findings, answers and the summary. */
  readonly isQuiet: boolean;
  /** Whether the run moves files, so that there is something to show while it works. */
  readonly hasProgress: boolean;
}

/** Of a thousand files that are not ready the first few tell the story; the summary counts them. */
const WAITING_SHOWN = 20;

const LABELS = {
  error: ['ERROR: ', 'red'],
  warning: ['WARNING: ', 'yellow'],
  notice: ['notice: ', 'bold'],
} as const satisfies Record<string, readonly [string, Style]>;

export function openTerminalReport(parts: TerminalParts): Reporter {
  return new TerminalReport(parts);
}

class TerminalReport implements Reporter {
  readonly #parts: TerminalParts;
  readonly #status: StatusLine | null;
  #waiting = 0;

  constructor(parts: TerminalParts) {
    this.#parts = parts;
    this.#status =
      parts.isQuiet || !parts.hasProgress ? null : new StatusLine(parts.stderr, parts.heartbeat, parts.clock);
  }

  /** People see what they typed. */
  begin(): void {}

  tell(event: RunEvent): void {
    for (const line of this.#linesOf(event)) this.#print(line);
    this.#status?.tell(event);
  }

  #linesOf(event: RunEvent): readonly EventLine[] {
    const { directory, clock } = this.#parts;
    if (event.event === 'waiting' && ++this.#waiting > WAITING_SHOWN) {
      const text = 'Not ready yet: and more, which the summary counts';
      return this.#waiting === WAITING_SHOWN + 1 ? [{ kind: 'deed', text, hint: null }] : [];
    }
    return linesOf(event, directory, clock.now());
  }

  answer(answer: Answer): void {
    const { stdout } = this.#parts;
    if (answer.bytes !== undefined) stdout.writeBytes(answer.bytes);
    else for (const line of answer.lines) this.#write(stdout, oneLine(line));
  }

  close(closing: Closing): void {
    this.#status?.[Symbol.dispose]();
    // A short deed that went well has told all in its answer, but for the words that old scripts wait for.
    const isShort = closing.exitCode === 0 && closing.tables.length === 0;
    if (isShort && closing.saysDone !== true) return;
    const lines = isShort ? summaryLines(closing).slice(-1) : summaryLines(closing);
    const style = closing.exitCode === 0 ? 'green' : 'yellow';
    const output = closing.aside === true ? this.#parts.stderr : this.#parts.stdout;
    for (const line of lines.slice(0, -1)) this.#write(output, line);
    this.#write(output, output.paint(style, lines.at(-1) ?? ''));
  }

  fail(failure: Failure): void {
    this.#status?.[Symbol.dispose]();
    tellFailure(this.#parts.stderr, failure);
  }

  [Symbol.dispose](): void {
    this.#status?.[Symbol.dispose]();
  }

  #print(line: EventLine): void {
    const { isQuiet, stdout, stderr } = this.#parts;
    if (line.kind === 'finding') this.#write(stdout, line.text);
    else if (line.kind === 'deed') {
      if (!isQuiet) this.#write(stdout, line.text);
    } else if (line.kind === 'step') {
      if (!isQuiet && !stdout.isLive) this.#write(stdout, line.text);
    } else if (line.kind === 'error' || !isQuiet) {
      const { kind, text, hint } = line;
      this.#above(stderr, () => writeLabelled(stderr, kind, text, hint));
    }
  }

  #write(output: Output, line: string): void {
    this.#above(output, () => output.write(`${line}\n`));
  }

  /** What goes to no terminal is not in the way of the status line. */
  #above(output: Output, write: () => void): void {
    if (this.#status === null || !output.isLive) write();
    else this.#status.giveWay(write);
  }
}

/** Several problems in one failure stand on a line each. */
export function tellFailure(stderr: Output, failure: Pick<Failure, 'message' | 'hint'>): void {
  const messages = failure.message.split('\n');
  messages.forEach((message, index) => {
    writeLabelled(stderr, 'error', message, index === messages.length - 1 ? (failure.hint ?? null) : null);
  });
}

function writeLabelled(stderr: Output, kind: keyof typeof LABELS, text: string, hint: string | null): void {
  const [label, style] = LABELS[kind];
  stderr.write(`${stderr.paint(style, label)}${oneLine(text)}\n`);
  for (const line of hint?.split('\n') ?? []) stderr.write(`${stderr.paint('dim', 'hint: ')}${oneLine(line)}\n`);
}

/** Something that must not happen: no failure of the world but a mistake in this program. */
export function tellDefect(stderr: Output, thrown: unknown): void {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  writeLabelled(stderr, 'error', 'this should not have happened', 'please report it, with the lines below');
  for (const line of stack.split('\n')) stderr.write(`${oneLine(line)}\n`);
}
