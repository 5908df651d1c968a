// One shell for one life: commands go in one at a time, their output and exit code come out.

import { type ChildProcess, spawn } from 'node:child_process';

export interface Ran {
  readonly lines: readonly string[];
  /** Null when the command did not end in time, or ended the shell. */
  readonly exitCode: number | null;
}

export interface ShellOptions {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Longer than this a command must not take. */
  readonly limitMs: number;
  /** Takes what is printed, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Ends the shell. */
  readonly signal: AbortSignal;
}

/** Disposing ends the shell and everything that was started in it, at once. */
export class Shell implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #options: ShellOptions;
  readonly #ended: Promise<void>;
  #output = '';
  #shown = 0;
  #settle: ((exitCode: number | null) => void) | null = null;
  #commands = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    // Its own process group, so that a server left in the background ends with it.
    this.#process = spawn('sh', [], {
      cwd: options.directory,
      env: options.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#process.stdin?.on('error', () => this.#settle?.(null)).write('exec 2>&1\n');
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', () => {
        this.#settle?.(null);
        resolve();
      });
    });
    options.signal.addEventListener('abort', this.#kill);
  }

  /** Standard output and error, in the order printed. */
  async run(command: string): Promise<Ran> {
    this.#commands++;
    this.#output = '';
    this.#shown = 0;
    const exitCode = await new Promise<number | null>((resolve) => {
      const limit = setTimeout(() => this.#settle?.(null), this.#options.limitMs);
      this.#settle = (code) => {
        clearTimeout(limit);
        this.#settle = null;
        resolve(code);
      };
      this.#process.stdin?.write(`{ ${command}\n} </dev/null\nprintf '\\n${this.#marker} %s\\n' "$?"\n`);
    });
    this.#options.signal.throwIfAborted();
    const printed = exitCode === null ? this.#output : this.#output.slice(0, this.#output.indexOf(`\n${this.#marker}`));
    this.#show(printed.length);
    return { exitCode, lines: printed === '' ? [] : printed.replace(/\n$/, '').split('\n') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#kill);
    this.#kill();
    await this.#ended;
  }

  /** The whole group, also when the shell itself has ended. */
  readonly #kill = (): void => {
    try {
      process.kill(-(this.#process.pid as number), 'SIGKILL');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  };

  get #marker(): string {
    return `--- command ${this.#commands} of ${process.pid} ended with`;
  }

  #take(text: string): void {
    this.#output += text;
    const end = this.#output.indexOf(`\n${this.#marker}`);
    const code = end === -1 ? null : /^ (\d+)\n/.exec(this.#output.slice(end + 1 + this.#marker.length));
    // The end of what came may be the beginning of the marker: it is held back until it is known not to be.
    this.#show(code === null ? this.#output.length - this.#marker.length - 8 : end);
    if (code !== null) this.#settle?.(Number(code[1]));
  }

  #show(upTo: number): void {
    if (upTo <= this.#shown) return;
    this.#options.onOutput(this.#output.slice(this.#shown, upTo));
    this.#shown = upTo;
  }
}
