// What several runs of the same come to.

import type { RawRun } from './raw-figures.js';
import type { Work } from './work.js';

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export function wallMsOf({ runs }: Pick<Work, 'runs'>): number {
  return median(runs.map(({ wallMs }) => wallMs));
}

export function cpuMsOf({ runs }: Pick<Work, 'runs'>): number {
  return median(runs.map(({ cpuMs }) => cpuMs));
}

/** The largest of all runs, in bytes: a limit is a limit. */
export function peakOf({ runs }: Pick<Work, 'runs'>): number {
  return Math.max(...runs.map(({ peakMemory }) => peakMemory));
}

/** Of the longest that each run stood still; NaN where it was not watched. */
export function stallMsOf({ runs }: Pick<Work, 'runs'>): number {
  return median(runs.map(({ stallMs }) => stallMs ?? Number.NaN));
}

/** Amount a second. */
export function rateOf(runs: readonly RawRun[]): number {
  return median(runs.map(({ amount, wallMs }) => (amount / wallMs) * 1000));
}
