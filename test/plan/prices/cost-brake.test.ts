import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.js';
import { Money } from '../../../src/model/money.js';
import type { Tier } from '../../../src/model/tier.js';
import { acceptedCost, type CostLimits } from '../../../src/plan/prices/cost-brake.js';
import { demandFor, demandOfMany, GIB, IN_IRELAND, NOWHERE_AT_AWS, quoteFor } from './quoted.js';

const dollars = (text: string): Money => Money.parse(text) ?? expect.fail(text);
const limits = (maxCost: string | null, safeCost: string | null = '1'): CostLimits => ({
  maxCost: maxCost === null ? null : dollars(maxCost),
  safeCost: safeCost === null ? null : dollars(safeCost),
});

/** Expedited $3.552, shown as $3.56; Standard $0.1385; Bulk $0.03825. */
const QUOTE = quoteFor(demandOfMany(318, Math.floor(12.4 * GIB)));

function refusal(quote: typeof QUOTE, tier: Tier, given: CostLimits): Failure {
  try {
    acceptedCost(quote, tier, given);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it was let through');
}

describe('brake on costs', () => {
  test('cost brake: what costs no more than is safe passes, and may cost so much', () => {
    expect(acceptedCost(QUOTE, 'Standard', limits(null))).toBe(dollars('1'));
  });

  test('cost brake: what costs more is refused, with the limit that would let it pass and what is cheaper', () => {
    const { code, message, hint } = refusal(QUOTE, 'Expedited', limits(null));
    expect(code).toBe('BRAKE');
    expect(message).toBe(
      'retrieving 318 archives in tier Expedited would cost about $3.56, more than --safe-cost $1.00: nothing is asked for',
    );
    expect(hint).toBe('to accept the price add --max-cost 3.56, or choose --tier Bulk for $0.04');
    expect(acceptedCost(QUOTE, 'Expedited', limits('3.56'))).toBe(dollars('3.56'));
  });

  test('cost brake: a limit that was said counts alone, below and above what is safe', () => {
    expect(refusal(QUOTE, 'Standard', limits('0.1')).message).toContain('more than --max-cost $0.10');
    expect(refusal(QUOTE, 'Standard', limits('0.1', null)).message).toContain('more than --max-cost $0.10');
    expect(acceptedCost(QUOTE, 'Expedited', limits('10', '1'))).toBe(dollars('10'));
    expect(refusal(QUOTE, 'Bulk', limits('0')).hint).toContain('--max-cost 0.04, or ask for less');
  });

  test('cost brake: the limit is met to the millionth, not to the cent', () => {
    // 20 requests in Standard cost exactly $0.001.
    const thousandth = quoteFor(demandOfMany(20, 0));
    expect(acceptedCost(thousandth, 'Standard', limits('0.001'))).toBe(1000);
    expect(refusal(thousandth, 'Standard', limits('0.000999')).code).toBe('BRAKE');
  });

  test('cost brake: off lets everything pass', () => {
    expect(acceptedCost(QUOTE, 'Expedited', limits(null, null))).toBe(Money.MOST);
  });

  test('cost brake: an unknown price is no low one, whatever the limit', () => {
    const unknown = quoteFor(demandFor(1), IN_IRELAND);
    const { code, message, hint } = refusal(unknown, 'Bulk', limits(null));
    expect(code).toBe('BRAKE');
    expect(message).toContain('the prices of eu-west-1 are not in the table, so that 1 archive may cost more than');
    expect(hint).toContain('--prices');
    expect(hint).toContain('with --safe-cost off');
    const said = refusal(unknown, 'Bulk', limits('1000000', null));
    expect(said.hint).toContain('--safe-cost off in the place of --max-cost');
    expect(acceptedCost(unknown, 'Bulk', limits(null, null))).toBe(Money.MOST);
  });

  test('cost brake: nothing to ask for, or to pay, passes by any limit', () => {
    expect(acceptedCost(quoteFor(demandFor(), IN_IRELAND), 'Expedited', limits('0'))).toBe(0);
    expect(acceptedCost(quoteFor(demandOfMany(1e8, 1e15), NOWHERE_AT_AWS), 'Expedited', limits('0'))).toBe(0);
  });
});
