// What the reader of a life sees: its text, the commands as typed, what they print as it comes, and the verdict.

import { styleText } from 'node:util';
import type { Broken, Verdict } from './play.js';

const MARGIN = '    ';
const WIDTH = 80;

type Colour = 'bold' | 'green' | 'red' | 'yellow' | 'dim';

export interface PageOptions {
  readonly write: (text: string) => void;
  readonly isColoured: boolean;
}

export class Page {
  readonly #options: PageOptions;
  #isBlank = true;
  /** The beginning of a line of output whose end has not come. */
  #held = '';

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** A line of Markdown; several blank ones become one. */
  prose(text: string): void {
    const isBlank = text.trim() === '';
    if (isBlank && this.#isBlank) return;
    const heading = /^(#+) (.+)$/.exec(text);
    if (heading === null) this.#line(text);
    else if (heading[1] === '#') this.#title(heading[2] ?? '');
    else this.#line(this.#paint('bold', text));
    this.#isBlank = isBlank;
  }

  command(text: string): void {
    for (const [index, line] of text.split('\n').entries()) {
      this.#line(this.#paint('bold', `${MARGIN}${index === 0 ? '$' : '>'} ${line}`));
    }
  }

  /** As it comes, in any pieces; shown line by line. */
  output(text: string): void {
    const lines = `${this.#held}${text}`.split('\n');
    this.#held = lines.pop() ?? '';
    for (const line of lines) this.#line(line === '' ? '' : `${MARGIN}${shortened(line)}`);
  }

  /** @param exitCode null: it did not */
  ended(exitCode: number | null): void {
    if (this.#held !== '') this.output('\n');
    if (exitCode !== 0) this.#line(this.#paint('yellow', `${MARGIN}[${exitCode ?? 'has not ended'}]`));
  }

  verdict(verdict: Verdict): void {
    const { outcome, commands, durationMs } = verdict;
    if (!this.#isBlank) this.#line('');
    if (outcome.is === 'skipped') {
      this.#line(this.#paint('yellow', `SKIPPED  ${verdict.title}: it needs ${outcome.needs}`));
    } else if (outcome.is === 'as it should') {
      this.#line(this.#paint('green', `AS IT SHOULD  ${commands} commands in ${secondsText(durationMs)}`));
    } else {
      this.#line(this.#paint('red', `NOT AS IT SHOULD  ${verdict.file}, line ${outcome.step.line}`));
      for (const line of explained(outcome)) this.#line(line);
    }
    this.#line('');
    this.#isBlank = true;
  }

  /** The end of it all: one row for each life. */
  table(verdicts: readonly Verdict[], where: string): void {
    const title = Math.max(...verdicts.map((verdict) => verdict.title.length));
    const file = Math.max(...verdicts.map((verdict) => verdict.file.length));
    this.#title(`${verdicts.length === 1 ? 'One life' : `${verdicts.length} lives`}, played on ${where}`);
    this.#line('');
    for (const verdict of verdicts) {
      const name = `${verdict.title.padEnd(title)}  ${this.#paint('dim', verdict.file.padEnd(file))}`;
      this.#line(`  ${name}  ${this.#rowEnd(verdict)}`);
    }
    this.#line('');
    const broken = verdicts.filter(({ outcome }) => outcome.is === 'broken').length;
    if (broken === 0) this.#line(this.#paint('green', 'Every life went as it should.'));
    else this.#line(this.#paint('red', `${broken} of ${verdicts.length} did not go as they should.`));
  }

  #rowEnd({ outcome, commands, durationMs }: Verdict): string {
    const work = `${commands.toString().padStart(3)} commands  ${secondsText(durationMs).padStart(6)}`;
    if (outcome.is === 'skipped') return this.#paint('yellow', `skipped: it needs ${outcome.needs}`);
    if (outcome.is === 'as it should') return `${work}  ${this.#paint('green', 'as it should')}`;
    return `${work}  ${this.#paint('red', `NOT AS IT SHOULD, line ${outcome.step.line}`)}`;
  }

  #title(text: string): void {
    const rule = this.#paint('dim', '─'.repeat(WIDTH));
    this.#line(rule);
    this.#line(this.#paint('bold', text));
    this.#line(rule);
  }

  #line(text: string): void {
    this.#options.write(`${text}\n`);
    this.#isBlank = false;
  }

  #paint(colour: Colour, text: string): string {
    return this.#options.isColoured ? styleText(colour, text, { validateStream: false }) : text;
  }
}

/** What was to be and what was, with a mark where they part. */
function explained({ step, ran, mismatch, left }: Broken): string[] {
  const { at } = mismatch ?? { at: -1 };
  const expected = step.expected.map((line, index) => `  ${index === at ? '>' : ' '} | ${line}`);
  return [
    ...step.command.split('\n').map((line, index) => `  ${index === 0 ? '$' : '>'} ${line}`),
    `was to end with ${step.exitCode} and to print${expected.length === 0 ? ' nothing' : ':'}`,
    ...expected,
    ...(at === expected.length ? ['  > | (and nothing more)'] : []),
    `it ${ran.exitCode === null ? 'did not end' : `ended with ${ran.exitCode}`} and printed${ran.lines.length === 0 ? ' nothing' : ':'}`,
    ...ran.lines.map((line) => `    | ${line}`),
    ...(left === null ? [] : [`All that it left is in ${left}`]),
  ];
}

/** Hashes and archive ids would fill the page: their middle is left out. */
function shortened(line: string): string {
  return line.replace(/[A-Za-z0-9_-]{60,}/g, (id) => `${id.slice(0, 8)}…${id.slice(-4)}`);
}

function secondsText(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
