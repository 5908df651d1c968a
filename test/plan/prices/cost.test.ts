import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Money } from '../../../src/model/money.js';
import { TIERS, type Tier } from '../../../src/model/tier.js';
import type { TierPrices } from '../../../src/plan/prices/price-table.js';
import { type Cost, costOf } from '../../../src/plan/prices/reckoning.js';
import { GIB, IN_IRELAND, IN_VIRGINIA, NOWHERE_AT_AWS } from './quoted.js';

function costIn(tier: Tier, archives: number, bytes: number): Cost {
  return costOf(IN_VIRGINIA, tier, { archives, bytes }) ?? expect.fail('the price is not known');
}

const texts = ({ requests, bytes, total }: Cost) => [Money.exactly(requests), Money.exactly(bytes), Money.shown(total)];

describe('cost: worked examples', () => {
  // AWS re:Post, "How do I manage data retrieval and storage costs": 15,000,000 objects, 100 TB = 102,400 GB.
  test.each<[Tier, string, string, string]>([
    // 15,000,000 / 1000 × $10 = $150,000; 102,400 × $0.03 = $3,072
    ['Expedited', '$150,000.00', '$3,072.00', '$153,072.00'],
    // 15,000,000 / 1000 × $0.05 = $750; 102,400 × $0.01 = $1,024
    ['Standard', '$750.00', '$1,024.00', '$1,774.00'],
    // 15,000,000 / 1000 × $0.025 = $375; 102,400 × $0.0025 = $256. (In S3 Bulk is free; the page leaves it out.)
    ['Bulk', '$375.00', '$256.00', '$631.00'],
  ])('cost: 15 million archives of 100 TB, %s', (tier, requests, bytes, total) => {
    expect(texts(costIn(tier, 15_000_000, 102_400 * GIB))).toEqual([requests, bytes, total]);
  });

  test.each<[string, Tier, number, number, string, string, string]>([
    // 1 × $0.00005, and 1 / 2^30 × $0.01 = $0.0000000000093, rounded up to a millionth; together less than a cent
    ['one byte', 'Standard', 1, 1, '$0.00005', '$0.000001', '$0.01'],
    // 1 × $0.01 and 1 / 2^30 × $0.03: a little more than a cent
    ['one byte', 'Expedited', 1, 1, '$0.01', '$0.000001', '$0.02'],
    // 200 × $0.00005 = exactly a cent; with a byte in each, a little more
    ['200 empty requests', 'Standard', 200, 0, '$0.01', '$0.00', '$0.01'],
    ['200 requests of a byte', 'Standard', 200, 200, '$0.01', '$0.000001', '$0.02'],
    // 1 GiB × $0.01 = exactly a cent, and 1 × $0.00005
    ['one GiB', 'Standard', 1, GIB, '$0.00005', '$0.01', '$0.02'],
    // 20 × $0.00005 = $0.001; 0.9 GiB × $0.01 = $0.009 = 966,367,641.6 bytes: at 966,367,641 still a cent, at the next no more
    ['just a cent', 'Standard', 20, 966_367_641, '$0.001', '$0.009', '$0.01'],
    ['just more than a cent', 'Standard', 20, 966_367_642, '$0.001', '$0.009001', '$0.02'],
    // 1,000 × $0.000025 = $0.025; 1 TiB = 1,024 GiB × $0.0025 = $2.56
    ['a TiB in a thousand', 'Bulk', 1000, 1024 * GIB, '$0.025', '$2.56', '$2.59'],
    // 318 × $0.01 = $3.18; 12.4 GiB = 13,314,398,618 bytes × $0.03 / 2^30 = $0.37200000001
    ['12.4 GiB in 318', 'Expedited', 318, 13_314_398_618, '$3.18', '$0.372001', '$3.56'],
  ])('cost: %s, %s', (_, tier, archives, size, requests, bytes, total) => {
    expect(texts(costIn(tier, archives, size))).toEqual([requests, bytes, total]);
  });
});

const archives = fc.integer({ min: 1, max: 200_000_000 });
const bytes = fc.integer({ min: 0, max: 2 ** 52 });
const tiers = fc.constantFrom(...TIERS);

describe('cost', () => {
  test('cost: more archives or bytes never cost less, and something never costs nothing', () => {
    fc.assert(
      fc.property(tiers, archives, bytes, fc.nat(1e6), fc.nat(), (tier, some, size, more, larger) => {
        const { total } = costIn(tier, some, size);
        expect(total).toBeGreaterThan(0);
        expect(costIn(tier, some + more, size + larger).total).toBeGreaterThanOrEqual(total);
      }),
    );
  });

  test('cost: two demands together cost what they cost apart, but for what each was rounded up', () => {
    fc.assert(
      fc.property(tiers, archives, bytes, archives, bytes, (tier, a, aBytes, b, bBytes) => {
        const apart = costIn(tier, a, aBytes).total + costIn(tier, b, bBytes).total;
        const together = costIn(tier, a + b, aBytes + bBytes).total;
        expect(apart - together).toBeGreaterThanOrEqual(0);
        expect(apart - together).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('cost: a faster tier is never cheaper', () => {
    fc.assert(
      fc.property(archives, bytes, (some, size) => {
        const totals = TIERS.map((tier) => costIn(tier, some, size).total);
        expect(totals).toEqual(totals.toSorted((a, b) => b - a));
      }),
    );
  });

  test('cost: the total is reckoned, not added up from what was rounded', () => {
    // 1 × $0.0005 / 1000 = half a millionth; a byte at $0.01 a GiB less than a hundred thousandth of one.
    const half = { perThousandRequests: 500_000, perGiB: 10_000_000 } as TierPrices;
    if (IN_VIRGINIA.by !== 'table') throw new Error('no prices');
    const prices = { ...IN_VIRGINIA.prices, retrieval: { ...IN_VIRGINIA.prices.retrieval, Bulk: half } };
    const cost = costOf({ ...IN_VIRGINIA, prices }, 'Bulk', { archives: 1, bytes: 1 });
    expect(cost).toEqual({ requests: 1, bytes: 1, total: 1 });
  });

  test('cost: vaults that are not at AWS cost nothing, and of an unknown region nobody knows', () => {
    const demand = { archives: 15_000_000, bytes: 102_400 * GIB };
    expect(costOf(NOWHERE_AT_AWS, 'Expedited', demand)).toEqual({ requests: 0, bytes: 0, total: 0 });
    expect(costOf(IN_IRELAND, 'Bulk', demand)).toBeNull();
    expect(costOf(IN_IRELAND, 'Bulk', { archives: 0, bytes: 0 })).toEqual({ requests: 0, bytes: 0, total: 0 });
  });
});
