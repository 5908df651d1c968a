// Makes what a command is given to work with.

import { systemClock } from '../model/clock.js';
import type { RunEvent } from '../model/events.js';
import { Failure, type FailureCode, reachOf } from '../model/failure.js';
import type { CommandContext } from './command-context.js';
import type { Request } from './command-line.js';
import { type ExitCode, exitCodeOfFailure, exitCodeOfOutcome } from './exit-codes.js';
import type { Interrupts } from './interrupts.js';
import { LeftBehindCollector } from './left-behind.js';
import type { OptionName, SettingsWith } from './options.js';
import type { Summary, SummaryTable } from './reporter.js';
import type { Reporters } from './reporters.js';
import { openRunFile } from './run-file.js';
import type { Settled } from './settings.js';

interface ContextParts {
  readonly request: Extract<Request, { ask: 'run' }>;
  readonly settled: Settled;
  readonly reporters: Reporters;
  readonly interrupts: Interrupts;
  readonly secrets: readonly string[];
}

export function contextOf(parts: ContextParts): CommandContext<OptionName> {
  const { request, settled, reporters, interrupts, secrets } = parts;
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
  return {
    command,
    // What the command demands is there: settling the options has seen to it.
    settings: settled.settings as SettingsWith<OptionName>,
    origins: settled.origins,
    halt: interrupts.halt,
    clock: systemClock,
    report,
    answer: (answer) => reporters.answer(answer),
    recordBeside: (journal) => reporters.join(openRunFile({ journal, command, secrets, nowMs: Date.now })),
    positional(name) {
      const word = request.positionals.get(name);
      if (word === undefined) throw new Error(`${command} has no positional ${name}`);
      return word;
    },
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

/** A brake is applied, and a failure that ends no run is given as its outcome, when all has been looked at. */
function sawAll(code: FailureCode): boolean {
  return code === 'BRAKE' || reachOf(code) === 'skip';
}

/** A total of what was seen before a failure must not pass for the total of all. */
function soFar(summary: Summary): Summary {
  const tables = summary.tables.map((table): SummaryTable => ({ ...table, total: table.totalSoFar ?? table.total }));
  return { ...summary, tables };
}
