// A pace that all threads keep together: its state lies in memory that they share.

import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../model/failure.js';
import type { Pace } from '../model/pace.js';

/** Time that is the same in all threads, and waiting for it; tests bring their own. */
export interface PaceTime {
  /** From any origin, and only forward. */
  nowNs(): bigint;
  /** @throws when the signal comes */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const SYSTEM: PaceTime = {
  nowNs: () => process.hrtime.bigint(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};

/** Words of the memory: bytes a second, 0 where nothing is held back; and when the next byte is due. */
const RATE = 0;
const DUE = 1;
const WORDS = 2;

const SECOND_NS = 1_000_000_000n;
const MS_NS = 1_000_000n;
/** What was not used in time can still be used so much later: timers are late, and a thread that hashes is. */
const SLACK_NS = 40n * MS_NS;
/** Timers know no less. What is due sooner goes now, and what follows it is due no sooner for that. */
const SOON_NS = MS_NS;
/** After so long whoever waits looks whether there is another rate. */
const LOOK_MS = 200;

/** A slice lasts so many milliseconds, within bounds: below them requests for leave cost too much, above them it goes by leaps. */
const SLICE_MS = 20;
const SLICE = { least: 1024, most: 256 * 1024 };

/** Memory for one pace, which holds nothing back yet. */
export function paceMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT);
}

/**
 * The generic cell rate algorithm (ITU-T I.371): each slice books its time behind the one booked last. Who asks in turn,
 * slice by slice, gets as much as every other who does.
 */
export class SharedPace implements Pace {
  readonly #words: BigInt64Array;
  readonly #time: PaceTime;

  constructor(memory: SharedArrayBuffer, time = SYSTEM) {
    this.#words = new BigInt64Array(memory);
    this.#time = time;
  }

  get slice(): number {
    const rate = this.#rate;
    if (rate === 0) return SLICE.most;
    return Math.max(SLICE.least, Math.min(SLICE.most, Math.round((rate * SLICE_MS) / 1000)));
  }

  /** From now on, in all threads. Who waits already goes at once. @param rate whole bytes a second; 0: as fast as they can */
  set(rate: number): void {
    if (rate === this.#rate) return;
    Atomics.store(this.#words, DUE, this.#time.nowNs());
    Atomics.store(this.#words, RATE, BigInt(rate));
  }

  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    const rate = this.#rate;
    if (rate === 0) return undefined;
    const nowNs = this.#time.nowNs();
    const dueNs = this.#book((BigInt(bytes) * SECOND_NS) / BigInt(rate), nowNs);
    return dueNs - nowNs < SOON_NS ? undefined : this.#wait(dueNs, rate, signal);
  }

  get #rate(): number {
    return Number(Atomics.load(this.#words, RATE));
  }

  /** Takes so much of the time behind all that is booked, and tells where it begins. */
  #book(lastsNs: bigint, nowNs: bigint): bigint {
    for (;;) {
      const due = Atomics.load(this.#words, DUE);
      const begins = due < nowNs - SLACK_NS ? nowNs - SLACK_NS : due;
      if (Atomics.compareExchange(this.#words, DUE, due, begins + lastsNs) === due) return begins;
    }
  }

  async #wait(dueNs: bigint, rate: number, signal: AbortSignal): Promise<void> {
    while (this.#rate === rate) {
      const leftNs = dueNs - this.#time.nowNs();
      if (leftNs < SOON_NS) return;
      await this.#time.sleep(Math.min(LOOK_MS, Number(leftNs) / 1e6), signal).catch((cause: unknown) => {
        throw new Failure('INTERRUPTED', 'interrupted', { cause });
      });
    }
  }
}
