import { describe, expect, it } from 'vitest';
import { type JournalStanding, journalStanding } from '../../src/flows/looking/journal-standing.js';
import { FIRST_GONE, vaultStanding } from '../../src/flows/looking/vault-standing.js';
import { MemoryArchives } from '../../src/journal/memory-archives.js';
import type { Archive } from '../../src/model/archive.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { bytesOf, hashed } from '../vault/bytes.js';
import { keep, keepBeside } from './keeping.js';
import { MIB, World } from './world.js';

const DAY = 86_400;
const HOUR = 3600;
const { signal } = new AbortController();
const HALT = { soon: signal, now: signal };

function questions(world: World, wanted: readonly ArchiveId[] = []) {
  return { now: world.clock.now(), earlyDeletionDays: 90, wanted: new Set(wanted) };
}

function standingIn(world: World, wanted: readonly ArchiveId[] = []): Promise<JournalStanding> {
  return world.run(({ journal }) => journalStanding(journal.live, questions(world, wanted), HALT));
}

describe('standing of a journal', () => {
  it('standing: files and older versions are counted apart, and make up all archives', async () => {
    using world = await World.create({ 'a.txt': 'old', 'sub/b': 'bb' });
    await keep(world);
    await keepBeside(world, 'a.txt', 'newer');
    await keepBeside(world, 'a.txt', 'newest');
    const { files, olderVersions, stored } = await standingIn(world);
    expect(files).toEqual({ count: 2, bytes: 'newest'.length + 2 });
    expect(olderVersions).toEqual({ count: 2, bytes: 'old'.length + 'newer'.length });
    const times = (await world.recorded()).map(({ createdAt }) => createdAt);
    expect(stored).toEqual({ from: Math.min(...times), to: Math.max(...times) });
  });

  it('standing: an empty journal holds nothing of anything', async () => {
    using world = await World.create();
    const nothing = { count: 0, bytes: 0 };
    expect(await standingIn(world)).toEqual({
      files: nothing,
      olderVersions: nothing,
      stored: null,
      askedFor: nothing,
      lastAskedFor: null,
      deletion: { free: nothing, months: new Map(), byteDays: 0 },
      found: new Map(),
    });
  });

  it('standing: what was asked for counts for a day', async () => {
    using world = await World.create({ a: 'a', b: 'bb', c: 'ccc' });
    await keep(world);
    const [a, b] = (await world.recorded()) as [Archive, Archive];
    const ask = async (archiveId: ArchiveId): Promise<Instant> => {
      const at = world.clock.now();
      await world.run(({ journal }) => journal.append({ type: 'retrieve-job', at, archiveId, jobId: null }));
      return at;
    };
    await ask(a.id);
    world.clock.seconds += 20 * HOUR;
    const last = await ask(b.id);
    expect(await standingIn(world)).toMatchObject({ askedFor: { count: 2, bytes: 3 }, lastAskedFor: last });
    world.clock.seconds += 5 * HOUR;
    expect(await standingIn(world)).toMatchObject({ askedFor: { count: 1, bytes: 2 }, lastAskedFor: last });
    world.clock.seconds += DAY;
    expect(await standingIn(world)).toMatchObject({ askedFor: { count: 0, bytes: 0 }, lastAskedFor: null });
  });

  it('standing: archives become free to delete 90 days after they were stored, older versions too', async () => {
    using world = await World.create({ a: 'a' });
    await keep(world);
    await keepBeside(world, 'a', 'aa');
    expect((await standingIn(world)).deletion.free.count).toBe(0);
    world.clock.seconds += 91 * DAY;
    expect((await standingIn(world)).deletion).toMatchObject({ free: { count: 2, bytes: 3 }, byteDays: 0 });
  });

  it('standing: the archives that are wanted are given, if they are alive', async () => {
    using world = await World.create({ a: 'a', b: 'b' });
    await keep(world);
    const [a] = (await world.recorded()) as [Archive];
    const { found } = await standingIn(world, [a.id, ArchiveId.parse('unknown')]);
    expect([...found.values()]).toEqual([a]);
  });

  it('standing: whoever interrupts it does not wait for the end of the journal', async () => {
    const live = new MemoryArchives();
    const told = new AbortController();
    let given = 0;
    async function* many(): AsyncGenerator<Archive> {
      for (;;) {
        if (++given === 2500) told.abort();
        yield archiveNumber(given);
      }
    }
    const endless = Object.assign(live, { all: many });
    const asking = journalStanding(
      endless,
      { now: Instant.ofSeconds(0), earlyDeletionDays: 90, wanted: new Set() },
      { soon: told.signal },
    );
    await expect(asking).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(given).toBeLessThan(4000);
  });
});

function archiveNumber(number: number): Archive {
  const at = Instant.ofSeconds(0);
  const [id, path] = [ArchiveId.parse(`id${number}`), RelPath.parse(`f${number}`)];
  return { id, path, size: 1, mtime: at, treeHash: TreeHash.recorded('0'), createdAt: at };
}

describe('standing of a vault', () => {
  const ask = async (
    world: World,
    id: ArchiveId,
    terms: Partial<Parameters<typeof world.vault.requestRetrieval>[1]> = {},
  ) => (await world.vault.requestRetrieval(id, { ...wholeAt('Standard'), ...terms }, signal)).jobId;
  const standing = (world: World) => vaultStanding(world.vault, world.clock.now(), HALT);

  it('standing: retrievals are counted by where they stand, those of ranges by their bytes', async () => {
    using world = await World.create({ film: bytesOf(2 * MIB + 1) });
    await keep(world);
    const [film] = (await world.recorded()) as [Archive];
    await ask(world, film.id, { range: { start: 0, end: MIB } });
    world.clock.seconds += 20 * HOUR;
    await ask(world, film.id);
    world.clock.seconds += 6 * HOUR;
    await ask(world, film.id, { tier: 'Bulk' });
    world.vault.failRetrieval(await ask(world, film.id, { range: { start: MIB, end: 2 * MIB } }), 'a disk burnt');
    await world.vault.requestInventory('JSON', '', signal);
    const now = world.clock.now();
    const { retrievals, inventories, firstGone } = await standing(world);
    expect(retrievals).toMatchObject({
      ready: { count: 2, bytes: MIB + film.size },
      expiring: { count: 1, bytes: MIB },
      readyUntil: now + 3 * HOUR,
      running: { count: 1, bytes: film.size },
      expected: { to: now + 12 * HOUR },
      failed: { count: 1, bytes: MIB },
    });
    expect(inventories).toEqual({ ready: 0, running: 1, failed: 0 });
    expect(firstGone.map(({ range }) => range)).toEqual([{ start: 0, end: MIB }, null]);
  });

  it('standing: of many that are ready the first that will be gone are given, in order', async () => {
    using world = await World.create({ a: 'a' });
    await keep(world);
    const [a] = (await world.recorded()) as [Archive];
    await ask(world, a.id, { tier: 'Bulk' });
    const asked = [];
    for (let i = 0; i < FIRST_GONE + 2; i++) {
      asked.push(await ask(world, a.id));
      world.clock.seconds += 60;
    }
    world.clock.seconds += 13 * HOUR;
    const { firstGone, retrievals } = await standing(world);
    expect(firstGone.map(({ jobId }) => jobId)).toEqual(asked.slice(0, FIRST_GONE));
    expect(retrievals.ready.count).toBe(FIRST_GONE + 3);
  });

  it('standing: open uploads are counted, whoever began them', async () => {
    using world = await World.create();
    const at = world.clock.now();
    await world.vault.beginUpload(MIB, '', signal);
    world.clock.seconds += HOUR;
    const upload = await world.vault.beginUpload(MIB, '', signal);
    await world.vault.uploadPart(upload, { start: 0, end: 5 }, hashed(bytesOf(5)), signal);
    expect((await standing(world)).uploads).toEqual({ count: 2, oldest: at });
  });
});
