import { describe, expect, it } from 'vitest';
import { dropUploads, emptyDropTally, planDropUploads } from '../../src/flows/storing/drop-uploads.js';
import {
  emptyResumeTally,
  planResumeUploads,
  type ResumeTally,
  resumeUploads,
} from '../../src/flows/storing/resume-uploads.js';
import { store } from '../../src/flows/storing/store.js';
import { type FoundUpload, unfinishedUploads, type WhichUploads } from '../../src/flows/storing/unfinished-uploads.js';
import { readIntents } from '../../src/journal/pending.js';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import type { UploadId } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { bytesOf, hashed } from '../vault/bytes.js';
import { everyFault, Faults, instead } from './faults.js';
import { fileIn, keep, keepBeside, versionsOf } from './keeping.js';
import { type Meddle, MIB, World } from './world.js';

const NEVER = new AbortController().signal;
const HALT = { soon: NEVER, now: NEVER };
const MTIME = 1_650_000_000;
const PARTS = { step: 'parts', partSize: MIB } as const;

/** An upload by another program of which these parts have arrived. */
async function foreignUpload(
  world: World,
  description: string,
  content: Uint8Array,
  parts: readonly number[],
  partSize = MIB,
): Promise<UploadId> {
  const id = await world.vault.beginUpload(partSize, description, NEVER);
  for (const part of parts) {
    const range = { start: part * partSize, end: Math.min((part + 1) * partSize, content.length) };
    await world.vault.uploadPart(id, range, hashed(content.slice(range.start, range.end)), NEVER);
  }
  return id;
}

function describedAs(filename: string, mtime = MTIME): string {
  return encodeDescription({ filename, mtime: Instant.ofSeconds(mtime) });
}

async function resume(world: World, which: WhichUploads = 'all', meddle?: Meddle): Promise<ResumeTally> {
  return world.run(async (ports, halt) => {
    const tally = emptyResumeTally();
    await resumeUploads(which, 2, ports, tally, halt);
    return tally;
  }, meddle);
}

async function drop(world: World, which: WhichUploads, meddle?: Meddle) {
  return world.run(async (ports, halt) => {
    const tally = emptyDropTally();
    await dropUploads(which, 2, ports, tally, halt);
    return tally;
  }, meddle);
}

/** A sync that dies when it completes its upload, or before. */
async function interruptedSync(
  world: World,
  at: 'uploadPart' | 'completeUpload',
  dies = instead('vault', at, () => Promise.reject(new Error('the power went'))),
): Promise<void> {
  await expect(
    world.run(async (ports, halt) => {
      await store({ file: fileIn(ports, 'film.mov'), old: null, left: null, partSize: MIB, width: 1 }, ports, halt);
    }, dies),
  ).rejects.toThrow('the power went');
}

const film = bytesOf(3 * MIB + 5);

async function filmWorld(parts: readonly number[] = [0, 2]): Promise<{ world: World; id: UploadId }> {
  const world = await World.create();
  world.write('film.mov', film, MTIME);
  return { world, id: await foreignUpload(world, describedAs('film.mov'), film, parts) };
}

const whys = (world: World) => world.eventsOf('failed').map(({ message }) => message.replace(/^.*?: /, ''));

describe('uploads: list', () => {
  async function listed(world: World, which: WhichUploads = 'all'): Promise<FoundUpload[]> {
    const found: FoundUpload[] = [];
    const left = await world.run(async ({ intents }) => intents.left);
    for await (const one of unfinishedUploads(which, { vault: world.vault, left }, HALT)) found.push(one);
    return found;
  }

  it('uploads: each is told with its name, what of it is there, and whether the journal knows it', async () => {
    const { world, id } = await filmWorld([0, 3]);
    using _ = world;
    const plain = await foreignUpload(world, 'holiday', film, []);
    await interruptedSync(world, 'completeUpload');
    const found = await listed(world);
    expect(found).toMatchObject([
      { uploadId: id, described: { filename: 'film.mov', mtime: MTIME }, heldBytes: MIB + 5, intents: [] },
      { uploadId: plain, described: null, description: 'holiday', heldBytes: 0, intents: [] },
      { described: { filename: 'film.mov' }, heldBytes: film.length, intents: [{ progress: { step: 'completing' } }] },
    ]);
    expect(await listed(world, { ids: [plain] })).toMatchObject([{ uploadId: plain }]);
  });

  it('uploads: readers see what the journal has begun without its lock', async () => {
    using world = await World.create();
    world.write('film.mov', film, MTIME);
    await interruptedSync(world, 'uploadPart');
    await world.run(async ({ journal }) => {
      const left = await readIntents(world.journalFile, journal.live);
      expect(left).toMatchObject([{ file: { path: 'film.mov' }, progress: { step: 'parts' } }]);
    });
  });

  it('uploads: one that ends while it is looked at is passed over', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    const meddled = {
      unfinishedUploads: (signal: AbortSignal) => world.vault.unfinishedUploads(signal),
      async *uploadedParts(upload: UploadId, signal: AbortSignal) {
        await world.vault.abandonUpload(id, signal);
        yield* world.vault.uploadedParts(upload, signal);
      },
    };
    const found: FoundUpload[] = [];
    for await (const one of unfinishedUploads('all', { vault: meddled, left: [] }, HALT)) found.push(one);
    expect(found).toEqual([]);
  });
});

describe('uploads: abort', () => {
  it('uploads --abort: drops what is named and leaves the rest', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    const other = await foreignUpload(world, 'other', film, [0]);
    expect(await drop(world, { ids: [id] })).toEqual({ dropped: 1, failed: 0 });
    expect(world.vault.openUploads()).toEqual([other]);
    expect(world.eventsOf('abandoned')).toMatchObject([{ path: 'film.mov', uploadId: id }]);
  });

  it('uploads --abort --all: drops every one, and settles what the journal had begun', async () => {
    const { world } = await filmWorld();
    using _ = world;
    await interruptedSync(world, 'uploadPart');
    expect(await drop(world, 'all')).toEqual({ dropped: 2, failed: 0 });
    expect(world.vault.openUploads()).toEqual([]);
    await world.run(async ({ intents }) => {
      expect([intents.left, intents.possibleOrphans]).toEqual([[], []]);
    });
  });

  it('uploads --abort: an upload whose completion nobody heard of may have left an archive, which is noted', async () => {
    using world = await World.create();
    world.write('film.mov', film, MTIME);
    await interruptedSync(world, 'completeUpload');
    await drop(world, 'all');
    await world.run(async ({ intents }) => {
      expect(intents.possibleOrphans).toMatchObject([{ file: { path: 'film.mov' } }]);
    });
  });

  it('uploads --abort: an id that nobody knows is named', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    expect(await drop(world, { ids: ['nobody', id] })).toEqual({ dropped: 1, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'nobody', code: 'UPLOAD_NOT_FOUND' }]);
  });

  it('uploads --abort: one that only the journal still counts on is settled', async () => {
    using world = await World.create();
    world.write('film.mov', film, MTIME);
    await interruptedSync(world, 'uploadPart');
    const [id] = world.vault.openUploads();
    await world.vault.abandonUpload(id!, NEVER);
    expect(await drop(world, { ids: [id!] })).toEqual({ dropped: 1, failed: 0 });
    await world.run(async ({ intents }) => expect(intents.left).toEqual([]));
  });

  it('uploads --abort: a dry run names them and drops nothing', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    const tally = emptyDropTally();
    const report = (event: World['events'][number]) => void world.events.push(event);
    await planDropUploads('all', { vault: world.vault, left: [], report }, tally, HALT);
    expect(tally.dropped).toBe(1);
    expect(world.eventsOf('planned')).toMatchObject([{ do: 'abandon', path: 'film.mov', uploadId: id }]);
    expect(world.vault.openUploads()).toEqual([id]);
  });
});

describe('uploads: resume', () => {
  it('uploads --resume: an upload by another program ends in the journal, and only what is missing is sent', async () => {
    const { world } = await filmWorld([0, 2]);
    using _ = world;
    const faults = new Faults();
    expect(await resume(world, 'all', faults.meddle)).toEqual({ stored: 1, storedBytes: film.length, failed: 0 });
    expect(faults.log.filter((effect) => effect === 'vault.uploadPart').length).toBe(2);
    expect(world.eventsOf('stored')).toMatchObject([{ path: 'film.mov', resumed: 2 * MIB }]);
    const [archive] = await versionsOf(world, 'film.mov');
    const [held] = world.vault.archives();
    expect(held).toMatchObject({ id: archive?.id, treeHash: archive?.treeHash, description: describedAs('film.mov') });
    expect(Buffer.compare(held!.bytes, film)).toBe(0);
    expect(archive).toMatchObject({ size: film.length, mtime: MTIME });
    expect(world.vault.openUploads()).toEqual([]);
    const idle = new Faults();
    await world.run(async (ports, halt) => resumeUploads('all', 2, ports, emptyResumeTally(), halt), idle.meddle);
    expect(idle.log).toEqual([]);
  });

  it('uploads --resume: parts of other content are sent again', async () => {
    using world = await World.create();
    world.write('film.mov', film, MTIME);
    const spoiled = film.slice();
    spoiled[MIB] = 1 ^ (spoiled[MIB] ?? 0);
    await foreignUpload(world, describedAs('film.mov'), spoiled, [0, 1, 2, 3]);
    const faults = new Faults();
    expect(await resume(world, 'all', faults.meddle)).toMatchObject({ stored: 1 });
    expect(faults.log.filter((effect) => effect === 'vault.uploadPart').length).toBe(1);
    expect(Buffer.compare(world.vault.archives()[0]!.bytes, film)).toBe(0);
  });

  it.each(['uploadPart', 'completeUpload'] as const)(
    'uploads --resume: what the journal has begun goes on with that very intent, also when %s failed',
    async (at) => {
      using world = await World.create();
      world.write('film.mov', film, MTIME);
      await interruptedSync(world, at);
      const faults = new Faults();
      expect(await resume(world, 'all', faults.meddle)).toMatchObject({ stored: 1, failed: 0 });
      expect(faults.log).not.toContain('intents.begin');
      expect(faults.log).not.toContain('vault.beginUpload');
      expect(await versionsOf(world, 'film.mov')).toHaveLength(1);
      await world.run(async ({ intents }) => expect(intents.left).toEqual([]));
    },
  );

  it('uploads --resume: what was completed without an answer is recorded, though no list of uploads has it', async () => {
    for (const ids of [null, 'its id'] as const) {
      using world = await World.create();
      world.write('film.mov', film, MTIME);
      const died = instead('vault', 'completeUpload', async (complete, ...given) => {
        await complete(...given);
        throw new Error('the power went');
      });
      await interruptedSync(world, 'completeUpload', died);
      const left = await world.run(async ({ intents }) => intents.left);
      const uploadId = left.flatMap(({ progress }) => (progress.step === 'completing' ? progress.uploadId : []));
      const which = ids === null ? 'all' : { ids: uploadId };

      const tally = emptyResumeTally();
      await world.run((ports, halt) => planResumeUploads(which, { ...ports, left }, tally, halt));
      expect(tally).toEqual({ stored: 1, storedBytes: film.length, failed: 0 });
      expect(await resume(world, which)).toEqual(tally);
      const [archive] = world.vault.archives();
      expect(await versionsOf(world, 'film.mov')).toMatchObject([{ id: archive?.id }]);
    }
  });

  it('uploads --resume: what came through a pipe is completed when all had been sent, and else left alone', async () => {
    using world = await World.create();
    const file = { path: 'dump' as LocalFile['path'], size: film.length, mtime: world.clock.now() };
    const description = describedAs('dump', file.mtime);
    const [whole, half] = [
      await foreignUpload(world, description, film, [0, 1, 2, 3]),
      await foreignUpload(world, description, film, [0]),
    ];
    await world.run(async ({ intents, clock }) => {
      for (const uploadId of [whole, half]) {
        const begun = await intents.begin(clock.now(), { ...file, size: 0 }, null, { ...PARTS, uploadId: null });
        await intents.advance(begun, { ...PARTS, uploadId });
      }
      const asked = { step: 'completing', partSize: MIB, uploadId: whole, treeHash: hashed(film).treeHash } as const;
      await intents.advance(await intents.begin(clock.now(), file, null, { ...PARTS, uploadId: null }), asked);
    });
    expect(await resume(world)).toEqual({ stored: 1, storedBytes: film.length, failed: 1 });
    expect(await versionsOf(world, 'dump')).toMatchObject([{ size: film.length, treeHash: hashed(film).treeHash }]);
    expect(whys(world)).toEqual(['its content came through a pipe, and is gone']);
    expect(await drop(world, 'all')).toEqual({ dropped: 1, failed: 0 });
    await world.run(async ({ intents }) => expect([...intents.left, ...intents.possibleOrphans]).toEqual([]));
  });

  it('uploads --resume: the version that it was begun to replace is deleted; one that nobody spoke of stays', async () => {
    using world = await World.create({ 'film.mov': 'short' });
    await keep(world);
    world.write('film.mov', film, MTIME);
    await foreignUpload(world, describedAs('film.mov'), film, [0]);
    expect(await resume(world)).toMatchObject({ stored: 1 });
    expect((await versionsOf(world, 'film.mov')).map(({ size }) => size)).toEqual([5, film.length]);
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'older-version-remains' }]);

    const longer = bytesOf(2 * MIB, 7);
    world.write('film.mov', longer, MTIME + 60);
    const dies = instead('vault', 'completeUpload', () => Promise.reject(new Error('the power went')));
    const [, latest] = await versionsOf(world, 'film.mov');
    await expect(
      world.run(async (ports, halt) => {
        await store(
          { file: fileIn(ports, 'film.mov'), old: latest!, left: null, partSize: MIB, width: 1 },
          ports,
          halt,
        );
      }, dies),
    ).rejects.toThrow();
    expect(await resume(world)).toMatchObject({ stored: 1, failed: 0 });
    expect((await versionsOf(world, 'film.mov')).map(({ size }) => size)).toEqual([5, 2 * MIB]);
    expect(world.eventsOf('deleted')).toMatchObject([{ archiveId: latest!.id, why: 'superseded' }]);
  });

  it('uploads --resume: of two uploads of one file the fuller one is taken, the other is left alone', async () => {
    const { world, id } = await filmWorld([0]);
    using _ = world;
    const fuller = await foreignUpload(world, describedAs('film.mov'), film, [0, 1, 2]);
    expect(await resume(world)).toMatchObject({ stored: 1, failed: 1 });
    expect(world.vault.openUploads()).toEqual([id]);
    expect(world.vault.openUploads()).not.toContain(fuller);
    expect(whys(world)).toEqual(['the journal has "film.mov" already, as it is now']);
  });

  it('uploads --resume: what does not fit is named, and left alone', async () => {
    using world = await World.create({ 'sub/x': 'x' });
    world.write('film.mov', film, MTIME);
    const short = film.slice(0, 2 * MIB + 9);
    const ids = [
      await foreignUpload(world, 'holiday', film, [0]),
      await foreignUpload(world, describedAs('../film.mov'), film, [0]),
      await foreignUpload(world, describedAs('none.mov'), film, [0]),
      await foreignUpload(world, describedAs('sub'), film, [0]),
      await foreignUpload(world, describedAs('film.mov', MTIME + 1), film, [0]),
      await foreignUpload(world, describedAs('film.mov'), bytesOf(5 * MIB), [4]),
      await foreignUpload(world, describedAs('film.mov'), short, [2]),
    ];
    expect(await resume(world)).toEqual({ stored: 0, storedBytes: 0, failed: 7 });
    expect(whys(world).toSorted()).toEqual(
      [
        'its description names no file',
        'its name "../film.mov" is not a plain relative path',
        '"none.mov" is not in the directory',
        '"sub" is not in the directory',
        '"film.mov" has changed since it was begun',
        `its parts do not fit the ${film.length} bytes of "film.mov"`,
        `its parts do not fit the ${film.length} bytes of "film.mov"`,
      ].toSorted(),
    );
    expect(new Set(world.eventsOf('failed').map(({ code }) => code))).toEqual(new Set(['NOT_RESUMABLE']));
    expect(world.vault.openUploads()).toEqual(ids);
    expect(world.vault.archives()).toEqual([]);
  });

  it('uploads --resume: a file of which the journal has a newer version is left alone', async () => {
    using world = await World.create({ 'film.mov': 'short' });
    await keep(world);
    await keepBeside(world, 'film.mov', 'later');
    world.write('film.mov', film, 1_500_000_000);
    await foreignUpload(world, describedAs('film.mov', 1_500_000_000), film, [0]);
    expect(await resume(world)).toMatchObject({ stored: 0, failed: 1 });
    expect(whys(world)).toEqual(['the journal has a newer version of "film.mov"']);
  });

  it('uploads --resume: a name that the journal cannot hold is left alone before anything is sent', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    const faults = new Faults();
    const tally = emptyResumeTally();
    await world.run((ports, halt) => {
      const journal = { ...ports.journal, live: ports.journal.live, canHold: () => false };
      return resumeUploads('all', 2, { ...ports, journal }, tally, halt);
    }, faults.meddle);
    expect(tally).toMatchObject({ stored: 0, failed: 1 });
    expect(whys(world)).toEqual(['"film.mov" cannot be written in the encoding of the journal']);
    expect(faults.log).toEqual([]);
    expect(world.vault.openUploads()).toEqual([id]);
  });

  it('uploads --resume: only those with the ids that were given; one that there is not is named', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    const other = await foreignUpload(world, describedAs('film.mov'), film, [0, 1, 2]);
    expect(await resume(world, { ids: [id, 'nobody'] })).toMatchObject({ stored: 1, failed: 1 });
    expect(world.vault.openUploads()).toEqual([other]);
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'nobody', code: 'UPLOAD_NOT_FOUND' }]);
  });

  it('uploads --resume: a dry run says what it would go on with, and does nothing', async () => {
    const { world, id } = await filmWorld();
    using _ = world;
    await foreignUpload(world, describedAs('film.mov'), film, [1]);
    const tally = emptyResumeTally();
    const faults = new Faults();
    await world.run((ports, halt) => planResumeUploads('all', { ...ports, left: [] }, tally, halt), faults.meddle);
    expect(tally).toEqual({ stored: 1, storedBytes: film.length, failed: 1 });
    expect(world.eventsOf('planned')).toMatchObject([{ do: 'resume', path: 'film.mov', uploadId: id }]);
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'film.mov', code: 'NOT_RESUMABLE' }]);
    expect(faults.log).toEqual([]);
  });

  it('uploads --resume: whatever effect fails, nothing confirmed is missing, and a second run completes it', async () => {
    const pristine = await filmWorld();
    using _ = pristine.world;
    const undisturbed = new Faults();
    await resume(pristine.world, 'all', undisturbed.meddle);
    expect(undisturbed.log.length).toBeGreaterThan(6);

    for (const fault of everyFault(undisturbed.log.length)) {
      const { world } = await filmWorld();
      using _ = world;
      const faults = new Faults(fault);
      const what = `${JSON.stringify(fault)} (${undisturbed.log[fault.nth - 1]})`;
      await expect(resume(world, 'all', faults.meddle), what).rejects.toThrow('was made to fail');
      world.clock.seconds += 60;
      await resume(world);
      const recorded = await versionsOf(world, 'film.mov');
      expect(
        recorded.map(({ id }) => id),
        what,
      ).toEqual(world.vault.archives().map(({ id }) => id));
      expect(recorded, what).toHaveLength(1);
      expect(world.vault.openUploads(), what).toEqual([]);
      await world.run(async ({ intents }) => expect([...intents.left, ...intents.possibleOrphans], what).toEqual([]));
    }
  });
});
