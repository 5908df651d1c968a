// When retrievals will be ready, as a sentence.

import type { Instant } from '../model/clock.js';
import { durationText, timeText } from './quantities.js';

/** `The retrievals are expected to be ready between 13:05 and 15:05, in 3 h to 5 h.` */
export function expectation(what: string, ready: { from: Instant; to: Instant } | null, now: Instant): string {
  if (ready === null) return `${what} will be ready when the vault says so; it does not tell when.`;
  const soonest = Math.max(0, ready.from - now);
  const latest = Math.max(0, ready.to - now);
  if (latest === 0) return `${what} are due: they should be ready at any moment.`;
  const times = [timeText(ready.from, now), timeText(ready.to, now)];
  const waits = [durationText(soonest * 1000), durationText(latest * 1000)];
  return times[0] === times[1]
    ? `${what} are expected to be ready at ${times[0]}, in ${waits[1]}.`
    : `${what} are expected to be ready between ${times[0]} and ${times[1]}, in ${waits[0]} to ${waits[1]}.`;
}
