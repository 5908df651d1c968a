// When retrievals will be ready, in words.

import type { Instant } from '../../model/clock.js';
import { durationText, timeText } from '../report/quantities.js';

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** Below this many seconds a wait is so short that seconds of the clock count. */
const SHORT_WAIT = 120;

/** The end of `expected …`: `at 13:05`, `from 13:05 to 15:05`, `by 15:05`; `any moment` when it is due. */
export function expectedTime({ from, to }: Span, now: Instant): string {
  if (to <= now) return 'any moment';
  const [first, last] = timesIn({ from, to }, now);
  if (first === last) return `at ${last}`;
  return from <= now ? `by ${last}` : `from ${first} to ${last}`;
}

/**
 * `The retrievals are expected to be ready between 13:05 and 15:05, in 3 h to 5 h.`
 * @param what begins the sentence
 */
export function expectation(what: string, ready: Span | null, now: Instant, are: 'are' | 'is' = 'are'): string {
  if (ready === null) return `${what} will be ready when the vault says so; it does not tell when.`;
  const { from, to } = ready;
  if (to <= now) return `${what} ${are} due: ${are === 'is' ? 'it' : 'they'} should be ready at any moment.`;
  const [first, last] = timesIn(ready, now);
  const [soonest, latest] = [durationText((from - now) * 1000), durationText((to - now) * 1000)];
  if (first === last) return `${what} ${are} expected to be ready at ${last}, in ${latest}.`;
  if (from <= now) return `${what} ${are} expected to be ready by ${last}, within ${latest}.`;
  return `${what} ${are} expected to be ready between ${first} and ${last}, in ${soonest} to ${latest}.`;
}

/** When it makes sense to come back. */
export function whenToReturn(ready: Span | null, now: Instant): string {
  if (ready === null) return 'later';
  return ready.to <= now ? 'in a moment' : 'then';
}

/** Its two ends; the same where they are less than a minute apart and minutes are shown. */
function timesIn({ from, to }: Span, now: Instant): [string, string] {
  const shown = to - now < SHORT_WAIT ? 'seconds' : 'minutes';
  const last = timeText(to, now, shown);
  return [shown === 'minutes' && to - from < 60 ? last : timeText(from, now, shown), last];
}
