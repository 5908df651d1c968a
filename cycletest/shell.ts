// One shell for one life: commands go in one at a time, their output and exit code come out.

import { type ChildProcess, spawn } from 'node:child_process';

export interface Ran {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

export interface ShellOptions {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what is printed, as it comes. */
  readonly onOutput: (text: string) => void;
}

/** Disposing ends the shell and everything that was started in it. */
export class Shell implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #onOutput: (text: string) => void;
  #output = '';
  #shown = 0;
  #settle: ((ran: Ran) => void) | null = null;
  #commands = 0;

  constructor(options: ShellOptions) {
    this.#onOutput = options.onOutput;
    // Its own process group, so that a server left in the background ends with it.
    this.#process = spawn('sh', [], {
      cwd: options.directory,
      env: options.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#process.on('exit', () => this.#settle?.({ lines: ['the shell has ended'], exitCode: -1 }));
    this.#process.stdin?.write('exec 2>&1\n');
  }

  /** Standard output and error, in the order printed. */
  run(command: string): Promise<Ran> {
    this.#commands++;
    this.#output = '';
    this.#shown = 0;
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#process.stdin?.write(`{ ${command}\n} </dev/null\nprintf '\\n${this.#marker} %s\\n' "$?"\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid === undefined || exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    process.kill(-pid, 'SIGTERM');
    await ended;
  }

  get #marker(): string {
    return `--- command ${this.#commands} of ${process.pid} ended with`;
  }

  #take(text: string): void {
    this.#output += text;
    const end = this.#output.indexOf(`\n${this.#marker}`);
    const code = end === -1 ? null : /^ (\d+)\n/.exec(this.#output.slice(end + 1 + this.#marker.length));
    // The end of what came may be the beginning of the marker: it is held back until it is known not to be.
    this.#show(code === null ? this.#output.length - this.#marker.length - 8 : end);
    if (code === null) return;
    const printed = this.#output.slice(0, end);
    const lines = printed === '' ? [] : printed.replace(/\n$/, '').split('\n');
    this.#settle?.({ lines, exitCode: Number(code[1]) });
    this.#settle = null;
  }

  #show(upTo: number): void {
    if (upTo <= this.#shown) return;
    this.#onOutput(this.#output.slice(this.#shown, upTo));
    this.#shown = upTo;
  }
}
