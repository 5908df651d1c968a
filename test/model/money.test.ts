import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Money, type Priced, UnitPrice } from '../../src/model/money.js';

const dollars = (text: string): Money => Money.parse(text) ?? expect.fail(`no amount: ${text}`);
const price = (amount: number): UnitPrice => UnitPrice.ofDollars(amount) ?? expect.fail(`no price: ${amount}`);
const GIB = 2 ** 30;

const amounts = fc.integer({ min: 0, max: 1e12 }).map((millionths) => Money.ofMillionths(millionths));
const priced: fc.Arbitrary<Priced> = fc.record({
  count: fc.integer({ min: 0, max: 1e9 }),
  price: fc.integer({ min: 0, max: 1e9 }).map((billionths) => price(billionths / 1e9)),
  per: fc.constantFrom(1, 1000, GIB),
});

describe('money', () => {
  test.each([
    ['5', 5_000_000],
    ['0.25', 250_000],
    ['$1774.000001', 1_774_000_001],
    ['0', 0],
  ])('money: %s is %d millionths', (text, millionths) => {
    expect(Money.parse(text)).toBe(millionths);
  });

  test.each(['', '-1', '1,5', '1e3', '.5', '5.', '0.0000001', '1234567890', ' 5', '5 USD', 'NaN'])(
    'money: %j is no amount',
    (text) => {
      expect(Money.parse(text)).toBeNull();
    },
  );

  test.each([
    [0, '$0.00', '$0.00', '0', '0'],
    [1, '$0.01', '$0.000001', '0.000001', '0.01'],
    [50, '$0.01', '$0.00005', '0.00005', '0.01'],
    [10_000, '$0.01', '$0.01', '0.01', '0.01'],
    [10_001, '$0.02', '$0.010001', '0.010001', '0.02'],
    [999_999, '$1.00', '$0.999999', '0.999999', '1'],
    [3_552_000, '$3.56', '$3.552', '3.552', '3.56'],
    [1_774_000_000, '$1,774.00', '$1,774.00', '1774', '1774'],
    [153_072_500_000, '$153,072.50', '$153,072.50', '153072.5', '153072.5'],
    [1_234_567_890_100, '$1,234,567.90', '$1,234,567.8901', '1234567.8901', '1234567.9'],
  ])('money: %d millionths are shown, told exactly, written, and written as a limit', (millionths, ...texts) => {
    const amount = Money.ofMillionths(millionths);
    const forms = ['shown', 'exactly', 'written', 'writtenRoundedUp'] as const;
    expect(forms.map((form) => Money[form](amount))).toEqual(texts);
  });

  test('money: what is written is read again as the same, and as a limit lets it pass by less than a cent', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(Money.parse(Money.written(amount))).toBe(amount);
        const limit = dollars(Money.writtenRoundedUp(amount));
        expect(limit - amount).toBeGreaterThanOrEqual(0);
        expect(limit - amount).toBeLessThan(10_000);
        expect(limit % 10_000).toBe(0);
      }),
    );
  });

  test('money: a sum is exact, and rounded up once', () => {
    // 2 × $0.0000005 and 1 byte at $0.01 a GiB: 1 + 0.0000093 millionths, so 2.
    const halves: Priced = { count: 2, price: price(0.0005), per: 1000 };
    const byte: Priced = { count: 1, price: price(0.01), per: GIB };
    expect(Money.ofAll([halves])).toBe(1);
    expect(Money.ofAll([byte])).toBe(1);
    expect(Money.ofAll([halves, byte])).toBe(2);
    const half: Priced = { count: 1, price: price(0.0005), per: 1000 };
    expect(Money.ofAll([half, half])).toBe(1);
    expect(Money.ofAll([])).toBe(0);
  });

  test('money: the sum of parts that were rounded up is never less, and by less than a millionth each more', () => {
    fc.assert(
      fc.property(fc.array(priced, { maxLength: 3 }), (items) => {
        const parts = items.reduce((sum, item) => sum + Money.ofAll([item]), 0);
        const whole = Money.ofAll(items);
        expect(parts).toBeGreaterThanOrEqual(whole);
        expect(parts - whole).toBeLessThanOrEqual(items.length);
      }),
    );
  });

  test('money: what cannot be counted is the most that can', () => {
    expect(Money.ofAll([{ count: Number.MAX_SAFE_INTEGER, price: price(1000), per: 1 }])).toBe(Money.MOST);
    expect(Money.plus(Money.MOST, dollars('1'))).toBe(Money.MOST);
  });

  test('money: adding up', () => {
    expect(Money.plus(dollars('1.5'), dollars('0.000001'))).toBe(1_500_001);
    expect(() => Money.ofMillionths(0.5)).toThrow(RangeError);
    expect(() => Money.ofMillionths(2 ** 60)).toThrow(RangeError);
  });
});

describe('price of units', () => {
  test.each([
    [0, 0],
    [0.0025, 2_500_000],
    [0.000000001, 1],
    [0.1, 100_000_000],
    [10, 10_000_000_000],
    [1000, 1_000_000_000_000],
  ])('price: %d dollars are %d billionths', (amount, billionths) => {
    expect(UnitPrice.ofDollars(amount)).toBe(billionths);
  });

  test.each([-0.01, 1000.01, 1e-10, 0.0000000015, Number.NaN, Number.POSITIVE_INFINITY])(
    'price: %d is none',
    (amount) => {
      expect(UnitPrice.ofDollars(amount)).toBeNull();
    },
  );
});
