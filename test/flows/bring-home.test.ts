// Restores that wait: asked for, waited for, fetched, asked for again.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Completions } from '../../src/flows/retrieving/completions.js';
import { acceptPlan, endPlan } from '../../src/flows/retrieving/plan-book.js';
import { readRestorePlans } from '../../src/journal/restore-plans.js';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import type { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { Money } from '../../src/model/money.js';
import type { CostOf } from '../../src/plan/allowance.js';
import type { Vault } from '../../src/vault/port.js';
import type { ReadyRetrieval, Retrieval } from '../../src/vault/retrieving-port.js';
import { instead } from './faults.js';
import { lostWorld } from './lost-world.js';
import { restoreRequest } from './restoring.js';
import { bound, counting, isFetching, passing, waitFor } from './waiting.js';
import { type Meddle, MIB, type World } from './world.js';

const DAY = 24 * 3600;

/** The machine sleeps for two days when all is about to become ready. */
function oversleeping(world: World): Completions {
  let slept = 0;
  return passing(world, () => {
    if (++slept === 1) world.clock.seconds += 2 * DAY;
  });
}

/** What is fetched first is here when the vault has been asked once more: so long the time passes. */
function slowFetch(world: World) {
  const state = { isRead: false, isListed: false };
  const meddle = instead('vault', 'read', async (read, ...given) => {
    state.isRead = true;
    while (!state.isListed) await setImmediate();
    return read(...given);
  });
  const completions = (): Completions => ({
    async next(until) {
      await setImmediate();
      const isSlow = state.isRead && !state.isListed;
      const isWaiting = isSlow || world.events.at(-1)?.event === 'sleeping';
      if (isWaiting) world.clock.seconds = Math.max(world.clock.seconds, until);
      return [];
    },
    async [Symbol.asyncDispose]() {},
  });
  return { state, meddle, completions };
}

/** The vault fails what it was asked for last. */
function failNewest(world: World, id: ArchiveId): Retrieval {
  const requested = world.eventsOf('requested').findLast(({ archiveId }) => archiveId === id);
  if (requested === undefined) throw new Error(`nothing was asked for of ${id}`);
  const { jobId } = requested;
  world.vault.failRetrieval(jobId, 'lost');
  return { state: 'failed', jobId, requestedAt: world.clock.now(), why: 'lost' };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** That the user was told of. */
function failedRetrievals(world: World): number {
  return world.eventsOf('notice').filter(({ topic }) => topic === 'retrieval-failed').length;
}

describe('bring home', () => {
  it('waiting: all that is missing is asked for once, fetched and verified, and the plan is done', async () => {
    using lost = await lostWorld();
    const asked: string[] = [];
    const tally = await waitFor(lost.world, { vault: counting(asked) });
    expect(lost.world.tree()).toEqual(lost.tree);
    expect(tally).toMatchObject({ requested: 4, restored: 4, waiting: 0, failed: 0, left: 0 });
    expect(asked.length).toBe(4);
    expect(await readRestorePlans(lost.world.journalFile)).toEqual([]);
  });

  it('waiting: the disk is told of all that has landed', async () => {
    using lost = await lostWorld();
    const told: number[] = [];
    const listening = instead('landing', 'landed', (landed, bytes) => {
      told.push(bytes as number);
      return landed(bytes);
    });
    expect(await waitFor(lost.world, { meddle: listening })).toMatchObject({ restored: 4, restoredBytes: sum(told) });
    expect(Math.max(...told)).toBe(MIB);
  });

  it('waiting: a run that is stopped goes on where it was, and asks for nothing twice', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const asked: string[] = [];
    const stopped = new Error('the power went');
    const dying = (): Completions => ({
      next: () => Promise.reject(stopped),
      async [Symbol.asyncDispose]() {},
    });
    for (let run = 0; run < 3; run++) {
      await expect(waitFor(world, { completions: dying, vault: counting(asked) })).rejects.toThrow('the power went');
      world.clock.seconds += 600;
    }
    expect(asked.length).toBe(4);
    expect(await waitFor(world, { vault: counting(asked) })).toMatchObject({ restored: 4, requested: 0 });
    expect(asked.length).toBe(4);
    expect(world.tree()).toEqual(lost.tree);
  });

  it('waiting: no more is asked for than the line can bring in time', async () => {
    using lost = await lostWorld({ a: Buffer.alloc(MIB, 1), b: Buffer.alloc(MIB, 2), c: Buffer.alloc(MIB, 3) });
    const { world } = lost;
    // 1.5 MiB in three quarters of a day
    const tally = await waitFor(world, { lineSpeed: Math.ceil((1.5 * MIB) / (DAY * 0.75)) });
    expect(tally).toMatchObject({ restored: 3, requested: 3 });
    const told = world.eventsOf('wave').map(({ wave, state }) => `${wave} ${state}`);
    const due = [1, 2, 3].flatMap((wave) => ['requested', 'ready', 'ended'].map((state) => `${wave} ${state}`));
    expect(told).toEqual(due);
  });

  it('waiting: in an hour no more is asked for than was said', async () => {
    using lost = await lostWorld({ a: 'aa', b: 'bb', c: 'cc' });
    const { world } = lost;
    const times: number[] = [];
    const watching = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        times.push(world.clock.seconds);
        return vault.requestRetrieval(id, terms, signal);
      },
    });
    expect(await waitFor(world, { bytesPerHour: 3, vault: watching })).toMatchObject({ restored: 3 });
    expect(times.length).toBe(3);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3600);
  });

  it('waiting: what was gone before it was fetched is asked for again', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const asked: string[] = [];
    const tally = await waitFor(world, { completions: oversleeping, vault: counting(asked) });
    expect(tally).toMatchObject({ restored: 4, requested: 4, again: 4 });
    expect(asked.length).toBe(8);
    expect(world.tree()).toEqual(lost.tree);
  });

  it('waiting: a retrieval that is gone when it is to be fetched is looked for again', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const gone = new Set<string>();
    const forgetting = instead('vault', 'read', async (read, ready, ...given) => {
      const { jobId } = ready as ReadyRetrieval;
      if (gone.has(jobId)) return read(ready, ...given);
      gone.add(jobId);
      throw new Failure('JOB_NOT_FOUND', 'its time is over');
    });
    expect(await waitFor(world, { meddle: forgetting })).toMatchObject({ restored: 4, failed: 0 });
    expect(gone.size).toBe(4);
    expect(world.tree()).toEqual(lost.tree);
  });

  it('waiting: what is gone while all is looked at is looked for once more', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    const state = { reads: 0, isListing: false, isTold: false };
    // One is gone at once, which has all looked at; the other while that is done.
    const forgetting = instead('vault', 'read', async (read, ...given) => {
      const nth = ++state.reads;
      if (nth > 2) return read(...given);
      if (nth === 2) {
        while (!state.isListing) await setImmediate();
        state.isTold = true;
      }
      throw new Failure('JOB_NOT_FOUND', 'its time is over');
    });
    const slow = (vault: Vault): Vault => ({
      ...bound(vault),
      async *retrievals(wanted, signal) {
        for await (const told of vault.retrievals(wanted, signal)) yield told;
        state.isListing = state.reads > 0;
        while (state.isListing && !state.isTold) await setImmediate();
        for (let turn = 0; turn < 20; turn++) await setImmediate();
      },
    });
    expect(await waitFor(world, { vault: slow, meddle: forgetting })).toMatchObject({ restored: 2, waiting: 0 });
    expect(world.tree()).toEqual(lost.tree);
  });

  it('waiting: a list that was made before a file was here changes nothing about it', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    const { state, ...slow } = slowFetch(world);
    const late = (vault: Vault): Vault => ({
      ...bound(vault),
      async *retrievals(wanted, signal) {
        const listed = [];
        for await (const one of vault.retrievals(wanted, signal)) listed.push(one);
        state.isListed = state.isRead;
        while (state.isListed && world.eventsOf('restored').length === 0) await setImmediate();
        yield* listed;
      },
    });
    // The second is asked for an hour later, and looked for while the first is fetched.
    const waiting = { ...slow, vault: late, bytesPerHour: 1 };
    expect(await waitFor(world, waiting)).toMatchObject({ restored: 2, requested: 2 });
    expect(sum(world.eventsOf('ahead').map(({ files }) => files))).toBe(2);
  });

  it('waiting: what is being fetched is under way, whatever a list says of it', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    const { state, ...slow } = slowFetch(world);
    const late = (vault: Vault): Vault => ({
      ...bound(vault),
      async *retrievals(wanted, signal) {
        for await (const { archive, retrieval } of vault.retrievals(wanted, signal)) {
          yield { archive, retrieval: state.isRead ? { state: 'none' } : retrieval };
          state.isListed = state.isRead;
        }
      },
    });
    expect(await waitFor(world, { ...slow, vault: late })).toMatchObject({ restored: 1, requested: 1, again: 0 });
    expect(world.eventsOf('wave').at(-1)).toMatchObject({ state: 'ended', files: 1, here: 1, lost: 0 });
  });

  it('waiting: a file that cannot be written is given up, and the others are brought', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    const inTheWay = instead('vault', 'read', async (read, ...given) => {
      mkdirSync(join(world.root, 'a'), { recursive: true });
      return read(...given);
    });
    expect(await waitFor(world, { meddle: inTheWay })).toMatchObject({ restored: 1, failed: 1, waiting: 0 });
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'a', code: 'FILE_UNWRITABLE' }]);
    expect(world.read('b')).toBe('b');
  });

  it('waiting: what would cost more than was accepted is not asked for again, and that is told', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const costOf: CostOf = (files) => Money.ofMillionths(files * 100);
    const maxCost = Money.ofMillionths(500);
    await expect(waitFor(world, { completions: oversleeping, costOf, maxCost })).rejects.toMatchObject({
      code: 'BRAKE',
    });
    // The fifth retrieval is the last that 500 millionths pay for.
    expect(Object.keys(world.tree()).length).toBe(1);
  });

  it('waiting: trouble that passes ends nothing', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    let calls = 0;
    const seldom: Parameters<typeof instead>[2] = async (real, ...given) => {
      if (++calls % 3 !== 0) throw new Failure('UNREACHABLE', 'no answer');
      return real(...given);
    };
    const asking = instead('vault', 'requestRetrieval', seldom);
    const reading = instead('vault', 'read', seldom);
    const troubled: Meddle = (port, object) => asking(port, reading(port, object));
    expect(await waitFor(world, { meddle: troubled })).toMatchObject({ restored: 4 });
    expect(world.tree()).toEqual(lost.tree);
    expect(world.eventsOf('notice').filter(({ topic }) => topic === 'waiting-despite-trouble').length).toBeGreaterThan(
      0,
    );
  });

  it('waiting: what the vault takes no more of for now is asked for later', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    let refusals = 0;
    const refusing = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        if (refusals++ < 3) throw new Failure('RETRIEVAL_POLICY', 'denied by policy');
        return vault.requestRetrieval(id, terms, signal);
      },
    });
    expect(await waitFor(world, { vault: refusing, width: 1 })).toMatchObject({ restored: 4, requested: 4 });
  });

  it('waiting: retrievals that fail are asked for again, and given up after three', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    const asked: string[] = [];
    const [first] = world.vault.archives();
    const failing = (): Completions => passing(world, () => void failNewest(world, first!.id));
    const tally = await waitFor(world, { completions: failing, vault: counting(asked) });
    expect(tally).toMatchObject({ restored: 1, failed: 1, waiting: 0 });
    expect(asked.filter((id) => id === first!.id).length).toBe(3);
    expect(failedRetrievals(world)).toBe(2);
    expect(world.eventsOf('failed').map(({ message }) => message)).toEqual([
      expect.stringContaining('fail again and again'),
    ]);
  });

  it('waiting: one retrieval that failed is one, however often the vault refuses the next', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    const [a] = world.vault.archives();
    let refusals = 0;
    const asked: string[] = [];
    const refusing = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        if (asked.length === 1 && ++refusals <= 5) throw new Failure('RETRIEVAL_POLICY', 'denied by policy');
        return counting(asked)(vault).requestRetrieval(id, terms, signal);
      },
    });
    const failing = (): Completions => passing(world, () => void (asked.length === 1 && failNewest(world, a!.id)));
    const tally = await waitFor(world, { completions: failing, vault: refusing });
    expect(tally).toMatchObject({ restored: 1, failed: 0, waiting: 0 });
    expect([refusals, asked.length]).toEqual([6, 2]);
    expect(failedRetrievals(world)).toBe(1);
  });

  it('waiting: what was asked for after a failure and is not shown yet is not asked for once more', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    const [a] = world.vault.archives();
    const asked: string[] = [];
    const late = (vault: Vault): Vault => ({
      ...counting(asked)(vault),
      async *retrievals(wanted, signal) {
        for await (const told of vault.retrievals(wanted, signal)) {
          const { archive, retrieval } = told;
          const isHidden = asked.length === 2 && retrieval.state === 'running';
          yield isHidden ? { archive, retrieval: failure } : told;
        }
      },
    });
    let failure: Retrieval = { state: 'none' };
    const failing = (): Completions =>
      passing(world, () => {
        if (asked.length === 1) failure = failNewest(world, a!.id);
      });
    expect(await waitFor(world, { completions: failing, vault: late })).toMatchObject({ restored: 1, failed: 0 });
    expect(asked.length).toBe(2);
  });

  it('waiting: words about jobs are looked into and not believed', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    let lookups = 0;
    const told: JobId[] = [];
    const lying = (): Completions => {
      let calls = 0;
      return {
        async next(until, signal) {
          if (await isFetching(world, signal)) return [];
          // Ten lies at once, about ours and others, before anything is ready.
          if (++calls <= 10) return [...told, ...told, 'nobodys' as JobId];
          world.clock.seconds = Math.max(world.clock.seconds, until);
          return [];
        },
        async [Symbol.asyncDispose]() {},
      };
    };
    const watching = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        const requested = await vault.requestRetrieval(id, terms, signal);
        told.push(requested.jobId);
        return requested;
      },
      async job(id, signal) {
        lookups++;
        return vault.job(id, signal);
      },
    });
    expect(await waitFor(world, { completions: lying, vault: watching })).toMatchObject({ restored: 2, requested: 2 });
    expect(lookups).toBe(20);
  });

  it('waiting: a word that comes early saves the wait', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    const told: JobId[] = [];
    let polled = false;
    const telling = (): Completions => ({
      async next(_, signal) {
        if (await isFetching(world, signal)) return [];
        world.clock.seconds += 5 * 3600;
        polled = told.length === 0;
        return told.splice(0);
      },
      async [Symbol.asyncDispose]() {},
    });
    const watching = (vault: Vault): Vault => ({
      ...bound(vault),
      async requestRetrieval(id, terms, signal) {
        const requested = await vault.requestRetrieval(id, terms, signal);
        told.push(requested.jobId);
        return requested;
      },
    });
    expect(await waitFor(world, { completions: telling, vault: watching })).toMatchObject({ restored: 1 });
    expect(polled).toBe(false);
  });

  it('waiting: files that appear meanwhile are left as they are', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b' });
    const { world } = lost;
    const meddling = (): Completions =>
      passing(world, () => {
        if (!readdirSync(world.root).includes('a')) world.write('a', 'mine');
      });
    const tally = await waitFor(world, { completions: meddling });
    expect(world.read('a')).toBe('mine');
    expect(world.read('b')).toBe('b');
    expect(tally.restored).toBe(1);
  });

  it('waiting: what somebody else asked for is fetched and not asked for', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    for (const { id } of world.vault.archives()) {
      await world.vault.requestRetrieval(id, { tier: 'Bulk', range: null, topic: null }, new AbortController().signal);
    }
    const asked: string[] = [];
    expect(await waitFor(world, { vault: counting(asked) })).toMatchObject({ restored: 4, requested: 0 });
    expect(asked).toEqual([]);
    expect(world.eventsOf('wave')[0]).toMatchObject({ wave: 0, state: 'requested', files: 4 });
  });

  it('waiting: no more is asked for than was accepted, over any number of runs', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const asked: string[] = [];
    expect(await waitFor(world, { maxFiles: 3, vault: counting(asked) })).toMatchObject({ restored: 3, left: 1 });
    expect(asked.length).toBe(3);
    expect(Instant.ofSeconds(world.clock.seconds)).toBeGreaterThan(0);
  });

  it('waiting: what was accepted meanwhile is brought too, at the end at the latest', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    let slept = 0;
    const enlarging = (): Completions => {
      const others = passing(world);
      return {
        ...others,
        async next(until, signal) {
          if (++slept === 1) {
            await acceptPlan(world.journalFile, restoreRequest(world.root, { maxFiles: 2 }).wanted, world.clock.now());
          }
          return others.next(until, signal);
        },
      };
    };
    expect(await waitFor(world, { maxFiles: 1, completions: enlarging })).toMatchObject({ restored: 3, left: 1 });
    expect(await readRestorePlans(world.journalFile)).toEqual([]);
  });

  it('waiting: what is accepted while the last file is fetched is brought too, and is counted', async () => {
    using lost = await lostWorld({ a: 'a', b: 'b', c: 'c', d: 'd' });
    const { world } = lost;
    let reads = 0;
    const enlarging = instead('vault', 'read', async (read, ...given) => {
      const { wanted } = restoreRequest(world.root, { maxFiles: 2 });
      if (++reads === 1) await acceptPlan(world.journalFile, wanted, world.clock.now());
      return read(...given);
    });
    // One in an hour
    const waiting = { maxFiles: 1, meddle: enlarging, bytesPerHour: 1 };
    expect(await waitFor(world, waiting)).toMatchObject({ restored: 3, left: 1 });
    const first = world.events.findIndex(({ event }) => event === 'restored');
    const then = world.events.slice(first).find(({ event }) => event === 'sleeping');
    expect(then).toMatchObject({ underWay: 1, toAskFor: 2 });
  });

  it('waiting: what has to be asked for again takes nothing from the number of files', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    const asked: string[] = [];
    const waiting = { maxFiles: 3, completions: oversleeping, vault: counting(asked) };
    expect(await waitFor(world, waiting)).toMatchObject({ restored: 3, requested: 3, again: 3, left: 1 });
    expect([asked.length, new Set(asked).size]).toEqual([6, 3]);
  });

  it('waiting: the next wave is asked for while the one before is fetched', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`f${i}`, Buffer.alloc(MIB, i)]));
    using lost = await lostWorld(files);
    const { world } = lost;
    // 4.1 MiB in three quarters of a day
    const lineSpeed = Math.ceil((4.1 * MIB) / (DAY * 0.75));
    expect(await waitFor(world, { lineSpeed, files: { small: 1, large: 0 } })).toMatchObject({ restored: 8 });
    const order = world.events.flatMap((event) => {
      if (event.event === 'restored') return 'restored';
      return event.event === 'wave' && event.state === 'requested' ? `wave ${event.wave}` : [];
    });
    expect(order.slice(0, order.indexOf('wave 2')).filter((what) => what === 'restored').length).toBeLessThan(4);
  });

  it('waiting: a plan that another run has brought to its end takes no other with it', async () => {
    using lost = await lostWorld({ a: 'a' });
    const { world } = lost;
    let isEnded = false;
    const ending = (): Completions => ({
      async next(until, signal) {
        if (signal.aborted || (await isFetching(world, signal))) return [];
        world.clock.seconds = Math.max(world.clock.seconds, until);
        if (isEnded) return [];
        isEnded = true;
        const [plan] = await readRestorePlans(world.journalFile);
        await endPlan(world.journalFile, plan!);
        await acceptPlan(world.journalFile, restoreRequest('/elsewhere', { maxFiles: 77 }).wanted, world.clock.now());
        return [];
      },
      async [Symbol.asyncDispose]() {},
    });
    expect(await waitFor(world, { completions: ending })).toMatchObject({ restored: 1 });
    const left = await readRestorePlans(world.journalFile);
    expect(left.map(({ id, terms, allowed, asked }) => [id, terms.directory, allowed.files, asked.files])).toEqual([
      [1, '/elsewhere', 77, 0],
    ]);
  });
});
