// Restores that are killed at each of their effects, or meet a fault there: nothing is asked for twice, forgotten, or not
// accounted for.

import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptyHomeTally } from '../../src/flows/retrieving/bring-home.js';
import { emptyRestoreTally, restore } from '../../src/flows/retrieving/restore.js';
import { type AskedFor, readRestorePlans } from '../../src/journal/restore-plans.js';
import { Money } from '../../src/model/money.js';
import type { CostOf } from '../../src/plan/allowance.js';
import type { VaultJob } from '../../src/vault/retrieving-port.js';
import { everyFault, type Fault, Faults } from './faults.js';
import { lostWorld } from './lost-world.js';
import { type Asked, restoreRequest } from './restoring.js';
import { passing, waitFor } from './waiting.js';
import { type Meddle, type World } from './world.js';

const FILES = { a: 'a', b: 'bb', c: 'ccc' };
const COUNT = Object.keys(FILES).length;
const TOTAL = Object.values(FILES).reduce((sum, content) => sum + content.length, 0);

/** Each file costs 7 millionths of a dollar, each byte a tenth of one, rounded up over all. */
const costOf: CostOf = (files, bytes) => Money.ofMillionths(7 * files + Math.ceil(bytes / 10));

/** What is reckoned in two runs is rounded twice. */
const MOST = Money.plus(costOf(COUNT, TOTAL), Money.ofMillionths(1));

/** Exactly what all of it takes: whatever is charged and was not asked for is missed at the end. */
const EXACTLY: Asked = { maxFiles: COUNT, maxBytes: TOTAL, maxCost: MOST, costOf, acceptance: 'go on' };

/** A process that is killed at its n-th effect: what was on disk then is what the next one finds. */
class Death {
  readonly #world: World;
  readonly #faults: Faults;
  readonly #when: Fault['when'];
  readonly #nth: number;
  isDead = false;

  constructor(world: World, nth: number, when: Fault['when']) {
    this.#world = world;
    this.#when = when;
    this.#nth = nth;
    this.#faults = new Faults({ nth: nth + (when === 'after' ? 1 : 0), lasting: 'from then on', when: 'before' });
  }

  /** Nothing that is tried after the death gets through, and what is written after it is taken back. */
  readonly meddle: Meddle = (port, object) => {
    const counted = this.#faults.meddle(port, object);
    return new Proxy(counted, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          const before = this.#faults.log.length;
          const answer: unknown = Reflect.apply(value, target, given);
          const isEffect = this.#faults.log.length > before;
          if (!isEffect || this.#faults.log.length !== this.#nth) return answer;
          if (this.#when === 'before') this.#die();
          else return (answer as Promise<unknown>).then((done) => (this.#die(), done));
          return answer;
        };
      },
    });
  };

  /** As the next process finds it. */
  bury(): void {
    for (const file of this.#files()) {
      if (existsSync(`${file}.dead`)) copyFileSync(`${file}.dead`, file);
      else if (this.isDead) rmSync(file, { force: true });
    }
  }

  #die(): void {
    this.isDead = true;
    for (const file of this.#files()) if (existsSync(file)) copyFileSync(file, `${file}.dead`);
  }

  #files(): string[] {
    return [this.#world.journalFile, `${this.#world.journalFile}.restores`];
  }
}

function ask(world: World, asked: Asked, meddle?: Meddle) {
  return world.run(async (ports, halt) => {
    const tally = emptyRestoreTally();
    await restore(restoreRequest(world.root, asked), ports, tally, halt);
    return tally;
  }, meddle);
}

/** Of an hour at most: what is ready then stays so until the next run. */
const SLEEPS_MAX = 12;

/** Waits, but not for ever where nothing gets better. */
function wait(world: World, asked: Asked, meddle: Meddle = (_, object) => object) {
  const enough = new AbortController();
  let sleeps = 0;
  const completions = (of: World) =>
    passing(of, () => {
      if (++sleeps > SLEEPS_MAX) enough.abort();
    });
  return waitFor(world, {
    ...asked,
    completions,
    meddle,
    pollSeconds: 3600,
    timeUp: enough.signal,
    tally: emptyHomeTally(),
  });
}

async function jobsOf(world: World): Promise<VaultJob[]> {
  const jobs: VaultJob[] = [];
  for await (const job of world.vault.jobs(new AbortController().signal)) jobs.push(job);
  return jobs;
}

async function expectAskedOnce(world: World, what: string): Promise<void> {
  const asked = (await jobsOf(world)).map(({ archiveId }) => String(archiveId));
  expect(new Set(asked).size, `${what}: nothing is asked for twice`).toBe(asked.length);
}

async function accountOf(world: World): Promise<AskedFor | undefined> {
  const plans = await readRestorePlans(world.journalFile);
  expect(plans.length).toBeLessThanOrEqual(1);
  return plans[0]?.asked;
}

async function expectAccount(world: World, what: string): Promise<void> {
  const jobs = await jobsOf(world);
  const bytes = jobs.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const cost = costOf(jobs.length, bytes);
  const account = await accountOf(world);
  expect(account, `${what}: the account is what was asked for`).toMatchObject({ files: jobs.length, bytes });
  expect(account!.cost - cost, `${what}: and so is its cost`).toBeGreaterThanOrEqual(0);
  expect(account!.cost - cost).toBeLessThanOrEqual(1);
}

async function effectsOf(run: (world: World, meddle: Meddle) => Promise<unknown>): Promise<number> {
  using lost = await lostWorld(FILES);
  const undisturbed = new Faults();
  await run(lost.world, undisturbed.meddle);
  return undisturbed.log.length;
}

describe('a restore that is killed', () => {
  it('restore killed: at each effect nothing is asked for twice, and the account is right', async () => {
    const effects = await effectsOf((world, meddle) => ask(world, EXACTLY, meddle));
    expect(effects).toBe(2 * COUNT);
    for (let nth = 1; nth <= effects; nth++) {
      for (const when of ['before', 'after'] as const) {
        using lost = await lostWorld(FILES);
        const { world } = lost;
        const what = `killed ${when} effect ${nth}`;
        const death = new Death(world, nth, when);
        await ask(world, EXACTLY, death.meddle).catch(() => undefined);
        death.bury();
        world.clock.seconds += 3600;
        await ask(world, EXACTLY);
        await expectAskedOnce(world, what);
        await expectAccount(world, what);
        expect((await jobsOf(world)).length, `${what}: nothing is forgotten`).toBe(COUNT);
      }
    }
  });

  it('waiting killed: at each effect all comes home within what was accepted', { timeout: 120_000 }, async () => {
    const effects = await effectsOf((world, meddle) => wait(world, EXACTLY, meddle));
    expect(effects).toBeGreaterThan(4 * COUNT);
    for (let nth = 1; nth <= effects; nth++) {
      for (const when of ['before', 'after'] as const) {
        using lost = await lostWorld(FILES);
        const { world, tree } = lost;
        const what = `killed ${when} effect ${nth}`;
        const death = new Death(world, nth, when);
        await wait(world, EXACTLY, death.meddle).catch(() => undefined);
        death.bury();
        expect(await wait(world, EXACTLY), what).toMatchObject({ waiting: 0, left: 0, failed: 0 });
        expect(world.tree(), what).toEqual(tree);
        await expectAskedOnce(world, what);
        expect(await readRestorePlans(world.journalFile), what).toEqual([]);
      }
    }
  });

  it('restore killed: days later, when the vault shows nothing any more, what may have been asked for is charged', async () => {
    using lost = await lostWorld(FILES);
    const { world } = lost;
    // The last request was heard, and the journal knows nothing of it.
    const death = new Death(world, 2 * COUNT - 1, 'after');
    await ask(world, EXACTLY, death.meddle).catch(() => undefined);
    death.bury();
    const heard = (await jobsOf(world)).length;
    expect(heard).toBeGreaterThan(0);
    world.clock.seconds += 3 * 24 * 3600;
    expect(await jobsOf(world)).toEqual([]);
    const { requested } = await ask(world, EXACTLY);
    expect(heard + requested).toBeLessThanOrEqual(COUNT);
  });
});

describe('a restore that meets a fault', () => {
  it('restore: after any fault and one more run all is asked for once, and accounted for', async () => {
    const effects = await effectsOf((world, meddle) => ask(world, EXACTLY, meddle));
    for (const fault of everyFault(effects)) {
      using lost = await lostWorld(FILES);
      const { world } = lost;
      const what = `effect ${fault.nth} fails ${fault.lasting}, ${fault.when}`;
      await ask(world, EXACTLY, new Faults(fault).meddle).catch(() => undefined);
      await ask(world, EXACTLY);
      await expectAskedOnce(world, what);
      await expectAccount(world, what);
      expect((await jobsOf(world)).length, `${what}: nothing is forgotten`).toBe(COUNT);
    }
  });

  it('waiting: after any fault and one more run all is here, within what was accepted', {
    timeout: 120_000,
  }, async () => {
    const effects = await effectsOf((world, meddle) => wait(world, EXACTLY, meddle));
    for (const fault of everyFault(effects)) {
      using lost = await lostWorld(FILES);
      const { world, tree } = lost;
      const what = `effect ${fault.nth} fails ${fault.lasting}, ${fault.when}`;
      await wait(world, EXACTLY, new Faults(fault).meddle).catch(() => undefined);
      await wait(world, EXACTLY);
      expect(world.tree(), what).toEqual(tree);
      await expectAskedOnce(world, what);
      expect(await readRestorePlans(world.journalFile), what).toEqual([]);
    }
  });
});
