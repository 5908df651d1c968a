// Makes what a command is given to work with.

import type { RunEvent } from '../model/events.js';
import { Failure, type FailureCode, reachOf } from '../model/failure.js';
import { EVERYTHING, type Selection } from '../model/selection.js';
import { selectionOf } from '../plan/filter.js';
import type { CommandContext } from './command-context.js';
import { type ExitCode, exitCodeOfFailure, exitCodeOfOutcome } from './exit-codes.js';
import type { Interrupts } from './interrupts.js';
import { LeftBehindCollector } from './report/left-behind.js';
import type { Output } from './report/output.js';
import type { Summary, SummaryTable } from './report/reporter.js';
import type { Reporters } from './report/reporters.js';
import { openRunFile } from './report/run-file.js';
import type { Time } from './system-time.js';
import type { RunRequest } from './words/command-line.js';
import type { Encodings } from './words/encodings.js';
import { filterRules } from './words/filter-rules.js';
import type { OptionName, Settings, SettingsWith } from './words/options.js';
import type { Settled } from './words/settings.js';

interface ContextParts {
  readonly request: RunRequest;
  readonly settled: Settled;
  readonly encodings: Encodings;
  readonly reporters: Reporters;
  readonly interrupts: Interrupts;
  readonly secrets: readonly string[];
  readonly stdout: Output;
  readonly time: Time;
}

export function contextOf(parts: ContextParts): CommandContext<OptionName> {
  const { request, settled, encodings, reporters, interrupts, secrets, stdout, time } = parts;
  const command = request.command.name;
  const startedMs = performance.now();
  const leftBehind = new LeftBehindCollector();
  const report = (event: RunEvent): void => {
    leftBehind.tell(event);
    reporters.tell(event);
  };
  const close = (summary: Summary, exitCode: ExitCode): ExitCode => {
    const durationMs = performance.now() - startedMs;
    reporters.close({ ...summary, command, exitCode, durationMs, leftBehind: leftBehind.collected() });
    return exitCode;
  };
  const words = (name: string): readonly string[] => {
    const given = request.positionals.get(name);
    if (given === undefined) throw new Error(`${command} has no positional ${name}`);
    return given;
  };
  return {
    command,
    // What the command demands is there: settling the options has seen to it.
    settings: settled.settings as SettingsWith<OptionName>,
    origins: settled.origins,
    subjects: settled.subjects,
    encodings,
    selection: selectionIn(settled.settings),
    halt: interrupts.halt,
    ...time,
    report,
    answer: (answer) => reporters.answer(answer),
    answersTaken: () => stdout.taken(interrupts.halt.soon),
    recordBeside: (journal) => reporters.join(openRunFile({ journal, command, secrets, nowMs: Date.now })),
    positional: (name) => words(name)[0] ?? '',
    positionals: words,
    finish: (summary) => close(summary, exitCodeOfOutcome(summary.outcome)),
    async conclude(summary, work) {
      try {
        await work();
      } catch (thrown) {
        if (thrown instanceof Failure) {
          const exitCode = interrupts.exitCode ?? exitCodeOfFailure(thrown.code);
          close(sawAll(thrown.code) ? summary() : soFar(summary()), exitCode);
        }
        throw thrown;
      }
      return this.finish(summary());
    },
  };
}

function selectionIn(settings: Settings): Selection {
  const rules = filterRules(settings);
  return rules.length === 0 ? EVERYTHING : selectionOf(rules);
}

/** A brake is applied, and a failure that ends no run is given as its outcome, when all has been looked at. */
function sawAll(code: FailureCode): boolean {
  return code === 'BRAKE' || reachOf(code) === 'skip';
}

/** A total of what was seen before a failure must not pass for the total of all. */
function soFar(summary: Summary): Summary {
  const tables = summary.tables.map((table): SummaryTable => ({ ...table, total: table.totalSoFar ?? table.total }));
  return { ...summary, tables };
}
