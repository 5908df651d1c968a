// Time for what is shown: what it is, and something that calls back now and then.

/** The time, and calls that come until disposed. */
export interface Heartbeat {
  nowMs(): number;
  every(periodMs: number, beat: () => void): Disposable;
}

export const systemHeartbeat: Heartbeat = {
  nowMs: () => performance.now(),
  every(periodMs, beat) {
    const timer = setInterval(beat, periodMs).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
