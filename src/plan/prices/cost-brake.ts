// The brake on costs: what would cost more than the user has said, or more than is safe to spend unasked, is not asked for.

import { Failure } from '../../model/failure.js';
import { Money } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';
import type { Quote, TierQuote } from './quote.js';

/** null: nothing was said; of `safeCost`: anything may be spent unasked. */
export interface CostLimits {
  /** What the user has said a retrieval may cost. */
  readonly maxCost: Money | null;
  /** What it may cost where that was not said. */
  readonly safeCost: Money | null;
}

/**
 * Lets a retrieval pass whose price is known and within the limit. Gives what it may cost.
 * @throws Failure BRAKE
 */
export function acceptedCost(quote: Quote, tier: Tier, { maxCost, safeCost }: CostLimits): Money {
  const limit = maxCost ?? safeCost;
  if (limit === null) return Money.MOST;
  const chosen = quote.tiers.find((one) => one.tier === tier);
  if (chosen === undefined) throw new Error(`no quote in tier ${tier}`);
  if (chosen.cost === null) throw unknownCost(quote, limit, maxCost !== null);
  if (chosen.cost.total > limit) throw tooDear(chosen.cost.total, tier, quote, limit, maxCost !== null);
  return limit;
}

function tooDear(total: Money, tier: Tier, quote: Quote, limit: Money, isSaid: boolean): Failure {
  const what = `retrieving ${howMany(quote)} in tier ${tier} would cost about ${Money.shown(total)}`;
  const message = `${what}, more than ${limitText(limit, isSaid)}: nothing is asked for`;
  const cheaper = quote.tiers.filter(({ cost }) => cost !== null && cost.total <= limit);
  const hint = `to accept the price add --max-cost ${Money.writtenRoundedUp(total)}${orCheaper(cheaper.at(-1))}`;
  return new Failure('BRAKE', message, { hint });
}

function orCheaper(cheaper: TierQuote | undefined): string {
  const cost = cheaper?.cost ?? null;
  return cheaper === undefined || cost === null
    ? ', or ask for less'
    : `, or choose --tier ${cheaper.tier} for ${Money.shown(cost.total)}`;
}

function unknownCost(quote: Quote, limit: Money, isSaid: boolean): Failure {
  const { reckoning } = quote;
  const region = reckoning.by === 'nobody' && reckoning.region !== null ? reckoning.region : 'the region';
  const message =
    `the prices of ${region} are not in the table, so that ${howMany(quote)} may cost more than ` +
    `${limitText(limit, isSaid)}: nothing is asked for`;
  const whatever = isSaid ? '--safe-cost off in the place of --max-cost' : '--safe-cost off';
  const hint = `put them into a table of your own and name it with --prices, or ask whatever it costs with ${whatever}`;
  return new Failure('BRAKE', message, { hint });
}

function howMany({ demand: { archives } }: Quote): string {
  return `${archives} archive${archives === 1 ? '' : 's'}`;
}

function limitText(limit: Money, isSaid: boolean): string {
  return `--${isSaid ? 'max' : 'safe'}-cost ${Money.exactly(limit)}`;
}
