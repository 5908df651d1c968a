// One run of the program, from the words that were typed to the exit code.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { systemClock } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import type { Command } from './command.js';
import { type Request, readCommandLine } from './command-line.js';
import { readConfig } from './config.js';
import { EXIT, type ExitCode, exitCodeOfFailure } from './exit-codes.js';
import { afterDelay, Interrupts, type Signalled } from './interrupts.js';
import { openJsonReport } from './json-report.js';
import type { Notice } from './notice.js';
import { OPTION_NAMES, optionOf, settingName } from './options.js';
import type { Output } from './output.js';
import type { Reporter } from './reporter.js';
import { Reporters } from './reporters.js';
import { contextOf } from './run-context.js';
import { type Settled, settle } from './settings.js';
import { systemHeartbeat } from './status-line.js';
import { openTerminalReport, writeDefect } from './terminal-report.js';

/** What the program is run with; tests bring their own. */
export interface ProgramParts {
  readonly argv: readonly string[];
  readonly commands: readonly Command[];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly process: Signalled;
}

/** Never throws: a defect of ours is told with its stack, as exit code 1. */
export async function runProgram(parts: ProgramParts): Promise<ExitCode> {
  const { stdout, stderr } = parts;
  const version = versionText();
  try {
    const request = readCommandLine(parts.argv, parts.commands);
    if (request.ask === 'run') return await runRequest(parts, request, version);
    if (request.ask === 'help') stdout.write(await helpText(request.command, parts.commands));
    else stdout.write(`mtglacier ${version} (node ${process.version})\n`);
    return EXIT.done;
  } catch (thrown) {
    return tellThrown(thrown, asksJson(parts.argv) ? jsonReport(stdout, false) : plainReport(parts), stderr);
  }
}

/** Laying out help takes a library that no other run has to wait for. */
async function helpText(command: Command | null, commands: readonly Command[]): Promise<string> {
  const { helpOfCommand, helpOfProgram } = await import('./help.js');
  return command === null ? helpOfProgram(commands) : helpOfCommand(command);
}

type RunRequest = Extract<Request, { ask: 'run' }>;

/** @throws Failure USAGE, CONFIG before anything is begun; what happens later is told here */
async function runRequest(parts: ProgramParts, request: RunRequest, version: string): Promise<ExitCode> {
  const { command, typed } = request;
  const configFile = typed.get('config');
  const config = typeof configFile === 'string' ? readConfig(configFile) : null;
  const settled = settle(command, typed, config);
  const secrets = givenOptions(settled, 'secret').map(([, value]) => String(value));
  for (const output of [parts.stdout, parts.stderr]) output.hide(secrets);

  using reporters = new Reporters(openReport(parts, command, settled));
  using interrupts = new Interrupts({
    process: parts.process,
    after: afterDelay,
    onFirst: () => reporters.tell({ event: 'notice', ...INTERRUPTED_NOTICE }),
  });
  reporters.begin({ command: command.name, version, options: Object.fromEntries(givenOptions(settled, 'plain')) });
  for (const notice of [...request.notices, ...(config?.notices ?? [])]) reporters.tell({ event: 'notice', ...notice });
  try {
    return await command.run(contextOf({ request, settled, reporters, interrupts, secrets }));
  } catch (caught) {
    const thrown = withoutAftermath(caught);
    return tellInterrupted(thrown, interrupts, reporters) ?? tellThrown(thrown, reporters, parts.stderr);
  }
}

const INTERRUPTED_NOTICE: Notice = {
  topic: 'interrupted',
  message: 'interrupted: ending what is in flight, which takes a few seconds',
  hint: 'a second Ctrl-C quits at once',
};

function openReport(parts: ProgramParts, command: Command, { settings }: Settled): Reporter {
  if (settings.json) return jsonReport(parts.stdout, settings.quiet);
  return openTerminalReport({
    ...terminalParts(parts),
    directory: settings.dir ?? null,
    isQuiet: settings.quiet,
    // Every command that moves files has a journal, and no other has one.
    hasProgress: command.uses.includes('journal'),
  });
}

function plainReport(parts: ProgramParts): Reporter {
  return openTerminalReport({ ...terminalParts(parts), directory: null, isQuiet: false, hasProgress: false });
}

function terminalParts({ stdout, stderr }: ProgramParts) {
  return { stdout, stderr, clock: systemClock, heartbeat: systemHeartbeat };
}

function jsonReport(stdout: Output, isQuiet: boolean): Reporter {
  return openJsonReport({ write: (line) => stdout.write(line), nowMs: Date.now, isQuiet });
}

/** The options that were given, by name; secrets apart. */
function givenOptions({ settings, origins }: Settled, kind: 'plain' | 'secret'): [string, unknown][] {
  return OPTION_NAMES.filter((name) => origins[settingName(name)] !== 'default')
    .filter((name) => (optionOf(name).secret === true) === (kind === 'secret'))
    .map((name) => [name, settings[settingName(name)]]);
}

/** What ended the work, where closing what was open has failed after it. */
function withoutAftermath(thrown: unknown): unknown {
  const isAftermath = thrown instanceof Error && thrown.name === 'SuppressedError' && 'suppressed' in thrown;
  return isAftermath ? withoutAftermath(thrown.suppressed) : thrown;
}

/** Null when no signal came, or when what was thrown is a defect. */
function tellInterrupted(thrown: unknown, interrupts: Interrupts, report: Reporter): ExitCode | null {
  const { exitCode } = interrupts;
  if (exitCode === null || !(thrown instanceof Error)) return null;
  if (!(thrown instanceof Failure) && thrown.name !== 'AbortError') return null;
  const isOwnTrouble = thrown instanceof Failure && thrown.code !== 'INTERRUPTED';
  report.fail(isOwnTrouble ? thrown : interrupts.failure(), exitCode);
  return exitCode;
}

function tellThrown(thrown: unknown, report: Reporter, stderr: Output): ExitCode {
  if (thrown instanceof Failure) {
    const exitCode = exitCodeOfFailure(thrown.code);
    report.fail(thrown, exitCode);
    return exitCode;
  }
  report[Symbol.dispose]();
  writeDefect(stderr, thrown);
  return EXIT.failed;
}

/** For what goes wrong before the options are understood. */
function asksJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).some((word) => word === '--json' || word === '-json');
}

function versionText(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
