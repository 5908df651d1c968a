// Time as topics and queues see it: real time, never the vaults' movable clock, but a test may hand in its own.

import { setTimeout } from 'node:timers/promises';

export interface NoticeClock {
  /** Ms since 1970. */
  now(): number;
  /** Rejects as soon as `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const REAL_TIME: NoticeClock = {
  now: () => Date.now(),
  wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
};
