// Turns SIGINT, SIGTERM and SIGHUP into a halt in two degrees; a second signal ends the process at once.

import { setMaxListeners } from 'node:events';
import { Failure } from '../model/failure.js';
import type { Halt } from '../transfer/concurrently.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** How long what is in flight may go on after the first signal. */
const GRACE_MS = 3000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** What is used of the process; tests bring their own. */
export interface Signalled {
  on(signal: Signal, listener: (signal: Signal) => void): unknown;
  off(signal: Signal, listener: (signal: Signal) => void): unknown;
  exit(code: number): unknown;
}

interface InterruptParts {
  readonly process: Signalled;
  /** Calls back once, after so long, unless disposed before. */
  readonly after: (delayMs: number, then: () => void) => Disposable;
  /** Told at the first signal. */
  readonly onFirst: () => void;
  /** Told when the process is about to end at once. */
  readonly onSecond: () => void;
}

export class Interrupts implements Disposable {
  readonly #soon = new AbortController();
  readonly #now = new AbortController();
  readonly #parts: InterruptParts;
  #received: Signal | null = null;
  #grace: Disposable | null = null;

  constructor(parts: InterruptParts) {
    this.#parts = parts;
    // Every transfer in flight listens to these: that there are many is no sign of a leak, so nobody is to be warned.
    setMaxListeners(0, this.#soon.signal, this.#now.signal);
    for (const signal of SIGNALS) parts.process.on(signal, this.#receive);
  }

  get halt(): Halt {
    return { soon: this.#soon.signal, now: this.#now.signal };
  }

  /** Of the first signal; null while none came. */
  get exitCode(): ExitCode | null {
    return this.#received === null ? null : exitCodeOf(this.#received);
  }

  failure(hint: string): Failure {
    return new Failure('INTERRUPTED', `interrupted by ${this.#received}`, { hint });
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#parts.process.off(signal, this.#receive);
    this.#grace?.[Symbol.dispose]();
  }

  readonly #receive = (signal: Signal): void => {
    if (this.#received !== null) {
      this.#parts.onSecond();
      this.#parts.process.exit(exitCodeOf(signal));
      return;
    }
    this.#received = signal;
    this.#parts.onFirst();
    this.#grace = this.#parts.after(GRACE_MS, () => this.#now.abort());
    this.#soon.abort();
  };
}

export function afterDelay(delayMs: number, then: () => void): Disposable {
  const timer = setTimeout(then, delayMs).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function exitCodeOf(signal: Signal): ExitCode {
  switch (signal) {
    case 'SIGINT':
      return EXIT.interrupted;
    case 'SIGTERM':
      return EXIT.terminated;
    case 'SIGHUP':
      return EXIT.hungUp;
  }
}
