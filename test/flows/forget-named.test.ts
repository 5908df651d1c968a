import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptyForgetNamedTally, forgetNamed, planForgetNamed } from '../../src/flows/deleting/forget-named.js';
import { namedArchives } from '../../src/flows/named-archives.js';
import { everyFault, Faults, instead } from './faults.js';
import { keep, keepBeside, versionsOf } from './keeping.js';
import { type Meddle, MIB, World } from './world.js';

interface Asked {
  readonly names?: readonly string[];
  readonly ids?: readonly string[];
  readonly allVersions?: boolean;
}

const WHOLE_DIRECTORY = 'purge it';

async function rm(world: World, { names = [], ids = [], allVersions = false }: Asked, meddle?: Meddle) {
  return world.run(async (ports, halt) => {
    const unknown = { failed: 0 };
    const tally = emptyForgetNamedTally();
    const naming = { names, ids, allVersions, wholeDirectory: WHOLE_DIRECTORY };
    const archives = await namedArchives(naming, ports.journal.live, unknown, ports.report);
    await forgetNamed(archives, 2, ports, tally, halt);
    return { ...tally, unknown: unknown.failed };
  }, meddle);
}

async function keptWorld(): Promise<World> {
  const world = await World.create({ 'a.txt': 'a', 'b.txt': 'b', 'sub/c.txt': 'c', 'sub/d.txt': 'd' });
  await keep(world);
  return world;
}

const paths = async (world: World) => (await world.recorded()).map(({ path }) => path);
const heldIds = (world: World) => world.vault.archives().map(({ id }) => id);

describe('rm', () => {
  it('rm: what is named is deleted from the vault and in the journal, and nothing else; files stay', async () => {
    using world = await keptWorld();
    const files = world.tree();
    const tally = await rm(world, { names: ['b.txt', 'sub/c.txt'] });
    expect(tally).toEqual({ deleted: 2, deletedBytes: 2, failed: 0, unknown: 0 });
    expect(await paths(world)).toEqual(['a.txt', 'sub/d.txt']);
    expect(heldIds(world).toSorted()).toEqual((await world.recorded()).map(({ id }) => id).toSorted());
    expect(world.tree()).toEqual(files);
    expect(world.eventsOf('deleted').map(({ why }) => why)).toEqual(['named', 'named']);
  });

  it('rm: by id, and an archive that is named twice is deleted once', async () => {
    using world = await keptWorld();
    const [a] = await versionsOf(world, 'a.txt');
    const tally = await rm(world, { names: ['a.txt', 'a.txt'], ids: [a!.id, a!.id] });
    expect(tally).toMatchObject({ deleted: 1, failed: 0, unknown: 0 });
    expect(await paths(world)).toEqual(['b.txt', 'sub/c.txt', 'sub/d.txt']);
  });

  it('rm: a name means its latest version; that an older one remains is said', async () => {
    using world = await keptWorld();
    await keepBeside(world, 'a.txt', 'a, later');
    const [old] = await versionsOf(world, 'a.txt');
    await rm(world, { names: ['a.txt'] });
    expect(await versionsOf(world, 'a.txt')).toEqual([old]);
    const notices = world.eventsOf('notice').filter(({ topic }) => topic === 'older-version-remains');
    expect(notices).toMatchObject([{ message: expect.stringContaining('an older version of "a.txt" remains') }]);
  });

  it('rm: all versions leave nothing, and nothing to say', async () => {
    using world = await keptWorld();
    await keepBeside(world, 'a.txt', 'a, later');
    expect(await rm(world, { names: ['a.txt'], allVersions: true })).toMatchObject({ deleted: 2 });
    expect(await versionsOf(world, 'a.txt')).toEqual([]);
    expect(world.eventsOf('notice')).toEqual([]);
  });

  it('rm: an older version goes by its id, and the latest stays', async () => {
    using world = await keptWorld();
    await keepBeside(world, 'a.txt', 'a, later');
    const [old, latest] = await versionsOf(world, 'a.txt');
    await rm(world, { ids: [old!.id] });
    expect(await versionsOf(world, 'a.txt')).toEqual([latest]);
    expect(world.eventsOf('notice')).toEqual([]);
  });

  it('rm: what the journal does not have is named, with what to do, and the others are done', async () => {
    using world = await keptWorld();
    const tally = await rm(world, { names: ['none', '/a.txt', 'a.txt'], ids: ['stranger', 'two words'] });
    expect(tally).toMatchObject({ deleted: 1, unknown: 4 });
    const failed = world.eventsOf('failed');
    expect(failed.map(({ name }) => name)).toEqual(['none', '/a.txt', 'stranger', 'two words']);
    expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['NOT_IN_JOURNAL']));
    expect(failed[2]?.hint).toContain('verify-remote --adopt');
  });

  it.each(['sub', 'sub/', 'sub//'])('rm: a directory, %s, is refused with a hint', async (name) => {
    using world = await keptWorld();
    expect(await rm(world, { names: [name] })).toMatchObject({ deleted: 0, unknown: 1 });
    const message = expect.stringContaining('is a directory in the journal');
    expect(world.eventsOf('failed')).toMatchObject([{ name, message, hint: WHOLE_DIRECTORY }]);
    expect(heldIds(world)).toHaveLength(4);
  });

  it('rm: a dry run says the same and does nothing', async () => {
    using world = await keptWorld();
    await keepBeside(world, 'a.txt', 'a, later');
    const [, latest] = await versionsOf(world, 'a.txt');
    const tally = emptyForgetNamedTally();
    const faults = new Faults();
    await world.run(async (ports) => planForgetNamed([latest!], ports, tally), faults.meddle);
    expect(faults.log).toEqual([]);
    expect(tally).toMatchObject({ deleted: 1, deletedBytes: 8 });
    expect(world.eventsOf('planned')).toMatchObject([{ do: 'delete', path: 'a.txt', archiveId: latest!.id }]);
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'older-version-remains' }]);
    expect(heldIds(world)).toHaveLength(5);
  });

  it('rm: an archive that the vault no longer has is deleted in the journal', async () => {
    using world = await keptWorld();
    const [a] = await versionsOf(world, 'a.txt');
    await world.vault.deleteArchive(a!.id, new AbortController().signal);
    expect(await rm(world, { names: ['a.txt'] })).toMatchObject({ deleted: 1 });
    expect(await paths(world)).toEqual(['b.txt', 'sub/c.txt', 'sub/d.txt']);
  });

  it('rm: a deletion that was announced before is brought to its end, others are left as they are', async () => {
    using world = await keptWorld();
    const lost = instead('journal', 'append', () => Promise.reject(new Error('the power went')));
    await expect(rm(world, { names: ['a.txt'] }, lost)).rejects.toThrow('the power went');
    await expect(rm(world, { names: ['b.txt'] }, lost)).rejects.toThrow('the power went');
    const faults = new Faults();
    await rm(world, { names: ['a.txt'] }, faults.meddle);
    expect(faults.log).toEqual(['vault.deleteArchive', 'journal.append']);
    await world.run(async ({ intents }) => {
      expect(intents.left.map(({ file }) => file.path)).toEqual(['b.txt']);
    });
    await rm(world, { names: ['b.txt'] });
    expect(existsSync(`${world.journalFile}.pending`)).toBe(false);
  });

  it('rm: an unfinished upload that is to replace what is deleted can still be gone on with', async () => {
    using world = await keptWorld();
    const [a] = await versionsOf(world, 'a.txt');
    const file = { path: a!.path, size: 2 * MIB, mtime: a!.createdAt };
    await world.run(async ({ intents, vault, clock }, halt) => {
      const begun = await intents.begin(clock.now(), file, a!.id, { step: 'parts', partSize: MIB, uploadId: null });
      const uploadId = await vault.beginUpload(MIB, '', halt.now);
      await intents.advance(begun, { step: 'parts', partSize: MIB, uploadId });
    });
    expect(await rm(world, { names: ['a.txt'] })).toMatchObject({ deleted: 1 });
    const left = await world.run(async ({ intents }) => intents.left);
    expect(left).toMatchObject([{ file, progress: { step: 'parts', uploadId: world.vault.openUploads()[0] } }]);
  });

  it('rm: whatever effect fails, the journal never says less is held than is held, and a second run completes it', async () => {
    using pristine = await keptWorld();
    const undisturbed = new Faults();
    const asked = { names: ['a.txt', 'sub/c.txt'] };
    await rm(pristine, asked, undisturbed.meddle);
    expect(undisturbed.log.length).toBeGreaterThan(5);

    for (const fault of everyFault(undisturbed.log.length)) {
      using world = await keptWorld();
      const faults = new Faults(fault);
      await expect(rm(world, asked, faults.meddle)).rejects.toThrow('was made to fail');
      const recorded = new Set((await world.recorded()).map(({ id }) => id));
      for (const id of heldIds(world)) expect(recorded, JSON.stringify(fault)).toContain(id);

      await rm(world, asked);
      expect(await paths(world), JSON.stringify(fault)).toEqual(['b.txt', 'sub/d.txt']);
      expect(heldIds(world)).toHaveLength(2);
      await world.run(async ({ intents }) => expect(intents.left).toEqual([]));
    }
  });
});
