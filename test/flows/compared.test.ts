import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planSync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { DETECT_MODES } from '../../src/plan/detect.js';
import { request, syncOnce } from './syncing.js';
import { World } from './world.js';

const CHANGED = { replaceModified: true, detect: 'mtime-and-treehash' } as const;

/** A stored file that was touched since and has its content. */
async function touchedWorld(): Promise<World> {
  const world = await World.create({ a: 'content', b: 'other' });
  await syncOnce(world);
  world.write('a', 'content');
  return world;
}

/** The files that a sync read to compare them. */
async function comparedBy(world: World, asked: Parameters<typeof syncOnce>[1] = CHANGED): Promise<string[]> {
  world.events.length = 0;
  await syncOnce(world, asked);
  return world.eventsOf('compared').map(({ path }) => path);
}

/** As programs do that put a file's time back after a change; the clock of the file system ticks in between. */
function writeKeepingTime(file: string, content: string, { atime, mtime, ctimeMs }: Stats): void {
  do {
    writeFileSync(file, content);
    utimesSync(file, atime, mtime);
  } while (statSync(file).ctimeMs === ctimeMs);
}

const sidecar = (world: World): string => `${world.journalFile}.compared`;

describe('sync: a touched file', () => {
  it('is read once, and again only when it is touched again', async () => {
    using world = await touchedWorld();
    expect(await comparedBy(world)).toEqual(['a']);
    expect(await comparedBy(world)).toEqual([]);
    expect(world.eventsOf('moved')).toEqual([]);
    world.write('a', 'content');
    expect(await comparedBy(world)).toEqual(['a']);
    expect(await comparedBy(world)).toEqual([]);
  });

  it('counts as unchanged when it is not read', async () => {
    using world = await touchedWorld();
    expect(await syncOnce(world, CHANGED)).toMatchObject({ same: 1, survey: { files: 2, unchanged: 1 } });
    expect(await syncOnce(world, CHANGED)).toMatchObject({ same: 0, survey: { files: 2, unchanged: 2 } });
  });

  it('that has changed is seen to have, whatever is remembered', async () => {
    using world = await touchedWorld();
    await comparedBy(world);
    world.write('a', 'CONTENT');
    expect(await syncOnce(world, CHANGED)).toMatchObject({ stored: 1, same: 0 });
  });

  it('that was changed and given its time again is seen to have changed', async () => {
    using world = await touchedWorld();
    expect(await comparedBy(world)).toEqual(['a']);
    writeKeepingTime(join(world.root, 'a'), 'CONTENT', statSync(join(world.root, 'a')));
    expect(await syncOnce(world, CHANGED)).toMatchObject({ stored: 1, same: 0 });
  });

  it('is not taken for another of its name, size and time in another directory of the same journal', async () => {
    using world = await touchedWorld();
    const stored = statSync(join(world.root, 'a'));
    expect(await comparedBy(world)).toEqual(['a']);
    renameSync(world.root, `${world.root}-one`);
    world.write('b', 'other', 1_600_000_002);
    writeKeepingTime(join(world.root, 'a'), 'CONTENT', stored);
    expect(await syncOnce(world, CHANGED)).toMatchObject({ stored: 1, same: 0 });
  });

  it('is not taken for what a later archive holds', async () => {
    using world = await touchedWorld();
    world.write('a', 'content', 1_650_000_000);
    expect(await comparedBy(world)).toEqual(['a']);
    world.write('a', 'CONTENT', 1_660_000_000);
    expect(await syncOnce(world, CHANGED)).toMatchObject({ stored: 1 });
    world.write('a', 'content', 1_650_000_000);
    expect(await syncOnce(world, CHANGED)).toMatchObject({ stored: 1 });
  });

  it.each(DETECT_MODES.filter((mode) => mode.includes('treehash') && mode !== 'mtime-and-treehash'))(
    'is read at every run that asks for it, with --detect %s',
    async (detect) => {
      using world = await touchedWorld();
      await comparedBy(world);
      const reading = await comparedBy(world, { replaceModified: true, detect });
      expect(reading).toEqual(detect === 'treehash' ? ['a', 'b'] : ['b']);
    },
  );

  it('is remembered only when its next change would show in its time', async () => {
    using world = await touchedWorld();
    for (const age of [-10, 0, 1]) {
      world.write('a', 'content', world.clock.seconds - age);
      expect(await comparedBy(world)).toEqual(['a']);
      expect(await comparedBy(world), `${age} seconds old`).toEqual(['a']);
      expect(existsSync(sidecar(world))).toBe(false);
    }
    world.clock.seconds += 11;
    expect(await comparedBy(world)).toEqual(['a']);
    expect(await comparedBy(world)).toEqual([]);
  });

  it('is not announced by a dry run that knows it, which writes nothing', async () => {
    using world = await touchedWorld();
    const plan = async (): Promise<unknown[]> => {
      world.events.length = 0;
      await world.run((ports, halt) => planSync(request(CHANGED), ports, emptySyncTally(), halt));
      return world.eventsOf('planned');
    };
    expect(await plan()).toMatchObject([{ do: 'verify-and-upload', path: 'a' }]);
    expect(existsSync(sidecar(world))).toBe(false);
    await comparedBy(world);
    const before = readFileSync(sidecar(world));
    expect(await plan()).toEqual([]);
    expect(readFileSync(sidecar(world))).toEqual(before);
  });
});

describe('sync: what is remembered of touched files', () => {
  it('is passed over with a notice when it is damaged, and mended by the same run', async () => {
    using world = await touchedWorld();
    await comparedBy(world);
    const whole = readFileSync(sidecar(world));
    for (const damage of ['{"version":"A"}\n', 'rubbish\n', '\0\0\0\n', 'x'.repeat(2_000_000)]) {
      writeFileSync(sidecar(world), damage);
      expect(await comparedBy(world)).toEqual(['a']);
      expect(world.eventsOf('notice')).toMatchObject([{ topic: 'comparisons-lost' }]);
      expect(readFileSync(sidecar(world))).toEqual(whole);
    }
  });

  it('never keeps a run from its work', async () => {
    using world = await touchedWorld();
    mkdirSync(sidecar(world));
    world.write('c', 'new');
    const tally = await syncOnce(world, CHANGED);
    expect(tally).toMatchObject({ stored: 1, same: 1, failed: 0 });
    expect(world.eventsOf('notice').map(({ topic }) => topic)).toContain('comparisons-lost');
  });

  it('is forgotten with the archives that it is about', async () => {
    using world = await touchedWorld();
    await comparedBy(world);
    world.remove('a');
    await syncOnce(world, { deleteRemoved: true });
    await syncOnce(world, CHANGED);
    expect(existsSync(sidecar(world))).toBe(false);
  });
});
