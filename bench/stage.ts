// The place of one benchmark: a temporary folder, a copy of the built program, and every process that was started.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Usage } from './usage-at-exit.js';

/** One run of a process, from before its start to its end. */
export interface Ran extends Usage {
  readonly exitCode: number;
  readonly wallMs: number;
}

export interface Started {
  readonly process: ChildProcess;
  /** @throws Error when it ends without telling its usage */
  readonly ended: Promise<Ran>;
}

/** No single process of a benchmark runs longer. */
const LONGEST_MS = 30 * 60_000;
const HERE = dirname(fileURLToPath(import.meta.url));
const PROJECT = projectOf(HERE);

function projectOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectOf(dirname(folder));
}

export const VERSION = (JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string }).version;

/** Disposing ends what still runs and removes the folder. */
export class Stage implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mtglacier-bench-'));
  readonly #running = new Set<Promise<Ran>>();
  readonly #ending = new AbortController();
  readonly #program: string;
  /** Aborted when the benchmark is to end. */
  readonly signal: AbortSignal;

  constructor(interrupted: AbortSignal) {
    this.signal = AbortSignal.any([interrupted, this.#ending.signal]);
    // A copy, so that building the program meanwhile does not change what is measured.
    const copy = this.path('program');
    mkdirSync(copy);
    for (const part of ['dist', 'package.json']) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
    this.#program = join(copy, 'dist', 'cli', 'main.js');
  }

  path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Starts the built program. */
  program(...words: readonly string[]): Started {
    return this.#start([this.#program, ...words]);
  }

  /** Starts a script of the benchmark itself. */
  script(name: string, ...words: readonly string[]): Started {
    return this.#start([join(HERE, name), ...words]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(words: readonly string[]): Started {
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', join(HERE, 'usage-at-exit.js'), ...words], {
      cwd: this.#directory,
      // No settings or credentials of whoever runs the benchmark get in.
      env: { PATH: process.env['PATH'], HOME: this.#directory, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      signal: this.signal,
      timeout: LONGEST_MS,
    });
    const ended = ending(child, words, began);
    this.#running.add(ended);
    ended.catch(() => undefined).finally(() => this.#running.delete(ended));
    return { process: child, ended };
  }
}

async function ending(child: ChildProcess, words: readonly string[], began: number): Promise<Ran> {
  const [, , stderr, usage] = child.stdio.map((stream) => gathered(stream as NodeJS.ReadableStream | null));
  const exited = once(child, 'exit').then(([exitCode]: (number | null)[]) => {
    return { exitCode: exitCode ?? -1, wallMs: performance.now() - began };
  });
  const [{ exitCode, wallMs }] = await Promise.all([exited, once(child, 'close')]);
  const text = (await usage) ?? '';
  if (text === '') throw new Error(`${words.join(' ')} ended with ${exitCode}: ${await stderr}`);
  return { ...(JSON.parse(text) as Usage), exitCode, wallMs };
}

/** All that comes, as text. Standard output is read by its taker, or thrown away. */
async function gathered(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (piece: string) => {
    text += piece;
  });
  if (stream !== null) await once(stream, 'close');
  return text;
}
