// The place of one benchmark: a temporary folder, a copy of the built program, and every process that was started.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Usage } from './usage-at-exit.js';

/** One run of a process, from before its start to its end. */
export interface Ran extends Usage {
  readonly wallMs: number;
}

/** A process that goes on until it is stopped. */
export interface Service {
  /** What it said when it was ready. */
  readonly greeting: string;
  /** Milliseconds of processor that it took so far, all threads; NaN where the system is not Linux. */
  cpuMs(): number;
  stop(): Promise<Ran>;
}

/** Where the program's copy lies. */
const PROGRAM = 'program';

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
  /** Aborted when the benchmark is to end. */
  readonly signal: AbortSignal;
  readonly #directory = mkdtempSync(join(tmpdir(), 'mtglacier-bench-'));
  readonly #running = new Set<Promise<unknown>>();
  readonly #over = new AbortController();
  /** The built program's main file. */
  readonly program: string;

  constructor(interrupted: AbortSignal) {
    this.signal = AbortSignal.any([interrupted, this.#over.signal]);
    // A copy, so that building the program meanwhile does not change what is measured.
    const copy = this.path(PROGRAM);
    mkdirSync(copy);
    for (const part of ['dist', 'package.json']) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
    this.program = join(copy, 'dist', 'cli', 'main.js');
  }

  path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }

  remove(...names: readonly string[]): void {
    for (const name of names) rmSync(this.path(name), { recursive: true, force: true });
  }

  /** With all that lies beside it. */
  forgetJournal(journal: string): void {
    const known = (name: string): boolean => name === journal || name.startsWith(`${journal}.`);
    this.remove(...readdirSync(this.#directory).filter(known));
  }

  /** Removes all but the program. */
  clear(): void {
    this.remove(...readdirSync(this.#directory).filter((name) => name !== PROGRAM));
  }

  /**
   * Runs the built program to its end; what it prints goes to the null device.
   * @throws Error when its exit code is not 0
   */
  run(...words: readonly string[]): Promise<Ran> {
    return this.runIn({}, ...words);
  }

  /** The same with more in its environment. */
  runIn(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ran> {
    return this.#start([this.program, ...words], 'ignore', env).ended;
  }

  /** Runs a script of the benchmark to its end, and hands on the line that it printed. */
  async runScript(name: string, ...words: readonly string[]): Promise<Ran & { readonly said: string }> {
    const { stdout, ended } = this.#start([join(HERE, name), ...words], 'pipe');
    const [said, ran] = await Promise.all([text(stdout as Readable), ended]);
    return { ...ran, said };
  }

  /** Starts the built program for as long as it is wanted. */
  serve(...words: readonly string[]): Promise<Service> {
    return this.#service([this.program, ...words]);
  }

  /** The same with a script of the benchmark. */
  serveScript(name: string, ...words: readonly string[]): Promise<Service> {
    return this.#service([join(HERE, name), ...words]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await Promise.allSettled(this.#running);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #service(words: readonly string[]): Promise<Service> {
    const { pid, stdout, ended, stop } = this.#start(words, 'pipe');
    if (stdout === null) throw new Error('standard output is not piped');
    const said = createInterface({ input: stdout });
    const greeted = once(said, 'line').then(([line]: string[]) => line ?? '');
    const greeting = await Promise.race([greeted, ended.then(() => Promise.reject(new Error(`${words[0]} ended`)))]);
    return {
      greeting,
      cpuMs: () => cpuMsOf(pid),
      stop: () => {
        stop();
        return ended;
      },
    };
  }

  #start(words: readonly string[], stdout: 'ignore' | 'pipe', env: Readonly<Record<string, string>> = {}) {
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', join(HERE, 'usage-at-exit.js'), ...words], {
      cwd: this.#directory,
      // No settings or credentials of whoever runs the benchmark get in.
      env: { PATH: process.env['PATH'], HOME: this.#directory, TZ: 'UTC', ...env },
      stdio: ['ignore', stdout, 'pipe', 'pipe'],
      signal: this.signal,
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => undefined); // that it was told to end; its end tells the rest
    const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
    const wall = exited.then(() => performance.now() - began);
    const [errors, usage] = [text(child.stderr as Readable), text(child.stdio[3] as Readable)];
    const ended = Promise.all([exited, wall, usage, errors]).then(([exitCode, wallMs, usage, errors]): Ran => {
      const isStopped = stdout === 'pipe' && usage !== '';
      if (exitCode !== 0 && !isStopped) throw new Error(`${words.join(' ')} ended with ${exitCode}: ${errors}`);
      return { ...(JSON.parse(usage) as Usage), wallMs };
    });
    this.#running.add(ended);
    ended.catch(() => undefined).finally(() => this.#running.delete(ended));
    return { pid: child.pid, stdout: child.stdout, ended, stop: () => void child.kill('SIGTERM') };
  }
}

/** Ticks of 10 ms, in fields 14 and 15 of what Linux tells of a process. */
function cpuMsOf(pid: number | undefined): number {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [, user, system] = /^.*\) (?:\S+ ){11}(\d+) (\d+)/.exec(stat) ?? [];
  return (Number(user) + Number(system)) * 10;
}
