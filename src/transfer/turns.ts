// A fixed number of turns at something, each with a tool that its holder may use; more callers wait in order.

import { Failure } from '../model/failure.js';

/** One turn: use `tool` until disposed of. */
export interface Turn<T> extends Disposable {
  readonly tool: T;
}

export class Turns<T extends object> {
  readonly #free: T[] = [];
  readonly #waiting: ((tool: T) => void)[] = [];
  readonly #make: () => T;
  #unmade: number;

  /** @param make makes a tool when one is first needed; `count` are made at most */
  constructor(count: number, make: () => T) {
    this.#unmade = count;
    this.#make = make;
  }

  /** Waits for a turn. @throws Failure INTERRUPTED when the signal comes first */
  async take(signal: AbortSignal): Promise<Turn<T>> {
    const tool = this.#freeTool() ?? (await this.#nextTool(signal));
    return new Held(tool, this.#giveBack);
  }

  #freeTool(): T | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#unmade === 0) return free;
    this.#unmade--;
    return this.#make();
  }

  #nextTool(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(new Failure('INTERRUPTED', 'interrupted'));
      };
      const enter = (tool: T): void => {
        signal.removeEventListener('abort', leave);
        resolve(tool);
      };
      if (signal.aborted) return reject(new Failure('INTERRUPTED', 'interrupted'));
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  readonly #giveBack = (tool: T): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(tool);
    else next(tool);
  };
}

class Held<T> implements Turn<T> {
  readonly tool: T;
  readonly #giveBack: (tool: T) => void;
  #isHeld = true;

  constructor(tool: T, giveBack: (tool: T) => void) {
    this.tool = tool;
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    if (this.#isHeld) this.#giveBack(this.tool);
    this.#isHeld = false;
  }
}
