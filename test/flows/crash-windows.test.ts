// What a crash leaves between two effects that no single failing call shows, and what the next run makes of it.

import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyPurgeTally, purge } from '../../src/flows/deleting/purge.js';
import { sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../../src/flows/storing/sync-tally.js';
import { openForWriting } from '../../src/journal/open.js';
import { decodeDescription } from '../../src/model/description.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import type { StoredArchive } from '../../src/vault/port.js';
import { everyFault, Faults, instead } from './faults.js';
import { type Meddle, MIB, World } from './world.js';

const ALL = { new: true, replaceModified: true, deleteRemoved: true, detect: 'mtime-and-treehash' } as const;

function syncOnce(world: World, asked: Partial<SyncRequest> = {}, meddle?: Meddle): Promise<SyncTally> {
  const width = asked.width ?? 1;
  const files = { small: width, large: width };
  const rest = { maxFiles: null, deleteEverything: false, foresee: false };
  const request = { wanted: ALL, partSize: MIB, width, files, ...rest };
  return world.run(async (ports, halt) => {
    const tally = emptySyncTally();
    await sync({ ...request, ...asked }, ports, tally, halt);
    return tally;
  }, meddle);
}

/** The first call of this method of the vault fails with this code, after or before it has been done. */
function failing(method: string, code: FailureCode, when: 'before' | 'after'): Meddle {
  let failed = false;
  return instead('vault', method, async (real, ...given) => {
    if (failed) return real(...given);
    failed = true;
    if (when === 'after') await real(...given);
    throw new Failure(code, `${method} was made to fail`);
  });
}

async function effectsOf(world: World): Promise<string[]> {
  const watched = new Faults();
  await syncOnce(world, {}, watched.meddle);
  return watched.log;
}

async function possibleOrphans(world: World): Promise<string[]> {
  await using open = await openForWriting(world.journalFile, { create: false, encoding: UTF_8 }, () => undefined);
  return open.intents.possibleOrphans.map(({ file }) => file.path);
}

async function assertAgreed(world: World): Promise<void> {
  const held = new Set<string>(world.vault.archives().map(({ id }) => id));
  for (const { id, path } of await world.recorded()) expect(held, `${path} is held`).toContain(id);
}

describe('crash windows', () => {
  it('sync: a clock that goes back between beginning and fact breaks no later run', async () => {
    const files = { 'large.bin': Buffer.alloc(2 * MIB, 'x'), 'small.txt': 'small' };
    using rehearsal = await World.create(files);
    const effects = await effectsOf(rehearsal);
    for (let nth = 1; nth <= effects.length; nth++) {
      using world = await World.create(files);
      const dead = new Faults({ nth, lasting: 'from then on', when: 'before' });
      const backwards: Meddle = (port, object) =>
        new Proxy(dead.meddle(port, object), {
          get: (target, name) => {
            world.clock.seconds -= 100;
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      await syncOnce(world, {}, backwards).catch(() => undefined);
      await syncOnce(world);
      const what = `died at effect ${nth}, ${effects[nth - 1]}`;
      expect(
        (await world.recorded()).map(({ path }) => path),
        what,
      ).toEqual(['large.bin', 'small.txt']);
      await assertAgreed(world);
    }
  });

  it('sync: a deletion without an answer is finished before its file is looked at again', async () => {
    using world = await World.create({ kept: 'kept', gone: 'gone' });
    await syncOnce(world);
    world.write('gone', 'gone', 1_650_000_000);
    await syncOnce(world);
    world.remove('gone');
    const dead = failing('deleteArchive', 'INTERRUPTED', 'after');
    await expect(syncOnce(world, {}, dead)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    world.write('gone', 'gone', 1_650_000_000);
    await syncOnce(world);
    await assertAgreed(world);
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['gone', 'kept']);
  });

  it('purge: a deletion without an answer is finished by a sync that comes next', async () => {
    using world = await World.create({ a: 'a', b: 'b' });
    await syncOnce(world);
    const purging = world.run(
      (ports, halt) => purge(1, ports, emptyPurgeTally(), halt),
      failing('deleteArchive', 'TIMED_OUT', 'after'),
    );
    await expect(purging).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await syncOnce(world);
    await assertAgreed(world);
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['a', 'b']);
  });

  it('sync: what a lost answer may have stored is listed, whenever the program dies after it', async () => {
    const files = { 'a.txt': 'a', 'b.txt': 'b' };
    /** The answer to the first request is lost, that to the second is not. */
    const twice = instead('vault', 'uploadWhole', async (real, ...given) => {
      await real(...given);
      return { ...((await real(...given)) as StoredArchive), unansweredRequests: 1 };
    });
    using rehearsal = await World.create(files);
    const watched = new Faults();
    await syncOnce(rehearsal, {}, (port, object) => watched.meddle(port, twice(port, object)));
    expect(watched.log).toContain('intents.suspect');
    expect(await possibleOrphans(rehearsal)).toEqual(['a.txt', 'b.txt']);

    for (const { nth, when } of [...everyFault(watched.log.length)].filter(
      ({ lasting }) => lasting === 'from then on',
    )) {
      using world = await World.create(files);
      const died = new Faults({ nth, lasting: 'from then on', when });
      const dying = syncOnce(world, {}, (port, object) => died.meddle(port, twice(port, object)));
      await expect(dying).rejects.toThrow('made to fail');
      await syncOnce(world);
      const recorded = new Set<string>((await world.recorded()).map(({ id }) => id));
      const unknown = world.vault.archives().filter(({ id }) => !recorded.has(id));
      const names = unknown.map(({ description }) => decodeDescription(description)?.filename);
      const what = `died ${when} effect ${nth}, ${watched.log[nth - 1]}`;
      expect(await possibleOrphans(world), what).toEqual(expect.arrayContaining(names));
    }
  });

  it('sync: an upload that is gone when it is to be completed may have been stored', async () => {
    using world = await World.create({ 'large.bin': Buffer.alloc(2 * MIB, 'x'), 'small.txt': 'small' });
    const dead = failing('completeUpload', 'UPLOAD_NOT_FOUND', 'after');
    expect(await syncOnce(world, {}, dead)).toMatchObject({ failed: 1 });
    expect(await possibleOrphans(world)).toEqual(['large.bin']);
  });

  it('sync: two unfinished uploads of one file are both looked after', async () => {
    const old = Buffer.alloc(3 * MIB, 'old');
    const now = Buffer.alloc(2 * MIB, 'new');
    using world = await World.create();
    world.write('large.bin', old, 1_600_000_000);
    const died = new Faults({ nth: 5, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, {}, died.meddle)).rejects.toThrow('made to fail');
    world.write('large.bin', now, 1_600_000_001);
    const diedAgain = new Faults({ nth: 4, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, {}, diedAgain.meddle)).rejects.toThrow('made to fail');
    expect(world.vault.openUploads()).toHaveLength(2);

    world.write('large.bin', old, 1_600_000_000);
    const resumed = new Faults();
    await syncOnce(world, {}, resumed.meddle);
    expect(resumed.log).not.toContain('vault.beginUpload');
    expect(world.vault.openUploads()).toEqual([]);
  });
});

describe('unfinished uploads', () => {
  it('sync: they are dropped when their file is gone, not when its disk is', async () => {
    using world = await World.create({ 'disk/large.bin': Buffer.alloc(3 * MIB, 'x') });
    const died = new Faults({ nth: 5, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, {}, died.meddle)).rejects.toThrow('made to fail');
    renameSync(join(world.root, 'disk'), join(world.home, 'unmounted'));
    await syncOnce(world);
    expect(world.vault.openUploads(), 'nothing at all is here').toHaveLength(1);

    world.write('other.txt', 'other');
    symlinkSync(join(world.home, 'nowhere'), join(world.root, 'disk'));
    await syncOnce(world);
    expect(world.vault.openUploads(), 'behind a link that leads nowhere').toHaveLength(1);

    world.remove('disk');
    await syncOnce(world);
    expect(world.vault.openUploads()).toEqual([]);
  });

  it('sync: one that cannot be dropped is told and counted, and keeps nothing else from being done', async () => {
    using world = await World.create({ 'large.bin': Buffer.alloc(3 * MIB, 'x') });
    const died = new Faults({ nth: 5, lasting: 'from then on', when: 'before' });
    await expect(syncOnce(world, {}, died.meddle)).rejects.toThrow('made to fail');
    world.write('large.bin', 'small now');
    const refusing = failing('abandonUpload', 'VAULT_REFUSED', 'before');
    expect(await syncOnce(world, {}, refusing)).toMatchObject({ stored: 1, failed: 0, leftovers: { failed: 1 } });
    await syncOnce(world);
    expect(world.vault.openUploads()).toEqual([]);
  });

  it('sync: a deletion that is refused again and again keeps nothing else from being done', async () => {
    using world = await World.create({ a: 'old' });
    await syncOnce(world);
    world.write('a', 'new');
    expect(await syncOnce(world, {}, failing('deleteArchive', 'VAULT_REFUSED', 'before'))).toMatchObject({ failed: 1 });
    world.write('b', 'b');
    const again = failing('deleteArchive', 'VAULT_REFUSED', 'before');
    expect(await syncOnce(world, {}, again)).toMatchObject({ stored: 1, leftovers: { failed: 1 } });
    expect(await syncOnce(world)).toMatchObject({ leftovers: { failed: 0 } });
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['a', 'b']);
  });
});

describe('a journal that takes no more', () => {
  it('sync: every archive that the vault has confirmed is told by its id', async () => {
    using world = await World.create({ a: 'a', b: 'b', c: 'c' });
    const full = instead('journal', 'append', () => Promise.reject(new Failure('DISK_FULL', 'no space left')));
    await expect(syncOnce(world, { width: 3 }, full)).rejects.toMatchObject({ code: 'DISK_FULL' });
    const told = world.eventsOf('failed');
    expect(world.vault.archives()).toHaveLength(3);
    for (const { id } of world.vault.archives())
      expect(told.filter(({ message }) => message.includes(id))).toHaveLength(1);
    writeFileSync(world.journalFile, '');
    expect(await possibleOrphans(world)).toEqual(['a', 'b', 'c']);
  });

  it('sync: also when it cannot be noted that an answer was lost before', async () => {
    using world = await World.create({ a: 'a' });
    const late = instead('vault', 'uploadWhole', async (real, ...given) => {
      return { ...((await real(...given)) as StoredArchive), unansweredRequests: 1 };
    });
    const full = instead('intents', 'suspect', () => Promise.reject(new Failure('DISK_FULL', 'no space left')));
    const syncing = syncOnce(world, {}, (port, object) => full(port, late(port, object)));
    await expect(syncing).rejects.toMatchObject({ code: 'DISK_FULL' });
    const [held] = world.vault.archives();
    expect(world.eventsOf('failed').map(({ message }) => message)).toEqual([expect.stringContaining(held?.id ?? '')]);
  });
});

describe('same-second changes', () => {
  it('sync: a file that changes within a second after it was read is known as changed', async () => {
    using world = await World.create();
    world.write('a.txt', 'old', Date.now() / 1000);
    const after = instead('vault', 'uploadWhole', (uploadWhole, ...given) => {
      world.write('a.txt', 'new', Date.now() / 1000);
      return uploadWhole(...given);
    });
    await syncOnce(world, {}, after);
    await syncOnce(world);
    expect(world.vault.archives().map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['new']);
  });

  it('sync: a file that is overwritten between two of its parts is not stored as a mixture', async () => {
    using world = await World.create({ 'large.bin': Buffer.alloc(2 * MIB, 'a') });
    const mtime = 1_600_000_000;
    world.write('large.bin', Buffer.alloc(2 * MIB, 'a'), mtime + 0.25);
    let sent = 0;
    const overwriting = instead('vault', 'uploadPart', (uploadPart, ...given) => {
      if (sent++ === 0) world.write('large.bin', Buffer.alloc(2 * MIB, 'b'), mtime + 0.75);
      return uploadPart(...given);
    });
    expect(await syncOnce(world, {}, overwriting)).toMatchObject({ stored: 0, failed: 1 });
    expect(world.vault.archives()).toEqual([]);
  });
});
