// Loaded into a measured process before its own code (`node --import`): tells what it used, as it ends, on descriptor 3.

import { readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Of all threads of a process, from its start. Memory is the resident set at its largest, in bytes. */
export interface Usage {
  readonly cpuMs: number;
  readonly peakMemory: number;
  /** The longest that the main thread let others wait since it first connected to a server; null where it never did. */
  readonly stallMs: number | null;
}

const DESCRIPTOR = 3;

/** How often it is looked whether the thread gives others their turn. */
const LOOK_MS = 2;

if (isMainThread) {
  const delays = sinceFirstConnection();
  process.on('exit', () => writeSync(DESCRIPTOR, JSON.stringify(usage(delays()))));
}

/** Loading code is no stall of the work, and what never connects needs no look. */
function sinceFirstConnection(): () => IntervalHistogram | null {
  let delays: IntervalHistogram | null = null;
  const { prototype } = Socket;
  const connect = Reflect.get(prototype, 'connect') as (this: Socket, ...words: unknown[]) => Socket;
  // No channel of `diagnostics_channel` tells of connections over TLS.
  Reflect.set(prototype, 'connect', function (this: Socket, ...words: unknown[]): Socket {
    Reflect.set(prototype, 'connect', connect);
    delays = monitorEventLoopDelay({ resolution: LOOK_MS });
    delays.enable();
    return connect.apply(this, words);
  });
  return () => delays;
}

/** The program's own: getrusage of the process itself. */
function usage(delays: IntervalHistogram | null): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
    peakMemory: peakOfThisImage() ?? maxRSS * 1024,
    // The time between two looks is counted whole.
    stallMs: delays === null ? null : Math.max(0, delays.max / 1e6 - LOOK_MS),
  };
}

/** Linux hands `maxRSS` on from the process that started this one, so that it may tell of another's memory. */
function peakOfThisImage(): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    return found === null ? null : Number(found[1]) * 1024;
  } catch {
    return null;
  }
}
