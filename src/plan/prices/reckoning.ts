// What a retrieval costs, by whichever prices hold for it.

import { Money, type Priced } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';
import type { PriceTable, TierPrices, VaultPrices } from './price-table.js';

/** What a quote is reckoned with. */
export type Reckoning =
  | { readonly by: 'table'; readonly region: string; readonly prices: VaultPrices; readonly source: PriceSource }
  /** The vaults are not at AWS, and no table was named. */
  | { readonly by: 'nothing-to-pay' }
  /** The table says nothing of the region, or which it is cannot be told: an unknown price is no low one. */
  | {
      readonly by: 'nobody';
      readonly region: string | null;
      readonly known: readonly string[];
      readonly source: PriceSource;
    };

/** Which table it is. */
export interface PriceSource {
  readonly date: string;
  readonly from: string;
  /** As the user named it; null for the one that comes with the program. */
  readonly file: string | null;
}

/** What is asked of a vault. */
export interface Requested {
  readonly archives: number;
  readonly bytes: number;
}

/** Each is rounded up by itself, to a millionth; so `total` may be less than the sum of the others. */
export interface Cost {
  readonly requests: Money;
  readonly bytes: Money;
  readonly total: Money;
}

const GIB = 2 ** 30;

const NO_COST: Cost = { requests: Money.NOTHING, bytes: Money.NOTHING, total: Money.NOTHING };

/** @param file as the user named it; null for the table that comes with the program */
export function reckoningIn(table: PriceTable, file: string | null, region: string | null): Reckoning {
  const source = { date: table.date, from: table.source, file };
  const prices = region === null ? undefined : table.regions.get(region)?.vault;
  return region === null || prices === undefined
    ? { by: 'nobody', region, known: [...table.regions.keys()].sort(), source }
    : { by: 'table', region, prices, source };
}

/** null when it is not known. What is not asked for costs nothing anywhere. */
export function costOf(reckoning: Reckoning, tier: Tier, requested: Requested): Cost | null {
  if (requested.archives === 0) return NO_COST;
  switch (reckoning.by) {
    case 'table':
      return atPrices(reckoning.prices.retrieval[tier], requested);
    case 'nothing-to-pay':
      return NO_COST;
    case 'nobody':
      return null;
  }
}

function atPrices({ perThousandRequests, perGiB }: TierPrices, { archives, bytes }: Requested): Cost {
  const requests: Priced = { count: archives, price: perThousandRequests, per: 1000 };
  const content: Priced = { count: bytes, price: perGiB, per: GIB };
  return { requests: Money.ofAll([requests]), bytes: Money.ofAll([content]), total: Money.ofAll([requests, content]) };
}
