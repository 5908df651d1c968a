// Waiting by the clock of the machine, which may be set while somebody waits by it.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemTime } from '../../src/cli/system-time.js';
import { Instant } from '../../src/model/clock.js';

const { alarm, clock } = systemTime;
const HOUR = 3600;

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Whether the alarm has gone off, by now. */
function waiting(seconds: number, signal = new AbortController().signal): { isOver: boolean } {
  const state = { isOver: false };
  const wait = async (): Promise<void> => {
    await alarm.until(Instant.plusSeconds(clock.now(), seconds), signal);
    state.isOver = true;
  };
  void wait();
  return state;
}

describe('system time', () => {
  it('system time: it is waited until the second has begun, and no longer', async () => {
    const state = waiting(HOUR);
    await vi.advanceTimersByTimeAsync(HOUR * 1000 - 1);
    expect(state.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(state.isOver).toBe(true);
  });

  it('system time: a machine that slept, or a clock that was set forward, is noticed within half a minute', async () => {
    const state = waiting(HOUR);
    vi.setSystemTime(Date.now() + 2 * HOUR * 1000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(state.isOver).toBe(true);
  });

  it('system time: a clock that is set back by a year lets nobody wait for longer than he wanted', async () => {
    const state = waiting(HOUR);
    vi.setSystemTime(Date.now() - 365 * 24 * HOUR * 1000);
    await vi.advanceTimersByTimeAsync(HOUR * 1000 - 1);
    expect(state.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(state.isOver).toBe(true);
  });

  it('system time: whoever is told to stop waits no longer, and leaves no timer', async () => {
    const stop = new AbortController();
    const state = waiting(HOUR, stop.signal);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.isOver).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
