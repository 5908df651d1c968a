// What works are held against: each a figure with the least or the most that it may be.

import { cpuMsOf, peakOf, stallMsOf, wallMsOf } from './medians.js';
import type { Raw } from './raw-figures.js';
import type { Figure, Limit, Work } from './work.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** How fast the work goes, by how fast this machine is at the yardstick alone. */
export function speedOf(raw: Raw, atLeast: number | null = null): Figure {
  return { ...speedBesidesStart(raw, 0, atLeast), what: `speed, of ${raw.name}` };
}

/** The same for what the command does once it has started. @param startMs what it takes where there is nothing to do */
export function speedBesidesStart(raw: Raw, startMs: number, atLeast: number | null): Figure {
  return {
    what: `speed without its start of ${Math.round(startMs)} ms, of ${raw.name}`,
    limit: least(atLeast),
    of: (work, perSecond) => amountOf(work, raw) / ((wallMsOf(work) - startMs) / 1000) / perSecond(raw),
  };
}

/** How long the work takes, by how long this machine takes for as much of the yardstick. */
export function timeOf(raw: Raw, atMost: number): Figure {
  return {
    what: `time, of ${raw.name}`,
    limit: { atMost },
    of: (work, perSecond) => (wallMsOf(work) / 1000) * (perSecond(raw) / amountOf(work, raw)),
  };
}

/** Files a second once it has started, by what is possible at best. */
export function shareOfPossible(what: string, possible: number, startMs: number, atLeast: number): Figure {
  return {
    what: `files a second without its start of ${Math.round(startMs)} ms, of ${what}`,
    limit: { atLeast },
    of: (work) => work.files / ((wallMsOf(work) - startMs) / 1000) / possible,
  };
}

export function perSecond(what: string, atLeast: number): Figure {
  return { what: `${what} a second`, limit: { atLeast }, of: (work) => work.files / (wallMsOf(work) / 1000) };
}

export function seconds(atMost: number): Figure {
  return { what: 'seconds', limit: { atMost }, of: (work) => wallMsOf(work) / 1000 };
}

export function milliseconds(atMost: number): Figure {
  return { what: 'milliseconds', limit: { atMost }, of: wallMsOf };
}

export function cpuSecondsPerGiB(atMost: number): Figure {
  return { what: 'CPU s/GiB', limit: { atMost }, of: (work) => (cpuMsOf(work) * GIB) / work.bytes / 1000 };
}

export function cpuMicrosecondsPerFile(atMost: number): Figure {
  return { what: 'CPU µs/file', limit: { atMost }, of: (work) => (cpuMsOf(work) * 1000) / work.files };
}

export function peakMiB(atMost: number): Figure {
  return { what: 'peak MiB', limit: { atMost }, of: (work) => peakOf(work) / MIB };
}

/** By the peak of a smaller work of the same kind. */
export function peakOfSmaller(smaller: Work, atMost: number): Figure {
  return { what: `peak memory, of ${smaller.name}`, limit: { atMost }, of: (work) => peakOf(work) / peakOf(smaller) };
}

export function stallMs(atMost: number): Figure {
  return { what: 'longest stall of the main thread, ms', limit: { atMost }, of: stallMsOf };
}

function least(atLeast: number | null): Limit | null {
  return atLeast === null ? null : { atLeast };
}

function amountOf(work: Work, raw: Raw): number {
  return raw.unit === 'bytes' ? work.bytes : work.files;
}
