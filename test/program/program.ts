// The built program, run as its users run it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** No credentials of whoever runs the tests get in. */
export function start(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Started {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TZ: 'UTC', ...options.env };
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options, env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([exitCode]: (number | null)[]) => {
    return { exitCode: exitCode ?? null, stdout, stderr };
  });
  return { process: child, ended };
}

export function mtglacier(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}
