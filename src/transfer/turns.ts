// A fixed number of turns at something, each with a tool that its holder may use; more callers wait in order.

import { Failure, throwIfInterrupted } from '../model/failure.js';
import { Queue } from './queue.js';

/** One turn: use `tool` until disposed of. */
export interface Turn<T> extends Disposable {
  readonly tool: T;
}

interface Waiting<T> {
  readonly signal: AbortSignal;
  readonly enter: (tool: T) => void;
  readonly leave: (failure: Failure) => void;
}

export class Turns<T extends object> {
  readonly #free: T[] = [];
  readonly #waiting = new Queue<Waiting<T>>();
  /** Signals that are listened to: once, however many wait, as a listener for each would cost more than the waiting. */
  readonly #heeded = new WeakSet<AbortSignal>();
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

  /** Does the work when its turn comes, with the tool. @throws Failure INTERRUPTED when the signal comes first */
  async during<R>(signal: AbortSignal, work: (tool: T) => R | Promise<R>): Promise<R> {
    const tool = this.#freeTool() ?? (await this.#nextTool(signal));
    try {
      return await work(tool);
    } finally {
      this.#giveBack(tool);
    }
  }

  #freeTool(): T | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#unmade === 0) return free;
    this.#unmade--;
    return this.#make();
  }

  #nextTool(signal: AbortSignal): Promise<T> {
    throwIfInterrupted(signal);
    this.#heed(signal);
    return new Promise((enter, leave) => {
      this.#waiting.add({ signal, enter, leave });
    });
  }

  #heed(signal: AbortSignal): void {
    if (this.#heeded.has(signal)) return;
    this.#heeded.add(signal);
    signal.addEventListener('abort', () => this.#sendAway(signal), { once: true });
  }

  /** All who wait with this signal; the others keep their order. */
  #sendAway(signal: AbortSignal): void {
    for (let left = this.#waiting.length; left > 0; left--) {
      const one = this.#waiting.take();
      if (one.signal === signal) one.leave(new Failure('INTERRUPTED', 'interrupted'));
      else this.#waiting.add(one);
    }
  }

  readonly #giveBack = (tool: T): void => {
    if (this.#waiting.length === 0) this.#free.push(tool);
    else this.#waiting.take().enter(tool);
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
