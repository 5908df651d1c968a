// The connections to one server: made when they are needed, used again, and closed before the server does.

import { setTimeout as wait } from 'node:timers/promises';
import type { Wire } from './dial.js';
import type { Answer, Limits, Outgoing } from './exchange.js';
import { Interruptions } from './interruptions.js';
import { Line, type LineOwner } from './line.js';
import { WireError } from './wire-error.js';

/** Below the time after which servers close an idle connection, so that none is used while it is being closed. */
export const IDLE_MS = 4_000;
/** Between two looks at what takes too long, at most. */
const LOOK_MS = 1_000;

/** As many connections as requests are under way: who asks bounds them. */
export class Lines implements AsyncDisposable {
  readonly #dial: (signal: AbortSignal) => Promise<Wire>;
  readonly #limits: Limits;
  readonly #lines = new Set<Line>();
  /** Those that wait for a request, the one used last at the end. */
  readonly #free: Line[] = [];
  readonly #owner: LineOwner = {
    interruptions: new Interruptions(),
    freed: (line) => void this.#free.push(line),
    lost: (line) => void this.#lines.delete(line),
  };
  readonly #closing = new AbortController();
  #watch: Promise<void> | null = null;

  constructor(dial: (signal: AbortSignal) => Promise<Wire>, limits: Limits) {
    this.#dial = dial;
    this.#limits = limits;
  }

  /** @throws WireError, Failure INTERRUPTED, or what Node says of a connection that cannot be made */
  perform(outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
    const used = this.#freeLine();
    if (used === undefined) return this.#performAnew(outgoing, signal);
    return outgoing.repeatable ? this.#performAgain(used, outgoing, signal) : used.perform(outgoing, signal);
  }

  async #performAnew(outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
    return (await this.#newLine(signal)).perform(outgoing, signal);
  }

  async #performAgain(used: Line, outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
    try {
      return await used.perform(outgoing, signal);
    } catch (error) {
      // The server may have closed it just before it was used. Nobody can tell that from a request that was heard.
      if (!(error instanceof WireError && error.beforeAnswer)) throw error;
      return this.#performAnew(outgoing, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const line of this.#lines) line.destroy();
    await this.#watch;
  }

  #freeLine(): Line | undefined {
    const oldest = this.#limits.elapsedMs() - IDLE_MS;
    for (let line = this.#free.pop(); line !== undefined; line = this.#free.pop()) {
      if (line.isFree && line.idleSinceMs > oldest) return line;
      line.destroy();
    }
    return undefined;
  }

  async #newLine(signal: AbortSignal): Promise<Line> {
    const wire = await this.#dial(AbortSignal.any([signal, this.#closing.signal]));
    const line = new Line(wire, this.#limits, this.#owner);
    this.#lines.add(line);
    if (this.#closing.signal.aborted) line.destroy();
    this.#watch ??= this.#look();
    return line;
  }

  /** While there are connections: gives up requests that take too long, and closes what has been idle. */
  async #look(): Promise<void> {
    const { signal } = this.#closing;
    const everyMs = Math.min(LOOK_MS, Math.max(1, this.#limits.inactivityMs / 8));
    while (this.#lines.size > 0 && !signal.aborted) {
      await wait(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
      const nowMs = this.#limits.elapsedMs();
      for (const line of this.#lines) line.check(nowMs);
      while (nowMs - (this.#free[0]?.idleSinceMs ?? nowMs) > IDLE_MS) this.#free.shift()?.destroy();
    }
    this.#watch = null;
  }
}
