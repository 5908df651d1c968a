// Does what a command line asks for: a command, its help or that of the program, or the version.

import { Failure } from '../model/failure.js';
import { EXIT, type ExitCode, exitCodeOfFailure } from './exit-codes.js';
import type { ProgramParts } from './program-parts.js';
import { tellVersion } from './version.js';
import { readArguments } from './words/arguments.js';
import type { Command } from './words/command.js';
import { readCommandLine } from './words/command-line.js';
import { variableOf } from './words/environment.js';
import { yesOrNo } from './words/option-values.js';
import { Problems } from './words/problems.js';

/** Throws nothing but defects: what goes wrong is told. */
export async function runCommandLine(parts: ProgramParts): Promise<ExitCode> {
  try {
    return await runRequest(parts, await parts.commands());
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return tellRefused(parts, thrown);
  }
}

/** @throws Failure USAGE, CONFIG before anything is begun */
async function runRequest(parts: ProgramParts, commands: readonly Command[]): Promise<ExitCode> {
  const request = readCommandLine(parts.argv, commands);
  switch (request.ask) {
    case 'version':
      tellVersion(parts.stdout, request);
      return EXIT.done;
    case 'help':
      parts.stdout.write(await helpText(request.command, commands));
      return EXIT.done;
    case 'run': {
      const { runCommand } = await import('./run-command.js');
      return runCommand({ ...parts, commands }, request);
    }
  }
}

async function helpText(command: Command | null, commands: readonly Command[]): Promise<string> {
  const { helpOfCommand, helpOfProgram } = await import('./help.js');
  return command === null ? helpOfProgram(commands) : helpOfCommand(command);
}

async function tellRefused(parts: ProgramParts, failure: Failure): Promise<ExitCode> {
  const { jsonReport, plainReport } = await import('./report/open-report.js');
  using report = asksJson(parts) ? jsonReport(parts.stdout, false) : plainReport(parts);
  const exitCode = exitCodeOfFailure(failure.code);
  report.fail(failure, exitCode);
  return exitCode;
}

/** For what goes wrong before the options are understood. */
function asksJson({ argv, environment }: ProgramParts): boolean {
  const variable = variableOf('json');
  const problems = new Problems();
  if (readArguments(argv, problems).typed.has('json')) return true;
  return problems.attempt(() => yesOrNo(environment[variable] || '0', variable)) === true;
}
