import { appendFileSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planSync, sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { Failure } from '../../src/model/failure.js';
import type { Found } from '../../src/model/found.js';
import { RelPath } from '../../src/model/rel-path.js';
import { parseFilter, selectionOf } from '../../src/plan/filter.js';
import { hashed } from '../vault/bytes.js';
import { Faults, instead } from './faults.js';
import { storeAs } from './inventories.js';
import { keep, keepBeside } from './keeping.js';
import { held, request, syncOnce } from './syncing.js';
import { MIB, World } from './world.js';

describe('sync', () => {
  it('stores what is new, whole or in parts, and a second run does nothing', async () => {
    const large = Buffer.alloc(2 * MIB + 1, 'large');
    using world = await World.create({ 'a.txt': 'a', 'b/c.txt': 'c', 'large.bin': large, empty: '' });
    expect(await syncOnce(world)).toMatchObject({ stored: 3, storedBytes: 2 + large.length, survey: { leftOut: 1 } });
    expect(held(world)).toEqual(['a', 'c', large.toString()].sort());
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['a.txt', 'b/c.txt', 'large.bin']);

    const idle = new Faults();
    expect(await syncOnce(world, {}, idle.meddle)).toMatchObject({ stored: 0, survey: { files: 3, notWanted: 3 } });
    expect(idle.log).toEqual([]);
  });

  it('leaves changed files alone without replace-modified, and new ones without new', async () => {
    using world = await World.create({ 'a.txt': 'a' });
    await syncOnce(world);
    world.write('a.txt', 'changed');
    world.write('b.txt', 'b');
    expect(await syncOnce(world, { new: false })).toMatchObject({ stored: 0, survey: { files: 2, notWanted: 2 } });
    expect(await syncOnce(world, { new: false, replaceModified: true })).toMatchObject({ stored: 1, replaced: 1 });
    expect(held(world)).toEqual(['changed']);
  });

  it('deletes an old version only after its successor is recorded', async () => {
    using world = await World.create({ 'a.txt': 'old' });
    await syncOnce(world);
    world.write('a.txt', 'new');
    await syncOnce(world, { replaceModified: true });
    expect(world.journalLines().map((line) => line.split('\t')[2])).toEqual(['CREATED', 'CREATED', 'DELETED']);
    expect(held(world)).toEqual(['new']);
  });

  it('counts only files that were sent against the limit, and goes on next time', async () => {
    using world = await World.create(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`f${i}`, `${i}`])));
    expect(await syncOnce(world, { maxFiles: 3 })).toMatchObject({ stored: 3, limitReached: true });
    expect(await syncOnce(world, { maxFiles: 3, replaceModified: true })).toMatchObject({
      stored: 3,
      limitReached: true,
    });
    expect(await syncOnce(world, { maxFiles: 3, replaceModified: true })).toMatchObject({
      stored: 1,
      limitReached: false,
    });
    expect(await syncOnce(world, { maxFiles: 3 })).toMatchObject({ stored: 0, limitReached: false });
  });

  it('neither unmodified files nor filtered ones use up the limit', async () => {
    using world = await World.create({ 'a.tmp': 'a', 'b.txt': 'b', 'c.txt': 'c', 'd.txt': 'd' });
    world.selection = selectionOf(parseFilter('-*.tmp'));
    const asked = { replaceModified: true, maxFiles: 1 };
    for (const limitReached of [true, true, false, false]) {
      const stored = world.eventsOf('stored').length < 3 ? 1 : 0;
      expect(await syncOnce(world, asked)).toMatchObject({ stored, limitReached });
    }
    expect(held(world)).toEqual(['b', 'c', 'd']);
  });

  it('touched files that are the same do not use up the limit', async () => {
    using world = await World.create({ a: '1', b: '2', c: '3' });
    await syncOnce(world);
    for (const [path, content] of [
      ['a', '1'],
      ['b', '2'],
      ['c', 'changed'],
    ] as const)
      world.write(path, content);
    expect(await syncOnce(world, { replaceModified: true, maxFiles: 1 })).toMatchObject({ stored: 1, same: 2 });
  });

  it('deletes what is gone, and a moved file only once it is stored under its new name', async () => {
    using world = await World.create({ 'kept.txt': 'kept', 'gone.txt': 'gone', 'moved.txt': 'moved' });
    await syncOnce(world);
    world.remove('gone.txt');
    renameSync(join(world.root, 'moved.txt'), join(world.root, 'new-name.txt'));
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({ stored: 1, deletions: { deleted: 2 } });
    expect(held(world)).toEqual(['kept', 'moved']);
  });

  it('deletes the latest version of what is gone, and an older one only when it has become the latest', async () => {
    using world = await World.create({ kept: 'kept', f: 'older' });
    await keep(world);
    await keepBeside(world, 'f', 'newer');
    world.remove('f');
    for (const left of [['kept', 'older'], ['kept']]) {
      expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({ deletions: { deleted: 1 } });
      expect(held(world)).toEqual(left);
    }
  });

  it('replaces the version of the greatest mtime, and keeps the others', async () => {
    using world = await World.create();
    world.write('f', 'greatest', 1_600_000_009);
    await keep(world);
    world.clock.seconds += 60;
    await keepBeside(world, 'f', 'uploaded last');
    world.write('f', 'now', 1_600_000_010);
    expect(await syncOnce(world, { replaceModified: true })).toMatchObject({ replaced: 1 });
    expect(held(world)).toEqual(['now', 'uploaded last']);
  });

  it('deletes nothing when a file could not be stored', async () => {
    using world = await World.create({ 'kept.txt': 'kept', 'gone.txt': 'gone' });
    await syncOnce(world);
    world.remove('gone.txt');
    world.write(`${'n'.repeat(240)}/${'n'.repeat(240)}/${'n'.repeat(250)}`, 'its name is too long for a description');
    const tally = await syncOnce(world, { deleteRemoved: true });
    expect(tally).toMatchObject({ failed: 1, deletions: { deleted: 0 } });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'NAME_REFUSED' }]);
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'deletions-postponed' }]);
    expect(held(world)).toEqual(['gone', 'kept']);
  });

  it('deletes nothing while a place cannot be read: a file may have been moved there', async () => {
    using world = await World.create({ 'kept.txt': 'kept', 'moved.txt': 'moved' });
    await syncOnce(world);
    world.remove('moved.txt');
    const tally = emptySyncTally();
    const unseen: Found = {
      kind: 'unseen',
      path: RelPath.parse('private'),
      failure: new Failure('FILE_UNREADABLE', 'cannot read "private": permission denied'),
    };
    await world.run((ports, halt) => {
      const walk = async function* (signal: AbortSignal): AsyncGenerator<readonly Found[]> {
        yield* ports.directory.walk(signal);
        yield [unseen];
      };
      const directory = { ...ports.directory, walk };
      return sync(request({ deleteRemoved: true }), { ...ports, directory }, tally, halt);
    });
    expect(tally).toMatchObject({ survey: { missing: 1, unseen: 1 }, deletions: { deleted: 0 } });
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'deletions-postponed' }]);
    expect(held(world)).toEqual(['kept', 'moved']);
  });

  it('deletes what an emptied directory held, and nothing of one where a disk is no longer mounted', async () => {
    using world = await World.create({ 'kept.txt': 'kept', 'emptied/a': 'a', 'disk/b': 'b', 'disk/c/d': 'd' });
    await syncOnce(world);
    world.remove('emptied/a');
    // What the mounted disk has hidden: an empty directory as old as the day on which it was made.
    world.remove('disk');
    mkdirSync(join(world.root, 'disk'));
    utimesSync(join(world.root, 'disk'), 1_600_000_000, 1_600_000_000);
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({
      deletions: { deleted: 1 },
      survey: { unknown: 2, missing: 1 },
    });
    expect(held(world)).toEqual(['b', 'd', 'kept']);
    expect(world.eventsOf('notice')).toMatchObject([
      { topic: 'archives-kept', message: expect.stringContaining('below "disk" are kept') },
    ]);
  });

  it('keeps archives that go by their ids, which were never files here', async () => {
    using world = await World.create({ kept: 'kept', gone: 'gone' });
    await syncOnce(world);
    for (const content of ['of another program', 'and another']) {
      const id = await storeAs(world, '', content);
      const { treeHash } = hashed(Buffer.from(content));
      const named = { path: RelPath.parse(id), mtime: null, createdAt: world.clock.now() };
      const archive = { ...named, id, size: content.length, treeHash };
      await world.run(({ journal }) => journal.append({ type: 'created', archive }));
    }
    world.remove('gone');
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({
      deletions: { deleted: 1 },
      survey: { archives: 4, missing: 1, unknown: 2 },
    });
    expect(held(world)).toEqual(['and another', 'kept', 'of another program']);
    expect(world.eventsOf('notice').map(({ message }) => message)).toEqual([
      'archives that go by their archive ids are kept: nobody knows whether they were ever files of this directory',
    ]);
  });

  it('refuses to delete everything when the directory is empty, unless told so on purpose', async () => {
    using world = await World.create({ a: '1', b: '2' });
    await syncOnce(world);
    world.remove('a');
    world.remove('b');
    await expect(syncOnce(world, { deleteRemoved: true })).rejects.toMatchObject({ code: 'BRAKE' });
    expect(held(world)).toEqual(['1', '2']);
    expect(await syncOnce(world, { deleteRemoved: true, deleteEverything: true })).toMatchObject({
      deletions: { deleted: 2 },
    });
    expect(held(world)).toEqual([]);
  });

  it('stops deleting when the directory is taken away under it', async () => {
    using world = await World.create({ kept: 'kept', a: '1', b: '2', c: '3' });
    await syncOnce(world);
    for (const path of ['a', 'b', 'c']) world.remove(path);
    const unmount = instead('vault', 'deleteArchive', async (deleteArchive, ...given) => {
      const answer: unknown = await deleteArchive(...given);
      renameSync(world.root, `${world.root}-away`);
      writeFileSync(world.root, 'not a directory');
      return answer;
    });
    await expect(syncOnce(world, { deleteRemoved: true, width: 1 }, unmount)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(held(world)).toEqual(['2', '3', 'kept']);
  });

  it('resumes an interrupted upload without sending again what the vault has', async () => {
    const content = Buffer.alloc(5 * MIB, 'resumed');
    using world = await World.create({ 'large.bin': content });
    const broken = new Faults({ nth: 6, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, { width: 1 }, broken.meddle)).rejects.toThrow('made to fail');
    const sent = broken.log.filter((effect) => effect === 'vault.uploadPart').length - 1;
    expect(sent).toBeGreaterThan(0);

    const resumed = new Faults();
    await syncOnce(world, { width: 1 }, resumed.meddle);
    expect(resumed.log.filter((effect) => effect === 'vault.uploadPart')).toHaveLength(5 - sent);
    expect(resumed.log).not.toContain('vault.beginUpload');
    expect(world.eventsOf('stored')).toMatchObject([{ path: 'large.bin', resumed: sent * MIB }]);
    expect(held(world)).toEqual([content.toString()]);
  });

  it('abandons an interrupted upload of a file that has changed since, and stores the file as it is', async () => {
    using world = await World.create({ 'large.bin': Buffer.alloc(3 * MIB, 'old') });
    const broken = new Faults({ nth: 5, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, { width: 1 }, broken.meddle)).rejects.toThrow('made to fail');
    world.write('large.bin', Buffer.alloc(2 * MIB, 'new'));
    const next = new Faults();
    await syncOnce(world, { width: 1 }, next.meddle);
    expect(next.log).toContain('vault.abandonUpload');
    expect(held(world)).toEqual([Buffer.alloc(2 * MIB, 'new').toString()]);
  });

  it('keeps an interrupted upload through a run whose tasks are others, and drops it when its file has changed', async () => {
    using world = await World.create({ 'large.bin': Buffer.alloc(3 * MIB, 'x'), kept: 'kept' });
    await syncOnce(world, { maxFiles: 1 });
    const broken = new Faults({ nth: 5, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, { width: 1 }, broken.meddle)).rejects.toThrow('made to fail');
    const other = { new: false, replaceModified: true, deleteRemoved: true };
    const dropped = async (): Promise<boolean> => {
      const watched = new Faults();
      await syncOnce(world, other, watched.meddle);
      return watched.log.includes('vault.abandonUpload');
    };
    expect(await dropped()).toBe(false);
    world.write('large.bin', 'changed');
    expect(await dropped()).toBe(true);
  });

  it('keeps an interrupted upload from a linked directory through a run that follows no links', async () => {
    using world = await World.create({ kept: 'kept' });
    writeFileSync(join(world.home, 'large.bin'), Buffer.alloc(3 * MIB, 'x'));
    symlinkSync(world.home, join(world.root, 'link'));
    world.follow = true;
    world.selection = { includes: (path) => /^(kept|link\/large\.bin)$/.test(path), enters: () => true };
    const broken = new Faults({ nth: 9, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, { width: 1 }, broken.meddle)).rejects.toThrow('made to fail');
    expect(broken.log).toContain('vault.uploadPart');
    world.follow = false;
    const watched = new Faults();
    await syncOnce(world, {}, watched.meddle);
    expect(watched.log).not.toContain('vault.abandonUpload');
    world.follow = true;
    await syncOnce(world);
    expect(world.eventsOf('stored').at(-1)?.resumed).toBeGreaterThan(0);
  });

  it('notices a file that grows while it is being sent, drops it and goes on', async () => {
    using world = await World.create({ 'a.txt': 'a', 'large.bin': Buffer.alloc(4 * MIB, 'x'), 'z.txt': 'z' });
    const growing = instead('vault', 'uploadPart', (uploadPart, ...given) => {
      appendFileSync(join(world.root, 'large.bin'), 'more');
      return uploadPart(...given);
    });
    expect(await syncOnce(world, { width: 1 }, growing)).toMatchObject({ stored: 2, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'large.bin', code: 'FILE_CHANGED' }]);
    expect(held(world)).toEqual(['a', 'z']);
    expect(await syncOnce(world)).toMatchObject({ stored: 1, failed: 0 });
  });

  it('raises a part size that the file would overflow, and says so', async () => {
    using world = await World.create();
    writeFileSync(join(world.root, 'sparse.bin'), '');
    const { truncateSync } = await import('node:fs');
    truncateSync(join(world.root, 'sparse.bin'), 10_000 * MIB + 1);
    const failAtFirstPart = new Faults({ nth: 4, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, { width: 1 }, failAtFirstPart.meddle)).rejects.toThrow('made to fail');
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'part-size-raised' }]);
    const parts = world.eventsOf('notice')[0]?.message;
    expect(parts).toContain('parts of 2 MiB');
  });

  it('tells what it cannot keep by name and goes on', async () => {
    using world = await World.create({ 'good.txt': 'good', 'bad\tname': 'bad', 'bad\nname': 'bad', 'empty.txt': '' });
    writeFileSync(Buffer.concat([Buffer.from(`${world.root}/undecodable-`), Buffer.from([0xff, 0xfe])]), 'bad');
    symlinkSync('nowhere', join(world.root, 'dangling'));
    expect(await syncOnce(world)).toMatchObject({ stored: 1, survey: { refused: 3, leftOut: 2 } });
    expect(world.eventsOf('failed').map(({ code }) => code)).toEqual(['NAME_REFUSED', 'NAME_REFUSED', 'NAME_REFUSED']);
    expect(world.eventsOf('left-out').map(({ name, why }) => [name, why])).toEqual([
      ['dangling', 'dangling-link'],
      ['empty.txt', 'empty-file'],
    ]);
  });

  it('foresees exactly the bytes that it then moves', async () => {
    using world = await World.create({ a: 'aaa', b: Buffer.alloc(2 * MIB + 7), c: 'known' });
    world.remove('c');
    await syncOnce(world, { foresee: true });
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    const ahead = world.eventsOf('ahead');
    expect(sum(ahead.map(({ files }) => files))).toBe(2);
    expect(sum(ahead.map(({ bytes }) => bytes))).toBe(2 * MIB + 10);
    expect(sum(world.eventsOf('moved').map(({ bytes }) => bytes))).toBe(2 * MIB + 10);
  });
});

describe('sync: a dry run', () => {
  it('names every step that the run then takes, and touches neither vault nor journal', async () => {
    using world = await World.create({ kept: 'kept', edited: 'old', gone: 'gone' });
    await syncOnce(world);
    world.write('edited', 'new');
    world.write('fresh', 'fresh');
    world.remove('gone');
    const before = world.journalLines();
    const wanted = { replaceModified: true, deleteRemoved: true };
    const watched = new Faults();
    await world.run((ports, halt) => planSync(request(wanted), ports, emptySyncTally(), halt), watched.meddle);
    expect(watched.log).toEqual([]);
    expect(world.journalLines()).toEqual(before);
    expect(world.eventsOf('planned').map((step) => [step.do, step.path])).toEqual([
      ['verify-and-upload', 'edited'],
      ['upload', 'fresh'],
      ['delete', 'gone'],
    ]);
    expect(await syncOnce(world, wanted)).toMatchObject({ stored: 2, deletions: { deleted: 1 } });
  });

  it('promises no deletion that the run would postpone', async () => {
    using world = await World.create({ kept: 'kept', gone: 'gone' });
    await syncOnce(world);
    world.remove('gone');
    world.write('bad\tname', 'it may be the one that is gone');
    const planned = emptySyncTally();
    await world.run((ports, halt) => planSync(request({ deleteRemoved: true }), ports, planned, halt));
    expect(world.eventsOf('planned')).toEqual([]);
    expect(planned.deletions.planned).toBe(0);
    expect(await syncOnce(world, { deleteRemoved: true })).toMatchObject({ deletions: { deleted: 0 } });
    expect(world.eventsOf('notice').map(({ topic }) => topic)).toEqual(['deletions-postponed', 'deletions-postponed']);
  });

  it('meets the brake as the run would', async () => {
    using world = await World.create({ a: '1' });
    await syncOnce(world);
    world.remove('a');
    const plan = world.run((ports, halt) => planSync(request({ deleteRemoved: true }), ports, emptySyncTally(), halt));
    await expect(plan).rejects.toMatchObject({ code: 'BRAKE' });
  });
});
