import { describe, expect, test } from 'vitest';
import type { Quoted } from '../../src/cli/report/quote-fields.js';
import { quoteAnswer } from '../../src/cli/report/quote-text.js';
import type { Tier } from '../../src/model/tier.js';
import { type Demand, quoteOf } from '../../src/plan/prices/quote.js';
import type { Reckoning } from '../../src/plan/prices/reckoning.js';
import { demandFor, GIB, IN_IRELAND, IN_VIRGINIA, MIB, NOWHERE_AT_AWS, UNPACED } from '../plan/prices/quoted.js';

/** Two large archives among 318. */
const DEMAND: Demand = { archives: 318, bytes: Math.floor(12.4 * GIB), large: 2, largest: 4 * GIB };

const ASSUMED = { bytesPerSecond: 10 * MIB, by: 'assumption' } as const;

function quoted(demand = DEMAND, reckoning: Reckoning = IN_VIRGINIA, more: Partial<Quoted> = {}): Quoted {
  const { policy = null, line = ASSUMED } = more;
  const standardBytesPerHour = policy?.strategy === 'bytes-per-hour' ? policy.bytesPerHour : null;
  const pace = { ...UNPACED, lineSpeed: line.bytesPerSecond, standardBytesPerHour };
  return { quote: quoteOf(demand, reckoning, pace), line, policy };
}

const linesOf = (given: Quoted, tier: Tier = 'Standard') => quoteAnswer(given, tier).lines;

describe('quote for people', () => {
  test('quote text: all tiers beside one another, then what it rests on', () => {
    expect(linesOf(quoted(DEMAND, IN_VIRGINIA, { policy: { strategy: 'none' } }))).toEqual([
      'Quote: 318 archives to ask for, 12.4 GiB; 318 requests',
      '   TIER       FOR REQUESTS  FOR BYTES  TOTAL  CAN BE READ IN       ALL ON DISK IN',
      '   Expedited         $3.18     $0.372  $3.56  1 min to 5 min 15 s  22 min 10 s to 26 min 25 s',
      '*  Standard        $0.0159     $0.124  $0.14  3 h to 5 h           3 h 21 min to 5 h 21 min',
      '   Bulk           $0.00795     $0.031  $0.04  5 h to 12 h          5 h 21 min to 12 h 21 min',
      'An estimate by the prices of us-east-1 as of 2026-10-03 (built in).',
      'Not in it: data transfer out of AWS, and taxes. What AWS gives for free is not taken off.',
      'On disk at 10.0 MiB/s, which is an assumption: say how fast the line is with --line-speed.',
      'Expedited: refused where AWS has no capacity for it, unless the account has bought some. 2 of the 318 are of 250 MB or more, and take longer than others.',
    ]);
  });

  test('quote text: of nothing it says no more than that', () => {
    expect(linesOf(quoted(demandFor()))).toEqual(['Quote: nothing to ask for']);
  });

  test('quote text: prices that are not known are no numbers, and the table that has them is asked for', () => {
    const lines = linesOf(quoted(DEMAND, IN_IRELAND), 'Bulk');
    expect(lines[4]).toMatch(/^\* {2}Bulk +not known +not known +not known +5 h to 12 h/);
    expect(lines[5]).toBe(
      'No prices of eu-west-1 are known. The table of 2026-10-03 (built in) has us-east-1. Name another with --prices (docs/prices.md).',
    );
    const nowhere = linesOf(quoted(DEMAND, { ...IN_IRELAND, region: null } as Reckoning));
    expect(nowhere[5]).toMatch(/^The region is not known; say it with --region\. The table/);
  });

  test('quote text: vaults elsewhere cost nothing, and it says why', () => {
    const lines = linesOf(quoted(DEMAND, NOWHERE_AT_AWS));
    expect(lines[2]).toMatch(/Expedited +\$0\.00 +\$0\.00 +\$0\.00 /);
    expect(lines[5]).toMatch(/^These vaults are not at AWS: nothing is charged, and the times are AWS's\./);
    expect(lines.join('\n')).not.toContain('data retrieval policy');
  });

  test('quote text: names the table of the user, escaped', () => {
    const reckoning = {
      ...IN_VIRGINIA,
      source: { date: '2026-11-20', from: 'my bill', file: 'a\nb.json' },
    } as Reckoning;
    expect(linesOf(quoted(DEMAND, reckoning))[5]).toContain('as of 2026-11-20 ("a\\nb.json").');
  });

  test.each([
    [{ bytesPerSecond: MIB, by: 'line-speed' } as const, 'On disk at 1.0 MiB/s, as --line-speed says.'],
    [{ bytesPerSecond: MIB, by: 'bwlimit' } as const, 'On disk at 1.0 MiB/s, as --bwlimit allows now.'],
  ])('quote text: says whose word the speed is: %j', (line, text) => {
    expect(linesOf(quoted(DEMAND, IN_VIRGINIA, { line }))).toContain(text);
  });

  test.each<[string, Quoted['policy'], string]>([
    ['unknown', null, 'is not known here; what goes beyond it is refused.'],
    [
      'of the free allowance',
      { strategy: 'free-tier' },
      'only what is free of charge, 10 GB a month; what is more is refused.',
    ],
    [
      'of less an hour than the largest',
      { strategy: 'bytes-per-hour', bytesPerHour: GIB },
      '1.0 GiB an hour; the largest archive, 4.0 GiB, is more than that and is refused: raise the policy, or choose another tier.',
    ],
    [
      'of less an hour than all',
      { strategy: 'bytes-per-hour', bytesPerHour: 4 * GIB },
      '4.0 GiB an hour; what is more is refused, and can be asked for in the hours after.',
    ],
    [
      'of enough an hour',
      { strategy: 'bytes-per-hour', bytesPerHour: 20 * GIB },
      '20.0 GiB an hour, which is enough if nothing else is retrieved.',
    ],
  ])('quote text: tells what a policy %s does to Standard', (_, policy, text) => {
    const lines = linesOf(quoted(DEMAND, IN_VIRGINIA, { policy }));
    expect(lines.at(-1)).toMatch(/^Standard: the account's data retrieval policy /);
    expect(lines.at(-1)).toContain(text);
  });

  test('quote text: that all archives are large is said so', () => {
    expect(linesOf(quoted(demandFor(GIB))).join('\n')).toContain('All are of 250 MB or more');
    expect(linesOf(quoted(demandFor(MIB))).join('\n')).not.toContain('250 MB');
  });
});

describe('quote for programs', () => {
  test('quote event: everything that people are told, in bytes, dollars and seconds', () => {
    const policy = { strategy: 'bytes-per-hour', bytesPerHour: 5 * GIB } as const;
    const { event, fields } = quoteAnswer(quoted(DEMAND, IN_VIRGINIA, { policy }), 'Bulk');
    expect(event).toBe('quote');
    const size = DEMAND.bytes;
    expect(fields).toEqual({
      tier: 'Bulk',
      archives: 318,
      size,
      largeArchives: 2,
      largestSize: 4 * GIB,
      isEstimate: true,
      prices: { by: 'table', region: 'us-east-1', date: '2026-10-03', source: expect.any(String), file: null },
      lineSpeed: { bytesPerSecond: 10 * MIB, by: 'assumption' },
      bytesPerHour: null,
      retrievalPolicy: policy,
      tiers: [
        expect.objectContaining({ tier: 'Expedited', cost: { requests: 3.18, bytes: 0.372, total: 3.56 } }),
        // Asked for over three hours, 5 GiB in each of the first two.
        {
          tier: 'Standard',
          archives: 318,
          size,
          requests: 318,
          cost: { requests: 0.0159, bytes: 0.124, total: 0.14 },
          readyInSeconds: { from: 3 * 3600, to: 7 * 3600 },
          onDiskInSeconds: { from: 5 * 3600 + 246, to: 7 * 3600 + 246 },
        },
        expect.objectContaining({ tier: 'Bulk', readyInSeconds: { from: 5 * 3600, to: 12 * 3600 } }),
      ],
    });
  });

  test('quote event: what is not known is null and not 0', () => {
    const { fields } = quoteAnswer(quoted(DEMAND, IN_IRELAND), 'Bulk');
    expect(fields).toMatchObject({
      prices: { by: 'not-known', region: 'eu-west-1' },
      retrievalPolicy: null,
      tiers: [{ cost: null }, { cost: null }, { cost: null }],
    });
    const elsewhere = quoteAnswer(quoted(DEMAND, NOWHERE_AT_AWS), 'Bulk').fields;
    expect(elsewhere).toMatchObject({
      prices: { by: 'nothing-to-pay', date: null, file: null },
      tiers: [{ cost: { requests: 0, bytes: 0, total: 0 } }, {}, {}],
    });
  });
});
