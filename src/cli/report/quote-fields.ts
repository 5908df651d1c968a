// A quote as fields for programs.

import { Money } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';
import type { Demand, Quote, TierQuote } from '../../plan/prices/quote.js';
import type { Reckoning } from '../../plan/prices/reckoning.js';
import type { RetrievalPolicy } from '../../vault/retrieving-port.js';
import type { LineSpeed } from '../line-speed.js';

/** A quote, and what it rests on. */
export interface Quoted {
  readonly quote: Quote;
  readonly line: LineSpeed;
  /** What the account lets itself be charged; null: not known. */
  readonly policy: RetrievalPolicy | null;
}

/** @param chosen the tier that would be asked for */
export function quoteFields({ quote, line, policy }: Quoted, chosen: Tier): Readonly<Record<string, unknown>> {
  const { demand, reckoning, tiers, pace } = quote;
  return {
    tier: chosen,
    archives: demand.archives,
    size: demand.bytes,
    largeArchives: demand.large,
    largestSize: demand.largest,
    isEstimate: true,
    prices: pricesFields(reckoning),
    lineSpeed: { bytesPerSecond: line.bytesPerSecond, by: line.by },
    bytesPerHour: pace.bytesPerHour,
    retrievalPolicy: policyFields(policy),
    tiers: tiers.map((one) => tierFields(one, demand)),
  };
}

function pricesFields(reckoning: Reckoning): Readonly<Record<string, unknown>> {
  switch (reckoning.by) {
    case 'nothing-to-pay':
      return { by: 'nothing-to-pay', region: null, date: null, source: null, file: null };
    case 'table':
    case 'nobody': {
      const { date, from, file } = reckoning.source;
      const by = reckoning.by === 'table' ? 'table' : 'not-known';
      return { by, region: reckoning.region, date, source: from, file };
    }
  }
}

function policyFields(policy: RetrievalPolicy | null): Readonly<Record<string, unknown>> | null {
  if (policy === null) return null;
  const bytesPerHour = policy.strategy === 'bytes-per-hour' ? policy.bytesPerHour : null;
  return { strategy: policy.strategy, bytesPerHour };
}

/** Dollars as numbers, the total in whole cents; seconds from now. */
function tierFields(
  { tier, cost, ready, here }: TierQuote,
  { archives, bytes }: Demand,
): Readonly<Record<string, unknown>> {
  const dollars = cost === null ? null : { requests: cost.requests / 1e6, bytes: cost.bytes / 1e6 };
  return {
    tier,
    archives,
    size: bytes,
    requests: archives,
    cost: cost === null ? null : { ...dollars, total: Money.roundedUp(cost.total) },
    readyInSeconds: ready,
    onDiskInSeconds: here,
  };
}
