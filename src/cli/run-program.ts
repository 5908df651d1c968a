// One run of the program, from the words that were typed to the exit code. Loads what it needs, when it is needed.

import { EXIT, type ExitCode, exitCodeOfFailure } from './exit-codes.js';
import type { ProgramParts } from './program-parts.js';
import { tellVersion } from './version.js';
import { readVersionWords } from './words/version-words.js';

/** Never throws: a defect of ours is told with its stack, as exit code 1. What could not be told is no success either. */
export async function runProgram(parts: ProgramParts): Promise<ExitCode> {
  const exitCode = await runToItsEnd(parts);
  const lost = await parts.stdout.lost();
  if (lost === null) return exitCode;
  const { tellFailure } = await import('./report/terminal-report.js');
  tellFailure(parts.stderr, lost);
  return exitCode === EXIT.done ? exitCodeOfFailure(lost.code) : exitCode;
}

async function runToItsEnd(parts: ProgramParts): Promise<ExitCode> {
  try {
    const version = readVersionWords(parts.argv);
    if (version === null) return await runWords(parts);
    tellVersion(parts.stdout, version);
    return EXIT.done;
  } catch (defect) {
    const { tellDefect } = await import('./report/terminal-report.js');
    tellDefect(parts.stderr, defect);
    return EXIT.failed;
  }
}

async function runWords(parts: ProgramParts): Promise<ExitCode> {
  const { runCommandLine } = await import('./run-command-line.js');
  return runCommandLine(parts);
}
