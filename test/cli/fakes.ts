// A terminal, a clock and signals that tests hold in their hands.

import type { Heartbeat } from '../../src/cli/report/heartbeat.js';
import { openOutput, type TextStream } from '../../src/cli/report/output.js';
import { Instant } from '../../src/model/clock.js';

/** Remembers what was written. */
export class FakeStream implements TextStream {
  #bytes = Buffer.alloc(0);
  /** How often something was written. */
  writes = 0;
  readonly isTTY: boolean;
  columns: number | undefined;
  readonly #listeners = new Map<'error' | 'drain', (error?: NodeJS.ErrnoException) => void>();
  #isFull = false;

  constructor(kind: 'terminal' | 'pipe' = 'pipe', columns?: number) {
    this.isTTY = kind === 'terminal';
    this.columns = columns;
  }

  write(chunk: string | Uint8Array): unknown {
    this.writes++;
    this.#bytes = Buffer.concat([this.#bytes, typeof chunk === 'string' ? Buffer.from(chunk) : chunk]);
    return !this.#isFull;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get text(): string {
    return this.#bytes.toString('utf8');
  }

  on(event: 'error' | 'drain', listener: (error?: NodeJS.ErrnoException) => void): void {
    this.#listeners.set(event, listener);
  }

  breakOff(code = 'EPIPE'): void {
    this.#listeners.get('error')?.(Object.assign(new Error(`${code}: it broke, write`), { code, syscall: 'write' }));
  }

  /** From now on it has enough to do. */
  fillUp(): void {
    this.#isFull = true;
  }

  drain(): void {
    this.#isFull = false;
    this.#listeners.get('drain')?.();
  }

  lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  open(environment: Record<string, string> = {}) {
    return openOutput(this, environment);
  }
}

/** Time that passes when it is told to. */
export class FakeHeartbeat implements Heartbeat {
  #nowMs = 0;
  readonly #beats: { periodMs: number; nextMs: number; beat: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  every(periodMs: number, beat: () => void): Disposable {
    const entry = { periodMs, nextMs: this.#nowMs + periodMs, beat };
    this.#beats.push(entry);
    return { [Symbol.dispose]: () => void this.#beats.splice(this.#beats.indexOf(entry), 1) };
  }

  /** Beats in between. */
  pass(durationMs: number): void {
    const end = this.#nowMs + durationMs;
    while (this.#nowMs < end) {
      this.#nowMs = Math.min(end, ...this.#beats.map((entry) => entry.nextMs));
      for (const entry of this.#beats.filter(({ nextMs }) => nextMs <= this.#nowMs)) {
        entry.nextMs += entry.periodMs;
        entry.beat();
      }
    }
  }

  /** As when the thread is busy: no beats. */
  passBusy(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  get isBeating(): boolean {
    return this.#beats.length > 0;
  }
}

export class FakeProcess {
  readonly listeners = new Map<string, (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void>();
  exited: number | null = null;

  on(signal: string, listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): void {
    this.listeners.set(signal, listener);
  }

  off(signal: string): void {
    this.listeners.delete(signal);
  }

  exit(code: number): void {
    this.exited = code;
  }

  send(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
    this.listeners.get(signal)?.(signal);
  }
}

export const NOON = Instant.ofSeconds(1_800_000_000);
