// Runs one command: settles its options, lets it work, and tells how that ended.

import { Failure } from '../model/failure.js';
import { type ExitCode, exitCodeOfFailure } from './exit-codes.js';
import { afterDelay, Interrupts } from './interrupts.js';
import type { ProgramParts } from './program-parts.js';
import { systemHeartbeat } from './report/heartbeat.js';
import type { Notice } from './report/notice.js';
import { openReport } from './report/open-report.js';
import type { Reporter } from './report/reporter.js';
import { Reporters } from './report/reporters.js';
import { contextOf } from './run-context.js';
import { systemTime } from './system-time.js';
import { versionOfProgram } from './version.js';
import type { Command } from './words/command.js';
import type { RunRequest } from './words/command-line.js';
import { gather } from './words/gathering.js';
import { givenOptions } from './words/given-options.js';
import type { Settings } from './words/options.js';
import { settle } from './words/settings.js';

interface RunParts extends Omit<ProgramParts, 'commands'> {
  readonly commands: readonly Command[];
}

/**
 * @param draft what the words mean, read as UTF-8
 * @throws Failure USAGE, CONFIG before anything is begun; what happens later is told here, but for defects
 */
export async function runCommand(parts: RunParts, draft: RunRequest): Promise<ExitCode> {
  const gathered = await gather(parts, draft);
  const { request, encodings } = gathered;
  const { command } = request;
  for (const output of [parts.stdout, parts.stderr]) output.encodeWith(encodings.terminal);
  const settled = settle(command, gathered, wordsOf(request), encodings.filenames);
  const secrets = givenOptions(settled, 'secret').map(([, value]) => String(value));
  for (const output of [parts.stdout, parts.stderr]) output.hide(secrets);

  using lines = parts.stdout.gather(systemHeartbeat, [parts.stderr]);
  using reporters = new Reporters(openReport(parts, command, settled));
  using interrupts = new Interrupts({
    process: parts.process,
    after: afterDelay,
    onFirst: () => reporters.tell({ event: 'notice', ...INTERRUPTED_NOTICE }),
    onSecond: () => {
      reporters[Symbol.dispose]();
      lines[Symbol.dispose]();
    },
  });
  const options = Object.fromEntries(givenOptions(settled, 'plain'));
  reporters.begin({ command: command.name, version: versionOfProgram(), options });
  for (const notice of gathered.notices) reporters.tell({ event: 'notice', ...notice });
  try {
    const { stdout, time = systemTime } = parts;
    return await command.run(contextOf({ request, settled, encodings, reporters, interrupts, secrets, stdout, time }));
  } catch (caught) {
    const thrown = withoutAftermath(caught);
    const hint = whatToDoAgain(command, settled.settings);
    return tellInterrupted(thrown, interrupts, reporters, hint) ?? tellFailed(thrown, reporters);
  }
}

function wordsOf({ positionals }: RunRequest): number {
  return [...positionals.values()].flat().length;
}

const INTERRUPTED_NOTICE: Notice = {
  topic: 'interrupted',
  message: 'interrupted: ending what is in flight, which takes a few seconds',
  hint: 'a second Ctrl-C quits at once',
};

function whatToDoAgain(command: Command, settings: Settings): string {
  if (settings.stdin) return 'nothing that came through the pipe is stored: run all of the pipe again';
  // What stands in a journal by now is not done twice, by the commands that do much and write it down as they go.
  const isWrittenDown = command.uses.includes('concurrency') && command.uses.includes('rebind-journal');
  const goesOn = isWrittenDown && !command.stdoutIsData(settings) && settings.range === undefined;
  return `nothing is lost: type the same command again${goesOn ? ', and it goes on where this run stopped' : ''}`;
}

/** What ended the work, where closing what was open has failed after it. */
function withoutAftermath(thrown: unknown): unknown {
  const isAftermath = thrown instanceof Error && thrown.name === 'SuppressedError' && 'suppressed' in thrown;
  return isAftermath ? withoutAftermath(thrown.suppressed) : thrown;
}

/** Null when no signal came, or when what was thrown is a defect. */
function tellInterrupted(thrown: unknown, interrupts: Interrupts, report: Reporter, hint: string): ExitCode | null {
  const { exitCode } = interrupts;
  if (exitCode === null || !(thrown instanceof Error)) return null;
  if (!(thrown instanceof Failure) && thrown.name !== 'AbortError') return null;
  const isOwnTrouble = thrown instanceof Failure && thrown.code !== 'INTERRUPTED';
  report.fail(isOwnTrouble ? thrown : interrupts.failure(hint), exitCode);
  return exitCode;
}

function tellFailed(thrown: unknown, report: Reporter): ExitCode {
  if (!(thrown instanceof Failure)) throw thrown;
  const exitCode = exitCodeOfFailure(thrown.code);
  report.fail(thrown, exitCode);
  return exitCode;
}
