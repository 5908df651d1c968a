// One run of the program, from the words that were typed to the exit code.

import { Failure } from '../model/failure.js';
import { EXIT, type ExitCode, exitCodeOfFailure } from './exit-codes.js';
import { afterDelay, Interrupts, type Signalled } from './interrupts.js';
import type { Notice } from './report/notice.js';
import { jsonReport, openReport, plainReport } from './report/open-report.js';
import type { Output } from './report/output.js';
import type { Reporter } from './report/reporter.js';
import { Reporters } from './report/reporters.js';
import { tellDefect, tellFailure } from './report/terminal-report.js';
import { contextOf } from './run-context.js';
import { versionAnswer, versionOfProgram } from './version.js';
import { readArguments } from './words/arguments.js';
import type { Command } from './words/command.js';
import { type RunRequest, readCommandLine } from './words/command-line.js';
import { variableOf } from './words/environment.js';
import { gather } from './words/gathering.js';
import { givenOptions } from './words/given-options.js';
import { yesOrNo } from './words/option-values.js';
import type { Settings } from './words/options.js';
import { Problems } from './words/problems.js';
import { settle } from './words/settings.js';

/** What the program is run with; tests bring their own. */
export interface ProgramParts {
  readonly argv: readonly string[];
  /** Variables of the process; those that begin with MTGLACIER_ are options. */
  readonly environment: NodeJS.ProcessEnv;
  readonly commands: readonly Command[];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly process: Signalled;
}

/** Never throws: a defect of ours is told with its stack, as exit code 1. What could not be told is no success either. */
export async function runProgram(parts: ProgramParts): Promise<ExitCode> {
  const exitCode = await runToItsEnd(parts);
  const lost = await parts.stdout.lost();
  if (lost === null) return exitCode;
  tellFailure(parts.stderr, lost);
  return exitCode === EXIT.done ? exitCodeOfFailure(lost.code) : exitCode;
}

async function runToItsEnd(parts: ProgramParts): Promise<ExitCode> {
  try {
    const request = readCommandLine(parts.argv, parts.commands);
    if (request.ask === 'run') return await runRequest(parts, request);
    if (request.ask === 'help') parts.stdout.write(await helpText(request.command, parts.commands));
    else tellVersion(parts, request.asJson);
    return EXIT.done;
  } catch (thrown) {
    const report = asksJson(parts) ? jsonReport(parts.stdout, false) : plainReport(parts);
    return tellThrown(thrown, report, parts.stderr);
  }
}

function tellVersion(parts: ProgramParts, asJson: boolean): void {
  using report = asJson ? jsonReport(parts.stdout, false) : plainReport(parts);
  report.answer(versionAnswer());
}

/** Laying out help takes a library that no other run has to wait for. */
async function helpText(command: Command | null, commands: readonly Command[]): Promise<string> {
  const { helpOfCommand, helpOfProgram } = await import('./help.js');
  return command === null ? helpOfProgram(commands) : helpOfCommand(command);
}

/** @throws Failure USAGE, CONFIG before anything is begun; what happens later is told here */
async function runRequest(parts: ProgramParts, draft: RunRequest): Promise<ExitCode> {
  const gathered = await gather(parts, draft);
  const { request, encodings } = gathered;
  const { command } = request;
  for (const output of [parts.stdout, parts.stderr]) output.encodeWith(encodings.terminal);
  const settled = settle(command, gathered, wordsOf(request), encodings.filenames);
  const secrets = givenOptions(settled, 'secret').map(([, value]) => String(value));
  for (const output of [parts.stdout, parts.stderr]) output.hide(secrets);

  using reporters = new Reporters(openReport(parts, command, settled));
  using interrupts = new Interrupts({
    process: parts.process,
    after: afterDelay,
    onFirst: () => reporters.tell({ event: 'notice', ...INTERRUPTED_NOTICE }),
    onSecond: () => reporters[Symbol.dispose](),
  });
  const options = Object.fromEntries(givenOptions(settled, 'plain'));
  reporters.begin({ command: command.name, version: versionOfProgram(), options });
  for (const notice of gathered.notices) reporters.tell({ event: 'notice', ...notice });
  try {
    return await command.run(
      contextOf({ request, settled, encodings, reporters, interrupts, secrets, stdout: parts.stdout }),
    );
  } catch (caught) {
    const thrown = withoutAftermath(caught);
    const hint = whatToDoAgain(command, settled.settings);
    return tellInterrupted(thrown, interrupts, reporters, hint) ?? tellThrown(thrown, reporters, parts.stderr);
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
  const goesOn = isWrittenDown && !command.stdoutIsData(settings);
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

function tellThrown(thrown: unknown, report: Reporter, stderr: Output): ExitCode {
  if (thrown instanceof Failure) {
    const exitCode = exitCodeOfFailure(thrown.code);
    report.fail(thrown, exitCode);
    return exitCode;
  }
  report[Symbol.dispose]();
  tellDefect(stderr, thrown);
  return EXIT.failed;
}

/** For what goes wrong before the options are understood. */
function asksJson({ argv, environment }: ProgramParts): boolean {
  const variable = variableOf('json');
  const problems = new Problems();
  if (readArguments(argv, problems).typed.has('json')) return true;
  return problems.attempt(() => yesOrNo(environment[variable] || '0', variable)) === true;
}
