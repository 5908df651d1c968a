import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.js';
import { builtInPrices } from '../../../src/plan/prices/built-in-prices.js';
import { parsePriceTable } from '../../../src/plan/prices/price-file.js';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');

type Json = Record<string, unknown>;

const VAULT = {
  retrieval: {
    Expedited: { perThousandRequests: 11, perGiB: 0.033 },
    Standard: { perThousandRequests: 0.055, perGiB: 0.011 },
    Bulk: { perThousandRequests: 0.0275, perGiB: 0.00275 },
  },
  uploadPerThousandRequests: 0.033,
  storagePerGiBMonth: 0.004,
  earlyDeletionDays: 90,
};
const TABLE = { date: '2026-11-20', source: 'my bill', regions: { 'eu-west-1': { vault: VAULT } } };

const inVault = (change: Json): Json => ({ ...TABLE, regions: { 'eu-west-1': { vault: { ...VAULT, ...change } } } });
const inBulk = (bulk: unknown): Json => inVault({ retrieval: { ...VAULT.retrieval, Bulk: bulk } });

function refusal(text: string): Failure {
  try {
    parsePriceTable(text, 'my.json');
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it was taken');
}

describe('table of prices', () => {
  test('prices: the built-in table is what the file says that users are given to copy', () => {
    const text = readFileSync(join(DOCS, 'prices.json'), 'utf8');
    expect(parsePriceTable(text, 'docs/prices.json')).toEqual(builtInPrices());
    expect(readFileSync(join(DOCS, 'prices.md'), 'utf8')).toContain(builtInPrices().date);
  });

  test('prices: the built-in table has what the Glacier price list says of us-east-1', () => {
    expect(builtInPrices().regions.get('us-east-1')?.vault).toEqual({
      retrieval: {
        Expedited: { perThousandRequests: 10e9, perGiB: 0.03e9 },
        Standard: { perThousandRequests: 0.05e9, perGiB: 0.01e9 },
        Bulk: { perThousandRequests: 0.025e9, perGiB: 0.0025e9 },
      },
      uploadPerThousandRequests: 0.03e9,
      storagePerGiBMonth: 0.0036e9,
      earlyDeletionDays: 90,
    });
  });

  test("prices: a user's table is read, with the mark that an editor of Windows writes, and what is for later", () => {
    const later = { ...TABLE, regions: { 'eu-west-1': { vault: VAULT, DEEP_ARCHIVE: { anything: 1 } } } };
    const { date, source, regions } = parsePriceTable(`\uFEFF${JSON.stringify(later, null, 2)}\n`, 'my.json');
    expect([date, source, [...regions.keys()]]).toEqual(['2026-11-20', 'my bill', ['eu-west-1']]);
    expect(regions.get('eu-west-1')?.vault.retrieval.Bulk).toEqual({ perThousandRequests: 27.5e6, perGiB: 2.75e6 });
  });

  test.each<[string, unknown, string]>([
    ['an array', [], 'the table is []'],
    ['null', null, 'the table is null'],
    ['no date', { ...TABLE, date: undefined }, 'date is missing'],
    ['a date in words', { ...TABLE, date: 'today' }, 'date is "today"'],
    ['a day that there is not', { ...TABLE, date: '2026-13-01' }, 'date is "2026-13-01"'],
    ['no source', { ...TABLE, source: ' ' }, 'source is " "'],
    ['a stranger', { ...TABLE, currency: 'EUR' }, 'currency has no meaning'],
    ['no regions', { ...TABLE, regions: {} }, 'regions is {}'],
    ['regions in a list', { ...TABLE, regions: ['eu-west-1'] }, 'regions is ["eu-west-1"]'],
    ['a region without vaults', { ...TABLE, regions: { mars: {} } }, 'regions.mars.vault is missing'],
    [
      'a misspelt field',
      inVault({ storagePerGibMonth: 1 }),
      'regions.eu-west-1.vault.storagePerGibMonth has no meaning',
    ],
    ['no tier', inVault({ retrieval: {} }), 'vault.retrieval.Expedited is missing'],
    ['a tier of no name', inVault({ retrieval: { ...VAULT.retrieval, Fast: {} } }), 'retrieval.Fast has no meaning'],
    ['half a tier', inBulk({ perGiB: 1 }), 'retrieval.Bulk.perThousandRequests is missing'],
    ['a price in words', inBulk({ perThousandRequests: '0.05', perGiB: 1 }), 'perThousandRequests is "0.05"'],
    ['a price below nothing', inBulk({ perThousandRequests: 0, perGiB: -1 }), 'perGiB is -1'],
    ['a price of cents of cents of cents', inBulk({ perThousandRequests: 0, perGiB: 1e-10 }), 'perGiB is 1e-10'],
    ['a price in cents of thousands', inBulk({ perThousandRequests: 0, perGiB: 1001 }), 'perGiB is 1001'],
    ['days and a half', inVault({ earlyDeletionDays: 90.5 }), 'earlyDeletionDays is 90.5'],
    ['days below nothing', inVault({ earlyDeletionDays: -1 }), 'earlyDeletionDays is -1'],
  ])('prices: %s is refused, naming file and place', (_, table, what) => {
    const { code, message, hint } = refusal(JSON.stringify(table));
    expect(code).toBe('CONFIG');
    expect(message).toMatch(/^prices "?my\.json"?: /);
    expect(message).toContain(what);
    expect(hint).toMatch(/docs\/prices\.md|what belongs here/);
  });

  test('prices: what is no JSON is refused in the words of whoever read it', () => {
    const { code, message, hint } = refusal('{\n  "date": 2026-11-20\n}');
    expect(code).toBe('CONFIG');
    expect(message).toMatch(/^prices "?my\.json"?: .*JSON/);
    expect(message).not.toContain('\n');
    expect(hint).toContain('docs/prices.md');
  });
});
