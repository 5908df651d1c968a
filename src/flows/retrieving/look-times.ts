// When it is worth to look at all that is missing again, and when at what is under way.

import { Instant } from '../../model/clock.js';
import { UNDER_WAY_MAX } from '../../plan/pacing.js';
import type { RoundTally } from './round.js';
import type { UnderWay } from './under-way.js';

/** The last look at all that is missing. */
export interface LastLook {
  readonly found: Pick<RoundTally, 'later' | 'refused' | 'notedUntil'>;
  readonly at: Instant;
  /** Under way then. */
  readonly bytes: number;
  readonly count: number;
  /** When more may be asked for in the hour; null where something else stood in the way, or nothing. */
  readonly nextShare: Instant | null;
}

/** How long it is waited, at least, for what should have been ready. Seconds. */
const OVERDUE_LOOK = 30;

/** To look at all that is missing may take minutes: it is worth it when this part of the room has become free. */
const WORTH_A_LOOK = 1 / 8;

/** @param room bytes that may be under way at once */
export function isWorthAnother(
  { found, at, bytes, count, nextShare }: LastLook,
  underWay: Pick<UnderWay, 'bytes' | 'count'>,
  room: number,
  now: Instant,
): boolean {
  // By a clock that was set back nothing that was reckoned holds.
  if (now < at) return true;
  if (found.notedUntil !== null && now >= found.notedUntil) return true;
  if (found.later === 0) return false;
  if (found.refused !== null) return true;
  if (nextShare !== null) return now >= nextShare;
  if (underWay.count === 0 || underWay.bytes <= bytes - room * WORTH_A_LOOK) return true;
  return underWay.count <= count - UNDER_WAY_MAX * WORTH_A_LOOK;
}

/**
 * When it is looked whether something is ready that was expected by then: what is overdue is looked for less and less
 * often. null where nothing is expected.
 */
export function nextReady(expected: Instant | null, now: Instant): Instant | null {
  if (expected === null) return null;
  if (expected >= now) return Instant.plusSeconds(expected, 1);
  return Instant.plusSeconds(now, Math.max(OVERDUE_LOOK, Math.floor((now - expected) / 2)));
}
