import { appendFileSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { VerifyTally } from '../../src/flows/inventories/verify-tally.js';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import { RelPath } from '../../src/model/rel-path.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import type { InventoryFormat } from '../../src/vault/inventory-port.js';
import { everyFault, Faults } from './faults.js';
import { HOURS, inventoryOf, listed, READY, takeInventory } from './inventories.js';
import { gone, MTIME, record, stored, verify } from './verifying.js';
import { World } from './world.js';

/** Only what counts something. */
function counts(tally: VerifyTally): Record<string, number> {
  const entries = Object.entries(tally).map(([key, value]): [string, number] => {
    return [key, typeof value === 'object' ? (value?.count ?? 0) : value];
  });
  return Object.fromEntries(entries.filter(([key, count]) => count > 0 && key !== 'takenAt'));
}

function found(world: World): string[] {
  return world
    .eventsOf('verified')
    .map(({ result, name }) => `${result} ${name}`)
    .sort();
}

/** One of each kind, and the inventory that knows. */
async function troubledWorld(format: InventoryFormat = 'JSON') {
  const world = await World.create();
  await stored(world, 'same');
  const ids = { missing: await stored(world, 'missing'), old: await stored(world, 'old') };
  await gone(world, 'missing', ids.missing, 'unrecorded');
  await gone(world, 'old', ids.old, 'recorded');
  const orphan = await stored(world, 'orphan', 'unrecorded');
  const since = await stored(world, 'deleted since');
  world.clock.seconds += 25 * HOURS;
  const last = await stored(world, 'last');
  world.clock.seconds += 60;
  const ready = await takeInventory(world, format);
  await gone(world, 'deleted since', since, 'recorded');
  const fresh = await stored(world, 'fresh');
  return { world, ready, ids: { ...ids, orphan, since, last, fresh }, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

describe('verify-remote', () => {
  it('finds nothing where the journal and the vault say the same', async () => {
    using world = await World.create();
    await stored(world, 'a');
    await stored(world, 'b/c');
    world.clock.seconds += 1;
    const ready = await takeInventory(world);
    const before = readFileSync(world.journalFile);
    expect(counts(await verify(world, ready))).toEqual({ same: 2 });
    expect(world.events).toEqual([]);
    expect(readFileSync(world.journalFile)).toEqual(before);
  });

  it.each(['JSON', 'CSV'] as const)('tells missing, orphaned and too new apart, from %s', async (format) => {
    using troubled = await troubledWorld(format);
    const { world, ready } = troubled;
    const tally = await verify(world, ready);
    expect(counts(tally)).toEqual({ same: 2, missing: 1, orphaned: 1, newer: 1, goneSince: 1 });
    expect(found(world)).toEqual(['missing missing', 'orphaned orphan', 'too-new fresh']);
    // A CSV inventory does not say when it was taken, but not before the newest that it lists.
    const taken = 1_700_000_000 + 25 * HOURS + (format === 'JSON' ? 60 : 0);
    expect(tally.takenAt).toBe(taken);
  });

  it('what was stored less than a day before the inventory may not be listed yet, and is not missing', async () => {
    using world = await World.create();
    await stored(world, 'older');
    const id = await stored(world, 'a');
    await gone(world, 'a', id, 'unrecorded');
    world.clock.seconds += 24 * HOURS;
    const forget = { forget: true };
    expect(counts(await verify(world, await takeInventory(world), forget))).toEqual({ same: 1, newer: 1 });
    world.clock.seconds += 1;
    expect(counts(await verify(world, await takeInventory(world), forget))).toEqual({ same: 1, forgotten: 1 });
  });

  it('what was deleted shortly before the inventory may still be listed, what long before is an orphan', async () => {
    using world = await World.create();
    const id = await stored(world, 'a');
    const ready = await takeInventory(world);
    const items = (seconds: number) => {
      const at = Instant.plusSeconds(world.clock.now(), seconds);
      const entry = listed(id, { description: encodeDescription({ filename: 'a', mtime: MTIME }) });
      return inventoryOf([{ item: 'taken', at }, entry]);
    };
    await gone(world, 'a', id, 'recorded');
    expect(counts(await verify(world, ready, { vault: items(23 * HOURS) }))).toEqual({ goneSince: 1 });
    expect(counts(await verify(world, ready, { vault: items(25 * HOURS) }))).toEqual({ orphaned: 1 });
  });

  it('says in what an archive differs', async () => {
    using world = await World.create();
    const id = await stored(world, 'a');
    const [known] = await world.recorded();
    const differs = async (more: Parameters<typeof listed>[1]) => {
      const tally = await verify(world, READY, { vault: inventoryOf([listed(id, { ...known, ...more })]) });
      const told = world.eventsOf('verified').map((event) => (event.result === 'differing' ? event.differs : []));
      expect(tally.same.count + tally.differing.count).toBe(1);
      return told.flat();
    };
    expect(await differs({})).toEqual([]);
    expect(await differs({ description: 'says no name' })).toEqual([]);
    expect(await differs({ size: 1 })).toEqual(['size']);
    expect(await differs({ description: encodeDescription({ filename: 'b', mtime: MTIME }) })).toEqual(['name']);
    // The journal can only have it under another name.
    expect(await differs({ description: encodeDescription({ filename: '../a', mtime: MTIME }) })).toEqual([]);
    expect(await differs({ treeHash: TreeHash.parse('cd'.repeat(32)), size: 2 })).toEqual(['size', 'tree-hash']);
  });

  it('an archive that goes by its id in the journal contradicts no name', async () => {
    using world = await World.create();
    const id = await stored(world, 'a', 'unrecorded');
    await record(world, id, id);
    world.clock.seconds += 25 * HOURS;
    expect(counts(await verify(world, await takeInventory(world)))).toEqual({ same: 1 });
  });

  it('only what is selected is looked at', async () => {
    using troubled = await troubledWorld();
    const { world, ready } = troubled;
    const selection = { ...EVERYTHING, includes: (path: string) => path.startsWith('m') };
    expect(counts(await verify(world, ready, { selection }))).toEqual({ missing: 1 });
    const orphans = { ...EVERYTHING, includes: (path: string) => path.startsWith('o') };
    expect(counts(await verify(world, ready, { selection: orphans }))).toEqual({ orphaned: 1 });
  });

  it('adopts and forgets by added lines, after which all is well', async () => {
    using troubled = await troubledWorld();
    const { world, ready, ids } = troubled;
    const before = readFileSync(world.journalFile, 'utf8');
    const tally = await verify(world, ready, { adopt: true, forget: true });
    expect(counts(tally)).toEqual({ same: 2, adopted: 1, forgotten: 1, newer: 1, goneSince: 1 });
    const after = readFileSync(world.journalFile, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    const orphan = world.vault.archives().find(({ id }) => id === ids.orphan);
    expect(after.slice(before.length).split('\n')).toEqual([
      `B\t${orphan?.createdAt}\tCREATED\t${ids.orphan}\t17\t1600000000\t${orphan?.treeHash}\torphan`,
      `B\t${world.clock.now()}\tDELETED\t${ids.missing}\tmissing`,
      '',
    ]);
    expect(world.eventsOf('adopted')).toMatchObject([{ path: 'orphan', archiveId: ids.orphan, size: 17 }]);
    expect(world.eventsOf('forgotten')).toMatchObject([{ path: 'missing', archiveId: ids.missing }]);
    expect(counts(await verify(world, ready))).toEqual({ same: 3, newer: 1, goneSince: 1 });
  });

  it('a dry run says what it would repair and repairs nothing', async () => {
    using troubled = await troubledWorld();
    const { world, ready, ids } = troubled;
    const before = readFileSync(world.journalFile);
    expect(counts(await verify(world, ready, { adopt: true, forget: true, dryRun: true }))).toMatchObject({
      adopted: 1,
      forgotten: 1,
    });
    expect(world.eventsOf('planned')).toEqual([
      { event: 'planned', do: 'adopt', path: 'orphan', archiveId: ids.orphan },
      { event: 'planned', do: 'forget', path: 'missing', archiveId: ids.missing },
    ]);
    expect(readFileSync(world.journalFile)).toEqual(before);
  });

  it('adopts under the rules of download-inventory, each archive once', async () => {
    using world = await World.create();
    await stored(world, 'a');
    const unsafe = { description: encodeDescription({ filename: '../../etc/passwd', mtime: MTIME }) };
    const items = [
      listed('x', unsafe),
      listed('y', { description: 'backup.tar' }),
      listed('y', { description: 'backup.tar' }),
      { item: 'unreadable', text: '{}', why: 'no id' } as const,
    ];
    const vault = inventoryOf(items);
    const asked = { vault, adopt: true, rules: { dialects: ['plain'], encoding: UTF_8 } } as const;
    expect(counts(await verify(world, READY, asked))).toEqual({ adopted: 1, setAside: 1, unreadable: 1, newer: 1 });
    const aside = world.eventsOf('set-aside').map(({ archiveId, name }) => `${archiveId} ${name}`);
    expect(aside.toSorted()).toEqual(['null {}', 'x ../../etc/passwd']);
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['a', 'backup.tar']);
  });

  it('does not forget all, nor on the word of an inventory that is empty or cannot be read whole', async () => {
    using world = await World.create();
    await stored(world, 'a');
    const id = await stored(world, 'b');
    const before = readFileSync(world.journalFile);
    const taken = { item: 'taken', at: Instant.plusSeconds(world.clock.now(), 25 * HOURS) } as const;
    const unreadable = { item: 'unreadable', text: '', why: 'no id' } as const;
    for (const items of [[], [listed('of-another-vault')], [listed(id), unreadable]]) {
      const vault = inventoryOf([taken, ...items]);
      await expect(verify(world, READY, { vault, forget: true })).rejects.toMatchObject({ code: 'BRAKE' });
      expect(world.eventsOf('verified').some(({ result }) => result === 'missing')).toBe(true);
    }
    expect(readFileSync(world.journalFile)).toEqual(before);
  });

  it('an empty inventory that does not say when it was taken proves nothing', async () => {
    using world = await World.create();
    await stored(world, 'a');
    expect(counts(await verify(world, READY, { vault: inventoryOf([]) }))).toEqual({ newer: 1 });
  });

  it('adopts nothing from an inventory that lists none of what the journal has long held', async () => {
    using world = await World.create();
    await stored(world, 'a');
    const before = readFileSync(world.journalFile);
    const taken = { item: 'taken', at: Instant.plusSeconds(world.clock.now(), 25 * HOURS) } as const;
    const vault = inventoryOf([taken, listed('of-another-vault')]);
    for (const asked of [{ adopt: true }, { adopt: true, dryRun: true }, { adopt: true, forget: true }]) {
      await expect(verify(world, READY, { vault, ...asked })).rejects.toMatchObject({ code: 'BRAKE' });
      expect(found(world)).toEqual(['missing a', 'orphaned of-another-vault']);
    }
    expect(readFileSync(world.journalFile)).toEqual(before);
    expect(counts(await verify(world, READY, { vault }))).toEqual({ missing: 1, orphaned: 1 });

    const soon = { item: 'taken', at: world.clock.now() } as const;
    const young = { vault: inventoryOf([soon, listed('of-this-vault')]), adopt: true };
    expect(counts(await verify(world, READY, young))).toEqual({ newer: 1, adopted: 1 });
  });

  it('says when what it adopts counts as the latest version of a file that the journal had', async () => {
    using world = await World.create();
    const ids = { 'old/a': await stored(world, 'old/a'), 'new/a': await stored(world, 'new/a') };
    const items = (['old/a', 'new/a'] as const).flatMap((path) => {
      const mtime = Instant.plusSeconds(MTIME, path === 'new/a' ? 1 : -1);
      const as = (filename: string) => ({ description: encodeDescription({ filename, mtime }) });
      return [listed(ids[path]), listed(`other-${path}`, as(path)), listed(`only-${path}`, as('only in the vault'))];
    });
    for (const dryRun of [true, false]) {
      expect(counts(await verify(world, READY, { vault: inventoryOf(items), adopt: true, dryRun }))).toMatchObject({
        adopted: 4,
      });
      const [notice, ...others] = world.eventsOf('notice');
      expect(notice).toMatchObject({ topic: 'adopted-as-latest', message: expect.stringMatching(/had: "new\/a"$/) });
      expect(others).toEqual([]);
    }
  });

  it('each upload that ended without an answer is settled by an archive of its own', async () => {
    using world = await World.create();
    await stored(world, 'a');
    const file = { path: RelPath.parse('b'), size: 'content of b'.length, mtime: MTIME };
    for (const _ of [1, 2]) {
      await world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
      await stored(world, 'b', 'unrecorded');
    }
    await verify(world, await takeInventory(world), { adopt: true });
    expect(world.eventsOf('notice').map(({ message }) => message)).toContain(
      'of the uploads that had ended without an answer, 2 left an archive and 0 left none',
    );
  });

  it('adopting settles what became of uploads that ended without an answer', async () => {
    using world = await World.create();
    await stored(world, 'a');
    for (const path of ['left one', 'left none']) {
      const file = { path: RelPath.parse(path), size: `content of ${path}`.length, mtime: MTIME };
      await world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
    }
    const id = await stored(world, 'left one', 'unrecorded');
    const possible = () => world.run(async ({ intents }) => intents.possibleOrphans.map(({ file }) => file.path));
    expect(await possible()).toEqual(['left one', 'left none']);
    world.clock.seconds += 25 * HOURS;
    const ready = await takeInventory(world);
    await verify(world, ready, { adopt: true, dryRun: true });
    expect(await possible()).toEqual(['left one', 'left none']);
    await verify(world, ready, { adopt: true });
    expect(world.eventsOf('notice')).toMatchObject([
      { topic: 'possible-orphans-settled', message: /1 left an archive and 1 left none/ },
    ]);
    expect(await possible()).toEqual([]);
    expect((await world.recorded()).map((archive) => archive.id)).toContain(id);
  });

  it('settles uploads of selected names only', async () => {
    using world = await World.create();
    await stored(world, 'a');
    for (const path of ['here', 'there']) {
      const file = { path: RelPath.parse(path), size: 1, mtime: MTIME };
      await world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
    }
    world.clock.seconds += 25 * HOURS;
    const selection = { ...EVERYTHING, includes: (path: string) => path === 'here' };
    await verify(world, await takeInventory(world), { adopt: true, selection });
    const left = await world.run(async ({ intents }) => intents.possibleOrphans.map(({ file }) => file.path));
    expect(left).toEqual(['there']);
  });

  it('an inventory of before settles no upload', async () => {
    using world = await World.create();
    await stored(world, 'a');
    const ready = await takeInventory(world);
    const file = { path: RelPath.parse('b'), size: 1, mtime: MTIME };
    await world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
    await verify(world, ready, { adopt: true });
    expect(await world.run(async ({ intents }) => intents.possibleOrphans.length)).toBe(1);
  });

  it('hashes that an old journal has in capitals are the same hashes', async () => {
    using world = await World.create();
    const id = await stored(world, 'a', 'unrecorded');
    const [archive] = world.vault.archives();
    const line = `B\t1600000000\tCREATED\t${id}\t12\t1\t${archive?.treeHash.toUpperCase()}\ta\n`;
    appendFileSync(world.journalFile, line);
    expect(counts(await verify(world, await takeInventory(world)))).toEqual({ same: 1 });
  });

  it('whatever effect of a repair fails, a second run completes it, and no line is written twice', async () => {
    const repair = { adopt: true, forget: true };
    const lostWorld = async () => {
      const troubled = await troubledWorld();
      const file = { path: RelPath.parse('orphan'), size: 'content of orphan'.length, mtime: MTIME };
      await troubled.world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
      return troubled;
    };
    using pristine = await lostWorld();
    const undisturbed = new Faults();
    await verify(pristine.world, pristine.ready, repair, undisturbed.meddle);
    expect(undisturbed.log.toSorted()).toEqual(['intents.dismiss', 'journal.append', 'journal.append']);

    for (const fault of everyFault(undisturbed.log.length)) {
      using troubled = await lostWorld();
      const { world, ready, ids } = troubled;
      const what = JSON.stringify(fault);
      const failing = verify(world, ready, repair, new Faults(fault).meddle);
      await expect(failing, what).rejects.toThrow('was made to fail');
      await verify(world, ready, repair);
      expect(counts(await verify(world, ready)), what).toEqual({ same: 3, newer: 1, goneSince: 1 });
      const lines = world.journalLines();
      expect(
        lines.filter((line) => line.includes(ids.orphan)),
        what,
      ).toHaveLength(1);
      expect(
        lines.filter((line) => line.includes(ids.missing)),
        what,
      ).toHaveLength(2);
      await world.run(async ({ intents }) => expect(intents.left, what).toEqual([]));
    }
  });
});
