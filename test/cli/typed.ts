// The program run in this process as if it had been typed.

import type { ProgramParts } from '../../src/cli/program-parts.js';
import { runProgram } from '../../src/cli/run-program.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { FakeProcess, FakeStream } from './fakes.js';

export interface Seen {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

export async function typed(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  more: Partial<Pick<ProgramParts, 'time' | 'process'>> = {},
): Promise<Seen> {
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const streams = { stdout: stdout.open(), stderr: stderr.open() };
  const parts = { argv, environment, commands: async () => COMMANDS, process: new FakeProcess(), ...streams };
  const exitCode = await runProgram({ ...parts, ...more });
  return { exitCode, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes };
}

/** The objects of `--json` output that are such events. */
export function eventsIn(stdout: string, event: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((one) => one['event'] === event);
}
