// Restores that wait while the world around them changes: disks, clocks, locks, other processes.

import { mkdirSync, renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptyHomeTally } from '../../src/flows/retrieving/bring-home.js';
import type { Completions } from '../../src/flows/retrieving/completions.js';
import { emptyRestoreTally, restore } from '../../src/flows/retrieving/restore.js';
import { type RestorePlan, readRestorePlans } from '../../src/journal/restore-plans.js';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import type { JobId } from '../../src/model/identifiers.js';
import { Money } from '../../src/model/money.js';
import type { CostOf } from '../../src/plan/allowance.js';
import type { Vault } from '../../src/vault/port.js';
import type { ReadyRetrieval } from '../../src/vault/retrieving-port.js';
import { instead } from './faults.js';
import { lostWorld } from './lost-world.js';
import { type Asked, restoreRequest } from './restoring.js';
import { bound, counting, isFetching, passing, waitFor } from './waiting.js';
import { type Meddle, MIB, type World } from './world.js';

const DAY = 24 * 3600;
/** One MiB in three quarters of a day, and not two. */
const ONE_MIB = Math.ceil((1.5 * MIB) / (0.75 * DAY));

function mib(content: string): Buffer {
  return Buffer.alloc(MIB, content);
}

/** Only the signals end its waiting. */
const waitingForEver = (): Completions => ({
  next: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([]))),
  async [Symbol.asyncDispose]() {},
});

/** What nobody but this test does to the world, at the moments at which the run begins to wait. */
function meanwhile(deeds: readonly ((world: World) => void | Promise<void>)[]) {
  return (world: World): Completions => {
    const left = [...deeds];
    const time = passing(world);
    return {
      async next(until, signal) {
        const told = world.events.at(-1);
        if (told?.event === 'sleeping') {
          await left.shift()?.(world);
          world.events.push(told);
        }
        return time.next(until, signal);
      },
      async [Symbol.asyncDispose]() {},
    };
  };
}

async function ask(world: World, asked: Asked): Promise<void> {
  await world.run(async (ports, halt) => {
    await restore(restoreRequest(world.root, asked), ports, emptyRestoreTally(), halt);
  });
}

describe('waiting, and what is counted', () => {
  it('waiting: what was not accepted is counted, also where that is seen in a later wave only', async () => {
    using lost = await lostWorld({ a: mib('a'), b: mib('b'), c: mib('c'), d: mib('d') });
    const tally = await waitFor(lost.world, { maxFiles: 2, lineSpeed: ONE_MIB });
    expect(tally).toMatchObject({ restored: 2, left: 2, exhausted: 'files', waiting: 0 });
  });

  it('waiting: a run whose time is up counts all that is not here', async () => {
    using lost = await lostWorld({ a: mib('a'), b: mib('b'), c: mib('c'), d: mib('d'), e: mib('e') });
    const { world } = lost;
    const timeUp = new AbortController();
    const completions = (of: World): Completions =>
      passing(of, () => {
        if (Object.keys(of.tree()).length === 2) timeUp.abort();
      });
    const tally = await waitFor(world, { lineSpeed: ONE_MIB, completions, timeUp: timeUp.signal });
    expect(tally).toMatchObject({ restored: 2, waiting: 3, limit: 'duration' });
  });

  it('waiting: a run that goes on counts what is under way before it asks for more', async () => {
    using lost = await lostWorld({ a: mib('a'), b: mib('b') });
    const { world } = lost;
    const [, last] = world.vault.archives();
    const never = new AbortController().signal;
    // Somebody asked for what comes last by its path; the room is for one.
    await world.vault.requestRetrieval(last!.id, { tier: 'Bulk', range: null, topic: null }, never);
    const first = waitFor(world, { lineSpeed: ONE_MIB, completions: dying });
    await expect(first).rejects.toThrow('the power went');
    expect(world.eventsOf('requested')).toEqual([]);
    expect(await waitFor(world, { lineSpeed: ONE_MIB })).toMatchObject({ restored: 2, requested: 1 });
  });
});

const dying = (): Completions => ({
  next: () => Promise.reject(new Error('the power went')),
  async [Symbol.asyncDispose]() {},
});

describe('waiting, and trouble', () => {
  it('waiting: a disk that is full ends the run at once, whatever is still under way', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b', c: 'c' });
    const { world } = lost;
    const [a, b] = world.vault.archives();
    const never = new AbortController().signal;
    const jobs: JobId[] = [];
    for (const one of [a, b]) {
      const terms = { tier: 'Standard', range: null, topic: null } as const;
      jobs.push((await world.vault.requestRetrieval(one!.id, terms, never)).jobId);
    }
    world.clock.seconds += 6 * 3600;
    // One cannot be reached for a while, and then there is no room for the other.
    let tellBroken = (): void => undefined;
    const broken = new Promise<void>((resolve) => {
      tellBroken = resolve;
    });
    const meddle: Meddle = (port, object) => {
      if (port === 'landing') {
        const full = () => Promise.reject(new Failure('DISK_FULL', 'no space left'));
        return instead('landing', 'write', full)(port, object);
      }
      return instead('vault', 'read', async (read, ready, ...given) => {
        if ((ready as ReadyRetrieval).jobId === jobs[0]) {
          setImmediate(tellBroken);
          throw new Failure('UNREACHABLE', 'no answer');
        }
        await broken;
        return read(ready, ...given);
      })(port, object);
    };
    const tally = emptyHomeTally();
    const ended = waitFor(world, { completions: waitingForEver, meddle, tally });
    await expect(ended).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(tally).toMatchObject({ restored: 0, waiting: 3, limit: null });
    expect(await waitFor(world)).toMatchObject({ restored: 3, requested: 0 });
  });

  it('waiting: a journal that others use for hours delays it, at its end too, and ends nothing', async () => {
    using lost = await lostWorld({ a: mib('a'), b: mib('b') });
    const { world } = lost;
    const began = world.clock.seconds;
    // A sync from the second hour to the thirtieth, and from the hour in which all is here on.
    const isLocked = (): boolean => {
      const hour = (world.clock.seconds - began) / 3600;
      return (hour > 1 && hour < 30) || (Object.keys(world.tree()).length === 2 && hour < 60);
    };
    const tally = await waitFor(world, { lineSpeed: ONE_MIB, isLocked });
    expect(tally).toMatchObject({ restored: 2, waiting: 0 });
    expect(world.clock.seconds).toBeGreaterThanOrEqual(began + 60 * 3600);
    expect(await readRestorePlans(world.journalFile)).toEqual([]);
  });

  it('waiting: what was to be asked for when a look broke off is not missed from what was accepted', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b', c: 'c' });
    let looks = 0;
    const breaking = (vault: Vault): Vault => ({
      ...bound(vault),
      async *retrievals(wanted, signal) {
        const isFirst = ++looks === 1;
        let told = 0;
        for await (const one of vault.retrievals(wanted, signal)) {
          if (isFirst && ++told === 3) throw new Failure('UNREACHABLE', 'no answer');
          yield one;
        }
      },
    });
    expect(await waitFor(lost.world, { maxFiles: 3, vault: breaking })).toMatchObject({ restored: 3, left: 0 });
  });

  it('waiting: what the vault has refused leaves its room in the hour', async () => {
    using lost = await lostWorld({ a: 'aa', b: 'bb' });
    const { world } = lost;
    const began = world.clock.seconds;
    const times: number[] = [];
    const refusing = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        times.push(world.clock.seconds - began);
        if (times.length === 1) throw new Failure('RETRIEVAL_POLICY', 'denied by policy');
        return vault.requestRetrieval(id, terms, signal);
      },
    });
    await waitFor(world, { bytesPerHour: 4, width: 1, vault: refusing });
    // Both after a quarter of an hour, when it is tried again.
    expect(times).toEqual([0, 900, 900]);
  });

  it('waiting: a directory that is unmounted meanwhile ends it: nothing is asked for again, nothing lands elsewhere', async () => {
    using lost = await lostWorld({ a: mib('a'), b: mib('b'), c: mib('c') });
    const { world } = lost;
    const elsewhere = `${world.root}.unmounted`;
    const unmount = (): void => {
      if (Object.keys(world.tree()).length !== 2) return;
      renameSync(world.root, elsewhere);
      mkdirSync(world.root);
    };
    const asked: string[] = [];
    const completions = (of: World): Completions => passing(of, unmount);
    const ended = waitFor(world, { lineSpeed: ONE_MIB, completions, vault: counting(asked) });
    await expect(ended).rejects.toMatchObject({ code: 'BRAKE', message: expect.stringContaining('no longer') });
    expect(world.tree()).toEqual({});
    renameSync(elsewhere, world.root);
    expect(await waitFor(world, { lineSpeed: ONE_MIB, vault: counting(asked) })).toMatchObject({ waiting: 0, left: 0 });
    expect(world.tree()).toEqual(lost.tree);
    expect(asked.length).toBe(3);
  });
});

describe('waiting, and clocks', () => {
  it.each(['after all that may be asked for in an hour was asked for', 'after the vault has refused'])(
    'waiting: a clock that is set back by a year, %s, delays nothing for a year',
    async (when) => {
      using lost = await lostWorld({ a: mib('a'), b: mib('b'), c: mib('c') });
      const { world } = lost;
      let ahead = 365 * DAY;
      const clock = { now: () => Instant.ofSeconds(world.clock.seconds + ahead) };
      let requests = 0;
      const vault = (real: Vault): Vault => ({
        ...bound(real),
        async requestRetrieval(id, terms, signal) {
          if (++requests === 1 && when.includes('refused')) throw new Failure('RETRIEVAL_POLICY', 'denied by policy');
          return real.requestRetrieval(id, terms, signal);
        },
      });
      const enough = new AbortController();
      let sleeps = 0;
      const completions = (): Completions => ({
        async next(until, signal) {
          if (signal.aborted || (await isFetching(world, signal))) return [];
          if (++sleeps > 500) enough.abort();
          // From now on it goes right: whoever waits by it is told that at once.
          if (sleeps === 1) ahead = 0;
          else world.clock.seconds += Math.max(0, until - clock.now());
          return [];
        },
        async [Symbol.asyncDispose]() {},
      });
      const began = world.clock.seconds;
      const tally = await waitFor(world, {
        bytesPerHour: MIB,
        width: 1,
        vault,
        clock,
        completions,
        timeUp: enough.signal,
      });
      expect(tally).toMatchObject({ restored: 3, requested: 3, waiting: 0 });
      expect(world.clock.seconds).toBeLessThan(began + 2 * DAY);
    },
  );
});

describe('waiting, and other processes', () => {
  const costOf: CostOf = (files) => Money.ofMillionths(files * 100);

  it('waiting: what another process accepts for the same files counts, and what it asks for is on the account', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' });
    const { world } = lost;
    const terms = { costOf, maxCost: Money.ofMillionths(200), lineSpeed: 2 ** 40 };
    const plans: (RestorePlan | undefined)[] = [];
    const accept = (): Promise<void> =>
      ask(world, { costOf, maxCost: Money.ofMillionths(300), maxFiles: 3, bytesPerHour: 2, lineSpeed: 77 });
    const look = async (): Promise<void> => {
      plans.push((await readRestorePlans(world.journalFile))[0]);
    };
    const hourly = { ...terms, bytesPerHour: 1, pollSeconds: 3700 };
    const tally = await waitFor(world, { ...hourly, completions: meanwhile([accept, look, look]) });
    // One by the first acceptance, three by the second; the first would have paid for one more.
    const allowed = { files: 4, cost: 400 };
    expect(plans).toMatchObject([
      { asked: { files: 2 }, allowed, terms: { lineSpeed: 77 } },
      { asked: { files: 3 }, allowed, terms: { lineSpeed: 77 } },
    ]);
    expect(tally).toMatchObject({ restored: 4, left: 1, exhausted: 'files' });
  });
});
