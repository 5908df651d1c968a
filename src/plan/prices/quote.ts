// A quote: what a retrieval would cost in each tier, when it could be read, and when all of it would be here.

import type { Tier } from '../../model/tier.js';
import { READY_AFTER, TIERS } from '../../model/tier.js';
import { bytesInTime } from '../pacing.js';
import { type Cost, costOf, type Reckoning, type Requested } from './reckoning.js';

/** What would be asked for, counted. */
export interface Demand extends Requested {
  /** Archives that are too large for Expedited to be as fast as it is with others. */
  readonly large: number;
  /** Bytes of the largest archive. */
  readonly largest: number;
}

/** How fast it would go. */
export interface Pace {
  /** Bytes a second that come in. */
  readonly lineSpeed: number;
  /** Bytes that may be asked for in an hour; null: as many as there are. */
  readonly bytesPerHour: number | null;
  /** The same of Standard retrievals alone, as the account has set it. */
  readonly standardBytesPerHour: number | null;
}

/** Seconds from now on, at the earliest and at the latest. */
export interface Seconds {
  readonly from: number;
  readonly to: number;
}

export interface TierQuote {
  readonly tier: Tier;
  /** null where prices are not known. */
  readonly cost: Cost | null;
  /** From the first that can be read to the last. */
  readonly ready: Seconds;
  /** Until the last is here. */
  readonly here: Seconds;
}

export interface Quote {
  readonly demand: Demand;
  readonly reckoning: Reckoning;
  readonly pace: Pace;
  /** The fastest first. */
  readonly tiers: readonly TierQuote[];
}

/**
 * Source: Glacier developer guide, "Archive Retrieval Options": Expedited takes 1–5 minutes "for all but the largest
 * archives (250 MB+)"; S3 user guide, same title: those are retrieved "with up to 300 megabytes per second".
 */
const LARGE = 250e6;
const LARGE_SPEED = 300e6;

const HOUR = 3600;

export const NO_DEMAND: Demand = { archives: 0, bytes: 0, large: 0, largest: 0 };

export function plusArchive(demand: Demand, size: number): Demand {
  return {
    archives: demand.archives + 1,
    bytes: demand.bytes + size,
    large: demand.large + (size >= LARGE ? 1 : 0),
    largest: Math.max(demand.largest, size),
  };
}

export function quoteOf(demand: Demand, reckoning: Reckoning, pace: Pace): Quote {
  return { demand, reckoning, pace, tiers: TIERS.map((tier) => quoteIn(tier, demand, reckoning, pace)) };
}

function quoteIn(tier: Tier, demand: Demand, reckoning: Reckoning, pace: Pace): TierQuote {
  const cost = costOf(reckoning, tier, demand);
  if (demand.archives === 0) return { tier, cost, ready: { from: 0, to: 0 }, here: { from: 0, to: 0 } };
  const [from, to] = READY_AFTER[tier];
  const slowest = to + (tier === 'Expedited' && demand.large > 0 ? demand.largest / LARGE_SPEED : 0);
  const { lastAsked, rest } = asking(demand.bytes, hourlyIn(tier, pace), pace.lineSpeed);
  const transfer = Math.max(demand.bytes / pace.lineSpeed, lastAsked + rest / pace.lineSpeed);
  return {
    tier,
    cost,
    ready: { from, to: Math.ceil(slowest + lastAsked) },
    here: { from: Math.ceil(from + transfer), to: Math.ceil(slowest + transfer) },
  };
}

function hourlyIn(tier: Tier, { bytesPerHour, standardBytesPerHour }: Pace): number {
  const ofTier = tier === 'Standard' ? standardBytesPerHour : null;
  return Math.min(bytesPerHour ?? Number.POSITIVE_INFINITY, ofTier ?? Number.POSITIVE_INFINITY);
}

/**
 * After how many seconds the last is asked for, and how many bytes then: no sooner than an hour's share allows, nor than
 * the line can bring it in before it is gone again.
 */
function asking(bytes: number, perHour: number, lineSpeed: number): { lastAsked: number; rest: number } {
  const hours = Math.max(0, Math.ceil(bytes / perHour) - 1);
  const inTime = bytesInTime(lineSpeed);
  const forLine = Math.max(0, (bytes - inTime) / lineSpeed);
  return hours * HOUR >= forLine
    ? { lastAsked: hours * HOUR, rest: hours === 0 ? bytes : bytes - hours * perHour }
    : { lastAsked: forLine, rest: Math.min(bytes, inTime) };
}
