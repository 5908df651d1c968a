// Loaded into a measured process before its own code (`node --import`): tells what it used, as it ends, on descriptor 3.

import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Of all threads of a process, from its start. Memory is the resident set at its largest, in bytes. */
export interface Usage {
  readonly cpuMs: number;
  readonly peakMemory: number;
}

const DESCRIPTOR = 3;

if (isMainThread) process.on('exit', () => writeSync(DESCRIPTOR, JSON.stringify(usage())));

/** The program's own: getrusage of the process itself. */
function usage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMemory: peakOfThisImage() ?? maxRSS * 1024 };
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
