// What retrievals cost, as users meet it: nothing is requested of the vault that was not accepted.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tableFor } from '../plan/prices/quoted.js';
import { openWorkplace, type Workplace } from '../program/workplace.js';
import { eventsIn, typed } from './typed.js';

const MIB = 2 ** 20;
const NAMES = ['a', 'b', 'c'];

/** Three files of a MiB that were stored and lost, and prices for the region of their vault. */
async function lost() {
  const place = await openWorkplace('priced');
  const kept = place.at('kept');
  mkdirSync(kept);
  for (const name of NAMES) writeFileSync(place.at('kept', name), Buffer.alloc(MIB, name));
  const files = ['--vault', 'photos', '--dir', kept, '--journal', place.at('photos.journal'), ...place.config];
  expect((await typed(['create-vault', 'photos', ...place.config])).exitCode).toBe(0);
  expect((await typed(['sync', ...files])).exitCode).toBe(0);
  for (const name of NAMES) rmSync(place.at('kept', name));
  // In Expedited three requests cost 3 × $0.01, and 3 MiB 3 / 1024 × $0.03, together $0.0300878.
  writeFileSync(place.at('prices.json'), tableFor(place.server.region));
  const prices = ['--prices', place.at('prices.json')];
  return {
    place,
    restore: (...words: string[]) => typed(['restore', ...files, ...prices, '--max-number-of-files', '10', ...words]),
    get: (...words: string[]) => typed(['get', ...files, ...prices, ...words]),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

function requested({ server }: Workplace): number {
  return Object.values(server.control.requests().counts['InitiateJob'] ?? {}).reduce((sum, count) => sum + count, 0);
}

const DEAR = ['--tier', 'Expedited', '--max-cost', '0.03'];

describe('priced retrievals', () => {
  it.each(['--quote', '--dry-run'])('restore %s tells the price of every tier, and asks for nothing', async (how) => {
    await using own = await lost();
    const { exitCode, stdout } = await own.restore(how, '--json', '--tier', 'Bulk');
    expect(exitCode).toBe(0);
    const [quote, ...more] = eventsIn(stdout, 'quote');
    expect(more).toEqual([]);
    expect(quote).toMatchObject({
      tier: 'Bulk',
      archives: 3,
      size: 3 * MIB,
      prices: { by: 'table', region: own.place.server.region },
      tiers: [{ cost: { total: 0.04 } }, { cost: { total: 0.01 } }, { cost: { total: 0.01 } }],
    });
    expect(requested(own.place)).toBe(0);
  });

  it('restore: what costs more than was said is not asked for; the same with the limit of the hint is', async () => {
    await using own = await lost();
    const { exitCode, stdout, stderr } = await own.restore(...DEAR);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^\* {2}Expedited +\$0\.03 +\$0\.000088 +\$0\.04 /m);
    expect(stderr).toContain(
      'retrieving 3 archives in tier Expedited would cost about $0.04, more than --max-cost $0.03',
    );
    expect(requested(own.place)).toBe(0);
    const [, hinted = ''] = /--max-cost ([\d.]+)/.exec(stderr.split('hint: ')[1] ?? '') ?? [];
    await own.restore('--tier', 'Expedited', '--max-cost', hinted);
    expect(requested(own.place)).toBe(3);
  });

  it('restore: limits make the demand smaller before it is priced', async () => {
    await using own = await lost();
    expect((await own.restore(...DEAR, '--max-bytes', '2M')).exitCode).not.toBe(6);
    expect(requested(own.place)).toBe(2);
  });

  it('restore: is safe where nothing is said, and asks whatever it costs where that was said', async () => {
    await using own = await lost();
    const thousandfold = tableFor(own.place.server.region).replace(
      '"perThousandRequests":10',
      '"perThousandRequests":1000',
    );
    writeFileSync(own.place.at('prices.json'), thousandfold);
    const { exitCode, stderr } = await own.restore('--tier', 'Expedited');
    expect(exitCode).toBe(6);
    expect(stderr).toContain('would cost about $3.01, more than --safe-cost $1.00');
    expect(requested(own.place)).toBe(0);
    await own.restore('--tier', 'Expedited', '--safe-cost', 'off');
    expect(requested(own.place)).toBe(3);
  });

  it('get: the same holds for files that are named', async () => {
    await using own = await lost();
    const { exitCode, stdout, stderr } = await own.get(...DEAR, ...NAMES);
    expect(exitCode).toBe(6);
    expect(stdout).toContain('Quote: 3 archives to ask for, 3.0 MiB');
    expect(stderr).toContain('more than --max-cost $0.03');
    expect(requested(own.place)).toBe(0);
    await own.get(...DEAR, 'a');
    expect(requested(own.place)).toBe(1);
  });

  it('restore: prices that cannot be read end it before anything is asked for', async () => {
    await using own = await lost();
    writeFileSync(own.place.at('prices.json'), '{}');
    expect(await own.restore()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('regions is missing') });
    expect(requested(own.place)).toBe(0);
  });
});
