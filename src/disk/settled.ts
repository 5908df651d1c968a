// Waits until a file's time can tell the next change of the file from the last one.

import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../model/failure.js';
import type { LocalFile } from '../model/local-file.js';

/** Time as files have it, and waiting for it; tests bring their own. */
interface Time {
  nowMs(): number;
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** Kernels stamp files with a clock that lags by up to a tick. */
const TICK_MS = 20;

const SYSTEM: Time = { nowMs: Date.now, wait: (ms, signal) => wait(ms, undefined, { signal }) };

/**
 * Ends when the second of the file's modification is over. Journals keep whole seconds: a file that was read and then
 * changed within one second, and kept its size, would be taken for the one that was stored, for ever. A time in the
 * future is not waited for. Of most files it is over: then there is nothing to wait for, and no promise.
 * @throws Failure INTERRUPTED
 */
export function untilSettled({ mtime }: LocalFile, signal: AbortSignal, time = SYSTEM): Promise<void> | undefined {
  const leftMs = (mtime + 1) * 1000 + TICK_MS - time.nowMs();
  if (leftMs <= 0 || leftMs > 1000 + TICK_MS) return undefined;
  return time.wait(leftMs, signal).then(
    () => undefined,
    (cause: unknown) => {
      throw new Failure('INTERRUPTED', 'interrupted', { cause });
    },
  );
}
