import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TIERS, type Tier } from '../../../src/model/tier.js';
import type { Pace, Quote } from '../../../src/plan/prices/quote.js';
import { demandFor, demandOfMany, GIB, IN_IRELAND, IN_VIRGINIA, MIB, quoteFor } from './quoted.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const MB = 1e6;

const paced = (demand: Parameters<typeof quoteFor>[0], pace: Partial<Pace>) => quoteFor(demand, IN_VIRGINIA, pace);

function times(quote: Quote, wanted: Tier) {
  const { ready, here } = quote.tiers.find(({ tier }) => tier === wanted) ?? expect.fail(`no ${wanted}`);
  return { ready: [ready.from, ready.to], here: [here.from, here.to] };
}

describe('quote: what it counts', () => {
  test('quote: archives, bytes, the largest, and those of 250 MB or more', () => {
    expect(demandFor()).toEqual({ archives: 0, bytes: 0, large: 0, largest: 0 });
    const sizes = [1, 250 * MB - 1, 250 * MB, 3 * GIB];
    const bytes = 1 + (250 * MB - 1) + 250 * MB + 3 * GIB;
    expect(demandFor(...sizes)).toEqual({ archives: 4, bytes, large: 2, largest: 3 * GIB });
  });

  test('quote: every tier, the fastest and dearest first; known or not, it says when', () => {
    for (const reckoning of [IN_VIRGINIA, IN_IRELAND]) {
      const quote = quoteFor(demandOfMany(3, GIB), reckoning);
      expect(quote.tiers.map(({ tier }) => tier)).toEqual(TIERS);
      expect(quote.tiers.every(({ cost }) => (cost === null) === (reckoning === IN_IRELAND))).toBe(true);
      expect(times(quote, 'Bulk').ready).toEqual([5 * HOUR, 12 * HOUR]);
    }
  });

  test('quote: of nothing there is nothing to wait for or to pay', () => {
    for (const { cost, ready, here } of quoteFor(demandFor(), IN_IRELAND).tiers) {
      expect([cost?.total, ready, here]).toEqual([0, { from: 0, to: 0 }, { from: 0, to: 0 }]);
    }
  });
});

describe('quote: when', () => {
  test.each<[Tier, readonly number[]]>([
    ['Expedited', [1 * MINUTE, 5 * MINUTE]],
    ['Standard', [3 * HOUR, 5 * HOUR]],
    ['Bulk', [5 * HOUR, 12 * HOUR]],
  ])('quote: %s is ready in its time, and here when the line has brought it', (tier, ready) => {
    // 36,000 MiB at 10 MiB/s take an hour.
    const quote = quoteFor(demandOfMany(1000, 36_000 * MIB));
    expect(times(quote, tier)).toEqual({ ready, here: ready.map((seconds) => seconds + HOUR) });
  });

  test('quote: a second that has begun counts', () => {
    expect(times(quoteFor(demandFor(10 * MIB + 1)), 'Bulk').here).toEqual([5 * HOUR + 2, 12 * HOUR + 2]);
  });

  test('quote: Expedited takes longer for 250 MB and more, at best at 300 MB a second; the others do not', () => {
    const large = quoteFor(demandFor(250 * MB, 30_000 * MB), IN_VIRGINIA, { lineSpeed: 1e12 });
    expect(times(large, 'Expedited').ready).toEqual([1 * MINUTE, 5 * MINUTE + 100]);
    expect(times(large, 'Standard').ready).toEqual([3 * HOUR, 5 * HOUR]);
    const small = quoteFor(demandFor(250 * MB - 1), IN_VIRGINIA, { lineSpeed: 1e12 });
    expect(times(small, 'Expedited').ready).toEqual([1 * MINUTE, 5 * MINUTE]);
  });

  test('quote: by the hour, the last share is asked for when the others have been', () => {
    // 95 GiB at 10 GiB an hour: ten shares, the last of 5 GiB, nine hours after the first.
    const quote = paced(demandOfMany(95, 95 * GIB), { bytesPerHour: 10 * GIB, lineSpeed: GIB });
    expect(times(quote, 'Bulk')).toEqual({
      ready: [5 * HOUR, (12 + 9) * HOUR],
      here: [(5 + 9) * HOUR + 5, (12 + 9) * HOUR + 5],
    });
  });

  test('quote: what fills the hours exactly needs no hour more', () => {
    const quote = paced(demandOfMany(20, 20 * GIB), { bytesPerHour: 10 * GIB, lineSpeed: GIB });
    expect(times(quote, 'Bulk').ready).toEqual([5 * HOUR, 13 * HOUR]);
    expect(times(paced(demandOfMany(9, 9 * GIB), { bytesPerHour: 10 * GIB }), 'Bulk').ready[1]).toBe(12 * HOUR);
  });

  test("quote: the account's policy slows down Standard alone, and the lesser of two limits counts", () => {
    const demand = demandOfMany(20, 20 * GIB);
    const policy = paced(demand, { standardBytesPerHour: 10 * GIB, lineSpeed: GIB });
    expect(TIERS.map((tier) => times(policy, tier).ready[1])).toEqual([5 * MINUTE, 6 * HOUR, 12 * HOUR]);
    const both = paced(demand, { bytesPerHour: 5 * GIB, standardBytesPerHour: 10 * GIB, lineSpeed: GIB });
    expect(times(both, 'Standard').ready[1]).toBe(8 * HOUR);
  });

  test('quote: no more is asked for than the line brings in before it is gone again', () => {
    // At 1 MiB/s 18 hours' worth may be under way; of 2 days' worth the last is asked for after 30 hours.
    const quote = paced(demandOfMany(2000, (2 * DAY - 1) * MIB), { lineSpeed: MIB });
    expect(times(quote, 'Bulk')).toEqual({
      ready: [5 * HOUR, 12 * HOUR + 30 * HOUR - 1],
      here: [5 * HOUR + 2 * DAY - 1, 12 * HOUR + 2 * DAY - 1],
    });
  });

  const demands = fc
    .tuple(fc.integer({ min: 1, max: 1e8 }), fc.integer({ min: 1, max: 2 ** 50 }))
    .map(([archives, bytes]) => demandOfMany(archives, Math.max(archives, bytes)));
  const paces = fc.record({
    lineSpeed: fc.integer({ min: 1024, max: 2 ** 34 }),
    bytesPerHour: fc.option(fc.integer({ min: MIB, max: 2 ** 45 })),
    standardBytesPerHour: fc.option(fc.integer({ min: MIB, max: 2 ** 45 })),
  });

  test('quote: all is here no sooner than it can be read and the line can bring it; a faster line is never slower', () => {
    fc.assert(
      fc.property(demands, paces, (demand, pace) => {
        const faster = quoteFor(demand, IN_VIRGINIA, { ...pace, lineSpeed: pace.lineSpeed * 2 });
        for (const { tier, ready, here } of quoteFor(demand, IN_VIRGINIA, pace).tiers) {
          expect(ready.from).toBeLessThanOrEqual(ready.to);
          expect(here.from).toBeLessThanOrEqual(here.to);
          expect(here.to).toBeGreaterThanOrEqual(ready.to);
          expect(here.from - ready.from).toBeGreaterThanOrEqual(Math.floor(demand.bytes / pace.lineSpeed));
          expect(times(faster, tier).here[1]).toBeLessThanOrEqual(here.to);
        }
      }),
    );
  });
});
