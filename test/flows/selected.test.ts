import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLocalHash, emptyCheckTally, planCheck } from '../../src/flows/check.js';
import { emptyPurgeTally, type PurgeTally, planPurge, purge } from '../../src/flows/deleting/purge.js';
import { emptyRestoreTally, planRestore, type RestoreTally, restore } from '../../src/flows/retrieving/restore.js';
import {
  emptyRestoreCompletedTally,
  planRestoreCompleted,
  restoreCompleted,
} from '../../src/flows/retrieving/restore-completed.js';
import { planSync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { parseFilter, selectionOf } from '../../src/plan/filter.js';
import { Faults } from './faults.js';
import { allowedBy, FREE, restoreRequest } from './restoring.js';
import { held, request, syncOnce } from './syncing.js';
import { MIB, World } from './world.js';

const FILES = { 'docs/a.txt': 'a', 'docs/b.gz': 'b', 'photos/c.gz': 'c', 'photos/d.jpg': 'd', 'e.txt': 'e' };

/** Everything is stored; from then on the runs are about what the filter lets through. */
async function storedWorld(filter: string, files: Record<string, string | Uint8Array> = FILES): Promise<World> {
  const world = await World.create(files);
  await syncOnce(world);
  world.events.length = 0;
  world.selection = selectionOf(parseFilter(filter));
  return world;
}

const alive = async (world: World): Promise<string[]> => (await world.recorded()).map(({ path }) => path);
const planned = (world: World): string[] => world.eventsOf('planned').map(({ path }) => String(path));
const removeAll = (world: World, ...paths: string[]): void => {
  for (const path of paths) world.remove(path);
};

/** An upload in parts that a crash has cut short, of a large file of this name. */
async function interruptedWorld(path: string, filter: string): Promise<World> {
  const world = await storedWorld('+', { 'e.txt': 'e' });
  world.write(path, Buffer.alloc(5 * MIB, 'large'));
  const broken = new Faults({ nth: 6, lasting: 'from then on', when: 'before' });
  await expect(syncOnce(world, { width: 1 }, broken.meddle)).rejects.toThrow('made to fail');
  world.selection = selectionOf(parseFilter(filter));
  return world;
}

function purgeOnce(world: World, meddle?: Faults['meddle']): Promise<PurgeTally> {
  return world.run(async (ports, halt) => {
    const tally = emptyPurgeTally();
    await purge(2, ports, tally, halt);
    return tally;
  }, meddle);
}

describe('sync under filters', () => {
  it('stores what they let through, as its dry run says, and nothing else', async () => {
    using world = await World.create(FILES);
    world.selection = selectionOf(parseFilter('-photos/ +*.gz -'));
    await world.run((ports, halt) => planSync(request({}), ports, emptySyncTally(), halt));
    expect(planned(world)).toEqual(['docs/b.gz']);
    expect(await syncOnce(world)).toMatchObject({ stored: 1, survey: { files: 1 } });
    expect(await alive(world)).toEqual(['docs/b.gz']);
  });

  it('deletes only what they let through, as its dry run says', async () => {
    using world = await storedWorld('+*.gz -');
    removeAll(world, 'docs/a.txt', 'docs/b.gz', 'e.txt');
    await world.run((ports, halt) => planSync(request({ deleteRemoved: true }), ports, emptySyncTally(), halt));
    expect(planned(world)).toEqual(['docs/b.gz']);
    const tally = await syncOnce(world, { deleteRemoved: true });
    expect(tally).toMatchObject({ survey: { archives: 2, missing: 1 }, deletions: { deleted: 1 } });
    expect(held(world)).toEqual(['a', 'c', 'd', 'e']);
  });

  it('brakes when all that they let through is gone, whatever else is here', async () => {
    using world = await storedWorld('+*.gz -');
    removeAll(world, 'docs/b.gz', 'photos/c.gz');
    await expect(syncOnce(world, { deleteRemoved: true })).rejects.toMatchObject({ code: 'BRAKE' });
    const meant = await syncOnce(world, { deleteRemoved: true, deleteEverything: true });
    expect(meant).toMatchObject({ deletions: { deleted: 2 } });
    expect(held(world)).toEqual(['a', 'd', 'e']);
  });

  it.each(['-photos/', '+*.gz -'])('with %s postpones no deletion for a bad name that is left out', async (filter) => {
    using world = await storedWorld(filter);
    world.write('photos/bad\tname.jpg', 'refused where it takes part');
    removeAll(world, 'docs/b.gz');
    const tally = await syncOnce(world, { deleteRemoved: true });
    expect(tally).toMatchObject({ survey: { refused: 0 }, deletions: { deleted: 1 } });
    world.selection = EVERYTHING;
    removeAll(world, 'docs/a.txt');
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({ deletions: { deleted: 0 } });
  });

  it('keeps the archives of files that they let through from a disk that is not mounted', async () => {
    using world = await storedWorld('+*.gz -');
    removeAll(world, 'photos');
    mkdirSync(join(world.root, 'photos'));
    utimesSync(join(world.root, 'photos'), 1_600_000_000, 1_600_000_000);
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({ survey: { unknown: 1, missing: 0 } });
    expect(held(world)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each([
    ['docs/', 'stays'],
    ['photos/', 'goes'],
  ])('about %s, an unfinished upload in photos/ %s when its file is gone', async (directory, fate) => {
    using world = await interruptedWorld('photos/large.bin', `+${directory} +e.txt -`);
    removeAll(world, 'photos/large.bin');
    const watched = new Faults();
    await syncOnce(world, {}, watched.meddle);
    expect(watched.log.includes('vault.abandonUpload')).toBe(fate === 'goes');
  });

  it('goes on later with an upload that they left aside', async () => {
    using world = await interruptedWorld('photos/large.bin', '-photos/');
    await syncOnce(world);
    world.selection = EVERYTHING;
    await syncOnce(world);
    expect(world.eventsOf('stored').at(-1)).toMatchObject({ path: 'photos/large.bin' });
    expect(world.eventsOf('stored').at(-1)?.resumed).toBeGreaterThan(0);
  });
});

describe('sync under any filter', () => {
  const name = fc.stringMatching(/^[ab]{1,2}$/);
  const trees = fc
    .uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 7 })
    // A name that is a file is no directory beside it.
    .map((paths) => Object.fromEntries(paths.map((path) => [`${path.join('.d/')}.f`, path.join()])));
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '/', '*', '**', '.d/', '.f', '!', 'aa'), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const rules = fc.array(fc.record({ action: fc.constantFrom('include' as const, 'exclude' as const), pattern }), {
    minLength: 1,
    maxLength: 3,
  });

  it('touches exactly what it lets through, in the directory and in the journal', async () => {
    const property = fc.asyncProperty(trees, rules, fc.nat(), async (files, rules, chance) => {
      using world = await World.create(files);
      const selection = selectionOf(rules);
      const paths = Object.keys(files).sort();
      const selected = paths.filter((path) => selection.includes(path));
      world.selection = selection;
      await syncOnce(world);
      if (selected.length > 0) expect(await alive(world)).toEqual(selected);

      world.selection = EVERYTHING;
      await syncOnce(world);
      const gone = paths.filter((_, index) => (chance >> index) % 2 === 0);
      removeAll(world, ...gone);
      world.selection = selection;
      await syncOnce(world, { deleteRemoved: true, deleteEverything: true });
      expect(await alive(world)).toEqual(paths.filter((path) => !gone.includes(path) || !selection.includes(path)));
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('purge-vault under filters', () => {
  it('deletes every version of what they let through, as its dry run says', async () => {
    using world = await storedWorld('+docs/ -');
    await world.run((ports, halt) => planPurge(ports, emptyPurgeTally(), halt));
    expect(planned(world)).toEqual(['docs/a.txt', 'docs/b.gz']);
    expect(await purgeOnce(world)).toMatchObject({ archives: 2, deleted: 2, failed: 0 });
    expect(world.eventsOf('ahead')).toMatchObject([{ files: 2 }]);
    expect(held(world)).toEqual(['c', 'd', 'e']);
    expect(await alive(world)).toEqual(['e.txt', 'photos/c.gz', 'photos/d.jpg']);
  });

  it.each([
    ['docs/', false],
    ['photos/', true],
  ])('about %s, drops an unfinished upload in photos/: %s', async (directory, drops) => {
    using world = await interruptedWorld('photos/large.bin', `+${directory} -`);
    const watched = new Faults();
    await purgeOnce(world, watched.meddle);
    expect(watched.log.includes('vault.abandonUpload')).toBe(drops);
  });
});

describe('restore, restore-completed and check-local-hash under filters', () => {
  const asked = { maxFiles: 100 };

  function restoreOnce(world: World): Promise<RestoreTally> {
    return world.run(async (ports, halt) => {
      const tally = emptyRestoreTally();
      await restore(restoreRequest(world.root, asked), ports, tally, halt);
      return tally;
    });
  }

  it('ask for and fetch only what they let through, as their dry runs say', async () => {
    using world = await storedWorld('+*.gz -');
    removeAll(world, 'docs', 'photos', 'e.txt');
    await world.run((ports, halt) =>
      planRestore({ allowed: allowedBy(asked), costOf: FREE }, ports, emptyRestoreTally(), halt),
    );
    await world.run((ports, halt) => planRestoreCompleted(ports, emptyRestoreCompletedTally(), halt));
    expect(planned(world)).toEqual(['docs/b.gz', 'photos/c.gz', 'docs/b.gz', 'photos/c.gz']);
    expect(await restoreOnce(world)).toMatchObject({ requested: 2, here: 0, left: 0 });

    world.selection = EVERYTHING;
    await restoreOnce(world);
    world.clock.seconds += 6 * 3600;
    world.selection = selectionOf(parseFilter('+*.gz -'));
    const tally = emptyRestoreCompletedTally();
    await world.run((ports, halt) =>
      restoreCompleted({ segmentSize: MIB, width: 2, files: { small: 2, large: 2 } }, ports, tally, halt),
    );
    expect(tally).toMatchObject({ restored: 2, waiting: 0, notRequested: 0 });
    expect(Object.keys(world.tree())).toEqual(['docs/b.gz', 'photos/c.gz']);
  });

  it('prove only what they let through, as the dry run says', async () => {
    using world = await storedWorld('-*.gz');
    removeAll(world, 'docs/b.gz');
    expect(await world.run((ports) => planCheck(ports))).toBe(3);
    expect(planned(world)).toEqual(['docs/a.txt', 'e.txt', 'photos/d.jpg']);
    const tally = emptyCheckTally();
    await world.run((ports, halt) => checkLocalHash({ width: 2 }, ports, tally, halt));
    expect(tally).toMatchObject({ ok: 3, missing: 0 });
    expect(world.eventsOf('ahead')).toMatchObject([{ files: 3 }]);
  });
});
