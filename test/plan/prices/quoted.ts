// Demands, prices and quotes for tests.

import { builtInPrices } from '../../../src/plan/prices/built-in-prices.js';
import { type Demand, NO_DEMAND, type Pace, plusArchive, type Quote, quoteOf } from '../../../src/plan/prices/quote.js';
import { type Reckoning, reckoningIn } from '../../../src/plan/prices/reckoning.js';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

export const UNPACED: Pace = { lineSpeed: 10 * MIB, bytesPerHour: null, standardBytesPerHour: null };

export const IN_VIRGINIA = reckoningIn(builtInPrices(), null, 'us-east-1');
export const IN_IRELAND = reckoningIn(builtInPrices(), null, 'eu-west-1');
export const NOWHERE_AT_AWS: Reckoning = { by: 'nothing-to-pay' };

export function demandFor(...sizes: readonly number[]): Demand {
  return sizes.reduce(plusArchive, NO_DEMAND);
}

/** Of so many archives together, none of which is large. */
export function demandOfMany(archives: number, bytes: number): Demand {
  return { archives, bytes, large: 0, largest: bytes / Math.max(archives, 1) };
}

export function quoteFor(demand: Demand, reckoning = IN_VIRGINIA, pace: Partial<Pace> = {}): Quote {
  return quoteOf(demand, reckoning, { ...UNPACED, ...pace });
}

/** The text of a table with one region, at the prices of Virginia. */
export function tableFor(region: string): string {
  const retrieval = {
    Expedited: { perThousandRequests: 10, perGiB: 0.03 },
    Standard: { perThousandRequests: 0.05, perGiB: 0.01 },
    Bulk: { perThousandRequests: 0.025, perGiB: 0.0025 },
  };
  const vault = { retrieval, uploadPerThousandRequests: 0.03, storagePerGiBMonth: 0.0036, earlyDeletionDays: 90 };
  return JSON.stringify({ date: '2026-11-20', source: 'a test', regions: { [region]: { vault } } });
}
