// The account of accepted restores: accepted, gone on with, added to, brought to their end.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptPlan, endPlan, PlanAccount, type WantedPlan, wouldGoOn } from '../../src/flows/retrieving/plan-book.js';
import { emptyRestoreTally, restore } from '../../src/flows/retrieving/restore.js';
import { readRestorePlans } from '../../src/journal/restore-plans.js';
import { Instant } from '../../src/model/clock.js';
import { Money } from '../../src/model/money.js';
import { type Allowed, type CostOf, NOTHING_SPENT, Spending } from '../../src/plan/allowance.js';
import { instead } from './faults.js';
import { lostWorld } from './lost-world.js';
import { type Asked, restoreRequest } from './restoring.js';
import { type Meddle, World } from './world.js';

const NOW = Instant.ofSeconds(1_700_000_000);
const wanted = (asked: Asked, directory = '/photos'): WantedPlan => restoreRequest(directory, asked).wanted;

describe('plan book', () => {
  it('plan book: who asks anew is allowed so much more, who goes on with the same takes what is left', async () => {
    using world = await World.create();
    const { journalFile } = world;
    const first = await acceptPlan(journalFile, wanted({ maxFiles: 5 }), NOW);
    await new PlanAccount(first).keep(journalFile, { asked: { files: 3, bytes: 30, cost: Money.NOTHING } });
    const goesOn = wanted({ maxFiles: 5, acceptance: 'go on' });
    expect(await wouldGoOn(journalFile, goesOn)).toBe(true);
    expect(await acceptPlan(journalFile, goesOn, NOW)).toMatchObject({
      id: 1,
      allowed: { files: 5 },
      asked: { files: 3 },
    });
    expect(await acceptPlan(journalFile, wanted({ maxFiles: 5 }), NOW)).toMatchObject({ id: 1, allowed: { files: 8 } });
  });

  it.each([
    ['files', { maxFiles: 6 }],
    ['bytes', { maxFiles: 5, maxBytes: 1 }],
    ['cost', { maxFiles: 5, maxCost: Money.ofMillionths(1) }],
    ['tier', { maxFiles: 5, tier: 'Bulk' }],
  ] as const)('plan book: who goes on with other %s accepts that', async (_, other) => {
    using world = await World.create();
    await acceptPlan(world.journalFile, wanted({ maxFiles: 5 }), NOW);
    expect(await wouldGoOn(world.journalFile, wanted({ ...other, acceptance: 'go on' }))).toBe(false);
  });

  it('plan book: other directories and rules are other plans, and numbers in use are not given again', async () => {
    using world = await World.create();
    const { journalFile } = world;
    for (const directory of ['/a', '/b', '/c']) await acceptPlan(journalFile, wanted({}, directory), NOW);
    const filtered = wanted({}, '/a');
    const rules = [{ action: 'exclude', pattern: '*.tmp' }] as const;
    await acceptPlan(journalFile, { ...filtered, terms: { ...filtered.terms, rules } }, NOW);
    const [, second] = await readRestorePlans(journalFile);
    expect(await endPlan(journalFile, second!)).toBe(true);
    await acceptPlan(journalFile, wanted({}, '/d'), NOW);
    expect((await readRestorePlans(journalFile)).map(({ id, terms }) => `${id} ${terms.directory}`)).toEqual([
      '1 /a',
      '3 /c',
      '4 /a',
      '5 /d',
    ]);
  });

  it('plan book: a plan that others have gone on with since it was read does not end', async () => {
    using world = await World.create();
    const { journalFile } = world;
    const plan = await acceptPlan(journalFile, wanted({ maxFiles: 1 }), NOW);
    await new PlanAccount(plan).keep(journalFile, { asked: { files: 1, bytes: 2, cost: Money.NOTHING } });
    const asked = await acceptPlan(journalFile, wanted({ maxFiles: 1, acceptance: 'go on' }), NOW);
    expect(await endPlan(journalFile, plan)).toBe(false);
    const more = await acceptPlan(journalFile, wanted({ maxFiles: 1 }), NOW);
    expect(await endPlan(journalFile, asked)).toBe(false);
    expect(await readRestorePlans(journalFile)).toEqual([more]);
    expect([await endPlan(journalFile, more), await endPlan(journalFile, more)]).toEqual([true, true]);
    expect(await readRestorePlans(journalFile)).toEqual([]);
  });

  it('plan book: an account that is kept leaves other plans, and what others accepted, as they are', async () => {
    using world = await World.create();
    const { journalFile } = world;
    const account = new PlanAccount(await acceptPlan(journalFile, wanted({ maxFiles: 1 }), NOW));
    await acceptPlan(journalFile, wanted({}, '/b'), NOW);
    await acceptPlan(journalFile, wanted({ maxFiles: 9, tier: 'Bulk' }), NOW);
    await account.keep(journalFile, { asked: { files: 1, bytes: 2, cost: Money.NOTHING } });
    expect(await readRestorePlans(journalFile)).toMatchObject([
      { id: 1, asked: { files: 1 }, allowed: { files: 9 }, terms: { tier: 'Bulk' } },
      { id: 2, asked: { files: 0 } },
    ]);
    expect(await account.takeOver(journalFile)).toMatchObject({ allowed: { files: 9 }, terms: { tier: 'Standard' } });
  });
});

describe('spending', () => {
  const costOf: CostOf = (files, bytes) => Money.ofMillionths(Math.ceil(files / 3) + Math.ceil(bytes / 7));

  it('spending: never more than allowed, whatever comes, and the cost is that of all together', () => {
    const limit = fc.option(fc.nat(40));
    const before = fc.record({
      files: fc.nat(10),
      bytes: fc.nat(100),
      cost: fc.nat(10).map((millionths) => Money.ofMillionths(millionths)),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
    const given = fc.tuple(limit, limit, fc.nat(40), before, sizes);
    fc.assert(
      fc.property(given, ([files, bytes, cost, spent, wanted]) => {
        const allowed: Allowed = { files, bytes, cost: Money.ofMillionths(cost) };
        const spending = new Spending(allowed, spent, costOf);
        const taken = wanted.filter((size) => spending.take(size, 'first'));
        const sum = taken.reduce((a, b) => a + b, 0);
        expect(spending.spent).toEqual({
          files: spent.files + taken.length,
          bytes: spent.bytes + sum,
          cost: Money.plus(spent.cost, costOf(taken.length, sum)),
        });
        expect(spending.exhausted === null).toBe(taken.length === wanted.length);
        if (taken.length === 0) return;
        expect(spending.spent.files).toBeLessThanOrEqual(files ?? Number.POSITIVE_INFINITY);
        expect(spending.spent.bytes).toBeLessThanOrEqual(bytes ?? Number.POSITIVE_INFINITY);
        expect(spending.spent.cost).toBeLessThanOrEqual(cost);
      }),
    );
  });

  it('spending: it goes on from what the account on disk says', () => {
    const allowed = { files: 3, bytes: null, cost: Money.MOST };
    const spending = new Spending(allowed, NOTHING_SPENT, costOf);
    for (const size of [1, 2, 3, 4]) spending.take(size, 'first');
    expect(spending.exhausted).toBe('files');
    const { spent } = spending;
    spending.goOnFrom(allowed, spent);
    expect(spending.spent).toEqual(spent);
    expect(spending.exhausted).toBeNull();
    expect(spending.take(1, 'first')).toBe(false);
    // Two of them were never asked for, and somebody has accepted one more.
    spending.goOnFrom({ ...allowed, files: 4 }, { files: 1, bytes: 1, cost: Money.NOTHING });
    expect([1, 1, 1, 1].map((size) => spending.take(size, 'first'))).toEqual([true, true, true, false]);
  });

  it('spending: what is asked for again costs, and is no further file', () => {
    const cost = costOf(3, 30);
    const spending = new Spending({ files: 1, bytes: 10, cost }, NOTHING_SPENT, costOf);
    expect((['first', 'first', 'again', 'again', 'again'] as const).map((asked) => spending.take(10, asked))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(spending.spent).toEqual({ files: 1, bytes: 10, cost });
    spending.giveBack(10, 'again');
    expect(spending.spent).toEqual({ files: 1, bytes: 10, cost: costOf(2, 20) });
    const nothing = new Spending({ files: 0, bytes: 0, cost: Money.NOTHING }, NOTHING_SPENT, () => Money.NOTHING);
    expect(nothing.take(10, 'again')).toBe(false);
  });
});

describe('restore, and its plan', () => {
  const ask = (world: World, asked: Asked = {}, meddle?: Meddle) =>
    world.run(async (ports, halt) => {
      const tally = emptyRestoreTally();
      await restore(restoreRequest(world.root, asked), ports, tally, halt);
      return tally;
    }, meddle);

  it('restore: a plan stays as long as something is under way, and goes when nothing is', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    expect(await ask(world)).toMatchObject({ requested: 1 });
    expect(await readRestorePlans(world.journalFile)).toHaveLength(1);
    expect(await ask(world)).toMatchObject({ underWay: 1 });
    expect(await readRestorePlans(world.journalFile)).toHaveLength(1);
    world.write('a', 'a');
    expect(await ask(world)).toMatchObject({ here: 1 });
    expect(await readRestorePlans(world.journalFile)).toEqual([]);
  });

  it('restore: what the journal says was asked for is not asked for again for a day, though the vault shows nothing', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    const showingNothing = instead('vault', 'retrievals', async function* (_, wanted) {
      for await (const archive of wanted as AsyncIterable<unknown>) yield { archive, retrieval: { state: 'none' } };
    });
    const asked = world.clock.seconds;
    await ask(world);
    world.clock.seconds += 24 * 3600 - 1;
    expect(await ask(world, {}, showingNothing)).toMatchObject({
      requested: 0,
      noted: 1,
      notedUntil: asked + 24 * 3600,
    });
    world.clock.seconds += 1;
    expect(await ask(world, {}, showingNothing)).toMatchObject({ requested: 1, noted: 0 });
  });
});
