// The machine's time: what a run reads and waits by. Tests bring their own.

import { type Alarm, type Clock, type Instant, systemClock } from '../model/clock.js';

export interface Time {
  readonly clock: Clock;
  readonly alarm: Alarm;
}

/** A timer does not count the time for which a machine sleeps: the clock is looked at again after so long. */
const LOOK_MS = 30_000;

/**
 * By the clock of the machine, which may be set, and may have stood still while the machine slept. One that is set back
 * lets nobody wait for longer than he wanted to at first.
 */
const systemAlarm: Alarm = {
  async until(at, signal) {
    const endMs = performance.now() + leftMs(at);
    const left = (): number => Math.min(leftMs(at), endMs - performance.now());
    for (let ms = left(); ms > 0 && !signal.aborted; ms = left()) await pause(Math.min(ms, LOOK_MS), signal);
  },
};

export const systemTime: Time = { clock: systemClock, alarm: systemAlarm };

/** Until the second `at` has begun. */
function leftMs(at: Instant): number {
  return at * 1000 - Date.now();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
