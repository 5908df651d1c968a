// What it is said to cost, in one line, before it is asked for.

import { Money } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';
import { counted, sizeText } from '../report/quantities.js';
import type { Quoted } from '../report/quote-fields.js';

/** null where nothing is to be paid, or nothing to be asked for. */
export function priceNotice({ quote }: Quoted, tier: Tier): { readonly message: string; readonly hint: string } | null {
  const { demand, tiers, reckoning } = quote;
  const cost = tiers.find((one) => one.tier === tier)?.cost ?? null;
  if (demand.archives === 0 || reckoning.by === 'nothing-to-pay') return null;
  const what = `${counted(demand.archives, 'archive')}, ${sizeText(demand.bytes)}, in tier ${tier}`;
  if (cost === null)
    return { message: `what ${what} cost is not known`, hint: 'a table of prices is named with --prices' };
  const table = reckoning.by === 'table' ? ` by the prices of ${reckoning.region} as of ${reckoning.source.date}` : '';
  const message = `${what}: about ${Money.shown(cost.total)}${table}`;
  return { message, hint: 'an estimate, without data transfer out of AWS; --quote shows all tiers' };
}
