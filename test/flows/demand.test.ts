import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countDemand, type DemandLimits, demandOf, emptyDemand } from '../../src/flows/retrieving/demand.js';
import { emptyRestoreTally, planRestore } from '../../src/flows/retrieving/restore.js';
import { sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { type ArchiveId, JobId } from '../../src/model/identifiers.js';
import { Money } from '../../src/model/money.js';
import { MIB, World } from './world.js';

const NO_LIMITS: DemandLimits = { files: null, bytes: null };
const never = new AbortController().signal;
const onward = { soon: never, now: never };

const FILES = { 'a.txt': 'a', 'b/c.txt': 'bc', 'd.txt': 'ddd', 'large.bin': Buffer.alloc(3 * MIB, 'large') };

/** A directory that was stored and then lost. */
async function lostWorld(): Promise<World> {
  const world = await World.create(FILES);
  const wanted = { new: true, replaceModified: false, deleteRemoved: false, detect: 'mtime' } as const;
  const files = { small: 2, large: 2 };
  const request = { wanted, partSize: MIB, width: 2, files, maxFiles: null, deleteEverything: false, foresee: false };
  await world.run((ports, halt) => sync(request, ports, emptySyncTally(), halt));
  for (const path of readdirSync(world.root)) world.remove(path);
  world.events.length = 0;
  return world;
}

function count(world: World, limits = NO_LIMITS) {
  return world.run(async (ports, halt) => {
    const counted = emptyDemand();
    await countDemand(limits, ports, counted, halt);
    return counted;
  });
}

describe('demand', () => {
  it('demand: is what is missing, counted, and nothing is asked or written', async () => {
    using world = await lostWorld();
    world.write('d.txt', 'here again');
    const lines = world.journalLines();
    expect(await count(world)).toEqual({
      demand: { archives: 3, bytes: 3 * MIB + 3, large: 0, largest: 3 * MIB },
      here: 1,
      failed: 0,
      underWay: 0,
      limit: null,
    });
    expect(world.journalLines()).toEqual(lines);
    expect(world.events).toEqual([]);
  });

  it('demand: what was asked for in the last 24 hours is not in it, and is again afterwards', async () => {
    using world = await lostWorld();
    const asked: ArchiveId[] = [];
    await world.run(async ({ journal, clock }) => {
      for await (const { id: archiveId } of journal.live.latest()) {
        if (asked.length < 2) asked.push(archiveId);
      }
      for (const archiveId of asked) {
        await journal.append({ type: 'retrieve-job', at: clock.now(), archiveId, jobId: JobId.parse('j') });
      }
    });
    expect(await count(world)).toMatchObject({ demand: { archives: 2, bytes: 3 * MIB + 3 }, underWay: 2 });
    world.clock.seconds += 24 * 3600;
    expect(await count(world)).toMatchObject({ demand: { archives: 4 }, underWay: 0 });
  });

  it('demand: what is in the way is told, and is not in it', async () => {
    using world = await lostWorld();
    mkdirSync(join(world.root, 'a.txt'));
    expect(await count(world)).toMatchObject({ demand: { archives: 3 }, failed: 1 });
    expect(world.eventsOf('failed').map(({ code }) => code)).toEqual(['FILE_UNWRITABLE']);
  });

  it('demand: limits leave out what is more, and say so', async () => {
    using world = await lostWorld();
    expect(await count(world, { files: 2, bytes: null })).toMatchObject({ demand: { archives: 2 }, limit: 'files' });
    expect(await count(world, { files: 4, bytes: null })).toMatchObject({ demand: { archives: 4 }, limit: null });
    expect(await count(world, { files: null, bytes: 3 * MIB })).toMatchObject({
      demand: { archives: 3, bytes: 6, largest: 3 },
      limit: 'bytes',
    });
  });

  it.each<DemandLimits>([{ files: 3, bytes: null }, { files: null, bytes: 5 }, NO_LIMITS])(
    'demand: is what a restore with the same limits would ask for: %j',
    async (limits) => {
      using world = await lostWorld();
      const { demand } = await count(world, limits);
      const tally = emptyRestoreTally();
      const plan = { allowed: { ...limits, cost: Money.MOST }, costOf: () => Money.NOTHING };
      await world.run((ports, halt) => planRestore(plan, ports, tally, halt));
      expect(demand).toMatchObject({ archives: tally.requested, bytes: tally.requestedBytes });
    },
  );

  it('demand: no archive that is too large keeps those after it from coming', async () => {
    const sizes = [5, 100, 3, 2, 1].map((size) => ({ size }));
    const { demand, limit } = await demandOf(sizes, { files: null, bytes: 10 }, onward);
    expect([demand.bytes, demand.archives, limit]).toEqual([10, 3, 'bytes']);
  });

  const optional = (max: number) => fc.option(fc.nat(max));

  it('demand: never more than its limits, and all when nothing was left out', async () => {
    const given = fc.record({ sizes: fc.array(fc.nat(1000)), files: optional(20), bytes: optional(5000) });
    await fc.assert(
      fc.asyncProperty(given, async ({ sizes, files, bytes }) => {
        const archives = sizes.map((size) => ({ size }));
        const { demand, limit } = await demandOf(archives, { files, bytes }, onward);
        expect(demand.archives).toBeLessThanOrEqual(files ?? sizes.length);
        expect(demand.bytes).toBeLessThanOrEqual(bytes ?? Number.POSITIVE_INFINITY);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(limit === null).toBe(demand.archives === sizes.length && demand.bytes === total);
      }),
    );
  });

  it('demand: Ctrl-C ends the counting', async () => {
    const interrupted = new AbortController();
    let seen = 0;
    function* endless() {
      for (;;) {
        if (++seen === 1000) interrupted.abort();
        yield { size: 1 };
      }
    }
    const halt = { soon: interrupted.signal, now: never };
    await expect(demandOf(endless(), NO_LIMITS, halt)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(seen).toBe(1000);
  });
});
