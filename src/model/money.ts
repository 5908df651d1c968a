// Amounts of money as quotes reckon them, and prices of units: whole parts of a US dollar, so that nothing is lost in sums.

declare const money: unique symbol;
declare const unitPrice: unique symbol;

/** Whole millionths of a US dollar. */
export type Money = number & { readonly [money]: true };

/** What some number of units costs: whole billionths of a US dollar. */
export type UnitPrice = number & { readonly [unitPrice]: true };

/** So many units, at a price for each `per` of them. All are whole. */
export interface Priced {
  readonly count: number;
  readonly price: UnitPrice;
  readonly per: number;
}

const DOLLARS = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/;
const CENT = 10_000;

/** More for a thousand requests, or for a GiB, is a slip of the pen. */
const UNIT_PRICE_MAX = 1000;

export const Money = {
  NOTHING: 0 as Money,

  /** More cannot be counted: nine thousand million dollars. */
  MOST: Number.MAX_SAFE_INTEGER as Money,

  /** `5`, `$0.25`: dollars; null for what is no such thing. */
  parse(text: string): Money | null {
    const [, whole, fraction = ''] = DOLLARS.exec(text) ?? [];
    return whole === undefined ? null : ((Number(whole) * 1e6 + Number(fraction.padEnd(6, '0'))) as Money);
  },

  /** @throws RangeError when it is no whole number of millionths */
  ofMillionths(millionths: number): Money {
    if (!Number.isSafeInteger(millionths)) throw new RangeError(`not whole millionths: ${millionths}`);
    return millionths as Money;
  },

  /** What all of it costs together, exactly, then rounded up to a millionth; `MOST` where that is less. */
  ofAll(items: readonly Priced[]): Money {
    const denominator = items.reduce((product, { per }) => product * BigInt(per), 1n);
    const billionths = items.reduce(
      (sum, { count, price, per }) => sum + (BigInt(count) * BigInt(price) * denominator) / BigInt(per),
      0n,
    );
    const scale = denominator * 1000n;
    const millionths = (billionths + scale - 1n) / scale;
    return millionths > BigInt(Money.MOST) ? Money.MOST : (Number(millionths) as Money);
  },

  plus(a: Money, b: Money): Money {
    return Math.min(a + b, Money.MOST) as Money;
  },

  /** In cents, rounded up, so that nothing that costs is shown as free: `$0.31`, `$1,774.00`. */
  shown(amount: Money): string {
    const [whole, cents] = Money.roundedUp(amount).toFixed(2).split('.');
    return `$${grouped(whole)}.${cents}`;
  },

  /** To the last millionth, and at least in cents: `$0.00005`, `$750.00`. */
  exactly(amount: Money): string {
    const whole = Math.floor(amount / 1e6);
    const fraction = `${amount % 1e6}`.padStart(6, '0').replace(/0{1,4}$/, '');
    return `$${grouped(`${whole}`)}.${fraction}`;
  },

  /** As it can be read again, and nothing lost: `5`, `0.25`. */
  written(amount: Money): string {
    return (amount / 1e6).toFixed(6).replace(/\.?0+$/, '');
  },

  /** The same rounded up to cents: what a limit must say to let this amount pass. */
  writtenRoundedUp(amount: Money): string {
    return Money.written(Money.ofMillionths(Math.ceil(amount / CENT) * CENT));
  },

  /** Dollars, in cents, rounded up. */
  roundedUp(amount: Money): number {
    return Math.ceil(amount / CENT) / 100;
  },
} as const;

export const UnitPrice = {
  /** null for what is negative, finer than a billionth, or more than $1,000. */
  ofDollars(dollars: number): UnitPrice | null {
    if (!(dollars >= 0 && dollars <= UNIT_PRICE_MAX)) return null;
    return Number(dollars.toFixed(9)) === dollars ? (Math.round(dollars * 1e9) as UnitPrice) : null;
  },
} as const;

function grouped(digits = ''): string {
  return digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
