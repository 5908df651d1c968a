import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { Money, UnitPrice } from '../../src/model/money.js';
import { chargeFor, EARLY_DELETION_DAYS, GrowingOutlook } from '../../src/plan/early-deletion.js';

const DAY = 86_400;
const GIB = 2 ** 30;
const NOW = Instant.ofSeconds(Date.parse('2026-11-20T12:00:00Z') / 1000);
const PER_GIB_MONTH = UnitPrice.ofDollars(0.0036)!;

const daysAgo = (days: number): Instant => Instant.ofSeconds(NOW - days * DAY);

type Stored = readonly [size: number, createdAt: Instant];

function outlookOf(...archives: readonly Stored[]) {
  const growing = new GrowingOutlook(NOW, EARLY_DELETION_DAYS);
  for (const [size, createdAt] of archives) growing.add({ size, createdAt });
  return growing.outlook;
}

const chargeOf = (...archives: readonly Stored[]): Money =>
  Money.ofAll([chargeFor(outlookOf(...archives), PER_GIB_MONTH)]);

describe('early deletion', () => {
  it('early deletion: what has been stored for 90 days is free to the second', () => {
    const after = outlookOf([5, daysAgo(90)], [7, Instant.ofSeconds(daysAgo(90) + 1)]);
    expect(after.free).toEqual({ count: 1, bytes: 5 });
    expect([...after.months]).toEqual([['2026-11', { count: 1, bytes: 7 }]]);
  });

  it('early deletion: the others are free by month, in order, of the year in UTC', () => {
    const { free, months } = outlookOf(
      [1, daysAgo(0)],
      [2, daysAgo(50)],
      [4, daysAgo(49)],
      [8, daysAgo(48)],
      [16, daysAgo(1)],
    );
    expect(free.count).toBe(0);
    // 20 November + 90 days is 18 February; 1 January at noon is 48 days after it was 90 days less.
    expect([...months]).toEqual([
      ['2026-12', { count: 2, bytes: 6 }],
      ['2027-01', { count: 1, bytes: 8 }],
      ['2027-02', { count: 2, bytes: 17 }],
    ]);
  });

  it('early deletion: the charge is that of the days that are left', () => {
    // 1 GiB for 60 days: 2 months × $0.0036.
    expect(Money.exactly(chargeOf([GIB, daysAgo(30)]))).toBe('$0.0072');
    // 100 GiB for 90 days and 50 GiB for 30: 300 × $0.0036 + 50 × $0.0036.
    expect(Money.exactly(chargeOf([100 * GIB, daysAgo(0)], [50 * GIB, daysAgo(60)]))).toBe('$1.26');
    // A day that has begun is charged: 1 day of 30.
    expect(Money.exactly(chargeOf([1000 * GIB, Instant.ofSeconds(daysAgo(90) + 1)]))).toBe('$0.12');
    expect(chargeOf([GIB, daysAgo(90)])).toBe(Money.NOTHING);
    expect(chargeOf()).toBe(Money.NOTHING);
  });

  it('early deletion: a petabyte of ten million archives is reckoned without a slip', () => {
    // 2^50 bytes are 1,048,576 GiB; for 90 days: 3 × $0.0036 × 1,048,576.
    const growing = new GrowingOutlook(NOW, EARLY_DELETION_DAYS);
    for (let i = 0; i < 1024; i++) growing.add({ size: 2 ** 40, createdAt: NOW });
    expect(Money.exactly(Money.ofAll([chargeFor(growing.outlook, PER_GIB_MONTH)]))).toBe('$11,324.6208');
  });

  it('early deletion: every archive is in exactly one of the amounts', () => {
    const archives = fc.array(fc.tuple(fc.nat(2 ** 40), fc.integer({ min: -10, max: 200 })));
    fc.assert(
      fc.property(archives, (sizesAndAges) => {
        const { free, months, byteDays } = outlookOf(
          ...sizesAndAges.map(([size, age]) => [size, daysAgo(age)] as const),
        );
        const all = [free, ...months.values()];
        expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(sizesAndAges.length);
        expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
          sizesAndAges.reduce((sum, [size]) => sum + size, 0),
        );
        const due = sizesAndAges.reduce((sum, [size, age]) => sum + size * Math.max(0, 90 - age), 0);
        expect(byteDays).toBe(due);
      }),
    );
  });
});
