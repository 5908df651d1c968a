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

interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Words to put before the command line, such as those of a shell that sets a limit. */
  readonly under?: readonly string[];
}

/** No credentials of whoever runs the tests get in. */
export function start(args: readonly string[], { under = [], ...options }: StartOptions = {}): Started {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TZ: 'UTC', ...options.env };
  const [command, ...words] = [...under, process.execPath, PROGRAM, ...args] as [string, ...string[]];
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env });
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

/** As one who may not read what its mode forbids; root may, unless it gives that right away. */
export function withoutPrivilege(...args: readonly string[]): Promise<Ended> {
  const rights = '-dac_override,-dac_read_search';
  const under = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];
  return start(args, process.getuid?.() === 0 ? { under } : {}).ended;
}

export function mtglacier(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

/** Resolves when the word has been printed to stdout. */
export function sees(started: Started, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    started.process.stdout?.on('data', (text: string) => {
      seen += text;
      if (seen.includes(word)) resolve();
    });
    void started.ended.then(({ stderr }) => reject(new Error(`${word} never came: ${stderr}`)));
  });
}
