import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { type Place, placeOf } from '../../src/disk/place.js';
import {
  emptyUploadTally,
  planUpload,
  type UploadTally,
  uploadFile,
  uploadStream,
} from '../../src/flows/storing/upload-file.js';
import { openForWriting } from '../../src/journal/open.js';
import { decodeDescription } from '../../src/model/description.js';
import { Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { RelPath } from '../../src/model/rel-path.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { createIncoming } from '../../src/transfer/incoming.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import type { Inflow } from '../../src/transfer/port.js';
import { everyFault, type Fault, Faults, instead } from './faults.js';
import { syncOnce } from './syncing.js';
import { type Meddle, MIB, World } from './world.js';

const NAME = RelPath.parse('dumps/mail.tar');

/** Gives the pieces; then the end, or what `then` does. */
function inflowOf(
  pieces: Iterable<Uint8Array>,
  then: (signal: AbortSignal) => Promise<null> = async () => null,
): Inflow {
  const rest = pieces[Symbol.iterator]();
  return {
    name: 'standard input',
    read: async (signal) => {
      const { done, value } = rest.next();
      return done === true ? then(signal) : value;
    },
  };
}

/** Nothing comes, and nothing ends it but the signal. */
function silence(signal: AbortSignal): Promise<null> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(new Failure('INTERRUPTED', 'interrupted'));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave);
  });
}

/** Comes in pieces as a pipe gives them. */
function* piped(content: Uint8Array, step = 65_536): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += step) yield content.subarray(at, at + step);
}

interface StreamRun {
  readonly path?: RelPath;
  readonly partSize?: number;
  readonly maxSize?: number;
  readonly soon?: AbortSignal;
  readonly meddle?: Meddle;
}

function uploadPiped(world: World, inflow: Inflow, run: StreamRun = {}): Promise<UploadTally> {
  return world.run(async (ports, halt) => {
    const tally = emptyUploadTally();
    const sizes = { partSize: run.partSize ?? MIB, maxSize: run.maxSize ?? 100 * MIB };
    const incoming = createIncoming({ ...ports, ...sizes, inflow, width: 3 });
    const { path = NAME, soon = halt.soon } = run;
    await uploadStream({ path, width: 3 }, { ...ports, incoming }, tally, { ...halt, soon });
    return tally;
  }, run.meddle);
}

/** The file of this name in the world's home, which no name in the journal leads to. */
function uploadElsewhere(world: World, file: string, path = NAME, meddle?: Meddle): Promise<UploadTally> {
  return world.run(async (ports, halt) => {
    const place: Place = { ...placeOf(world.home), locate: () => join(world.home, file) };
    const looked = lookAt(place, path);
    if (looked.kind !== 'file') throw new Error(`${file} is ${looked.kind}`);
    const tally = emptyUploadTally();
    const transfer = createInlineTransfer({ ...ports, place, width: 3 });
    await uploadFile({ file: looked.file, partSize: MIB, width: 3 }, { ...ports, transfer }, tally, halt);
    return tally;
  }, meddle);
}

const syncHere = (world: World, meddle?: Meddle) =>
  syncOnce(world, { replaceModified: true, width: 2, detect: 'mtime' }, meddle);

async function leftIn(world: World): Promise<{ intents: string[]; possibleOrphans: string[] }> {
  await using open = await openForWriting(world.journalFile, { create: true, encoding: UTF_8 }, () => undefined);
  const { left, possibleOrphans } = open.intents;
  return { intents: left.map(({ file }) => file.path), possibleOrphans: possibleOrphans.map(({ file }) => file.path) };
}

const hashOf = (content: Uint8Array): string => treeHashOf(content, nodeEngine);

/** Of every archive in the vault what its description says, and the hash of its content. */
function held(world: World): { filename: string | undefined; mtime: number | undefined; treeHash: string }[] {
  return world.vault.archives().map(({ description, bytes }) => {
    const described = decodeDescription(description);
    return { filename: described?.filename, mtime: described?.mtime, treeHash: hashOf(bytes) };
  });
}

/** What must be true after an upload that came to nothing. */
async function expectNothingLeft(world: World): Promise<void> {
  expect(world.vault.openUploads()).toEqual([]);
  expect(world.vault.archives()).toEqual([]);
  expect(await leftIn(world)).toEqual({ intents: [], possibleOrphans: [] });
}

const TAR = Uint8Array.from({ length: 3 * MIB + 5 }, (_, index) => (index * 31) % 253);

describe('upload-file from a pipe', () => {
  it('what fits into one part goes in one request, under the name and with the time of the beginning', async () => {
    using world = await World.create();
    const watched = new Faults();
    const mtime = world.clock.seconds;
    expect(await uploadPiped(world, inflowOf([Buffer.from('mail')]), { meddle: watched.meddle })).toMatchObject({
      stored: 1,
      storedBytes: 4,
    });
    expect(watched.log).toEqual(['intents.begin', 'vault.uploadWhole', 'journal.append']);
    expect(held(world)).toEqual([{ filename: NAME, mtime, treeHash: hashOf(Buffer.from('mail')) }]);
    expect(await world.recorded()).toMatchObject([{ path: NAME, size: 4, mtime }]);
  });

  it('what does not fit goes in parts, with an intent on disk before the first', async () => {
    using world = await World.create();
    const watched = new Faults();
    expect(await uploadPiped(world, inflowOf(piped(TAR)), { meddle: watched.meddle })).toMatchObject({
      storedBytes: TAR.length,
    });
    expect(watched.log).toEqual([
      'intents.begin',
      'vault.beginUpload',
      'intents.advance',
      ...Array.from({ length: 4 }, () => 'vault.uploadPart'),
      'intents.begin',
      'intents.settle',
      'vault.completeUpload',
      'journal.append',
    ]);
    expect(held(world)).toEqual([expect.objectContaining({ filename: NAME, treeHash: hashOf(TAR) })]);
    expect(await world.recorded()).toMatchObject([{ size: TAR.length, treeHash: hashOf(TAR) }]);
    expect(await leftIn(world)).toEqual({ intents: [], possibleOrphans: [] });
  });

  it('of any length, what is stored is what came in', async () => {
    const lengths = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(-1, 0, 1)).map(([m, d]) => m * MIB + d);
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 10_000, max: 3_000_000 }), async (length, step) => {
        using world = await World.create();
        const content = Buffer.alloc(length, 'a pipe');
        await uploadPiped(world, inflowOf(piped(content, step)), { partSize: 2 * MIB });
        expect(held(world)).toMatchObject([{ treeHash: hashOf(content) }]);
        expect(await world.recorded()).toMatchObject([{ size: length, treeHash: hashOf(content) }]);
      }),
      { numRuns: 20 },
    );
  });

  it('more than was allowed leaves nothing, neither in the vault nor beside the journal', async () => {
    using world = await World.create();
    const failing = uploadPiped(world, inflowOf(piped(TAR)), { maxSize: 3 * MIB });
    await expect(failing).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expectNothingLeft(world);
  });

  it('a pipe that breaks leaves nothing, wherever it breaks', async () => {
    for (const length of [0, 1, MIB, MIB + 1, TAR.length]) {
      using world = await World.create();
      const broken = async () => Promise.reject(new Failure('FILE_UNREADABLE', 'the pipe broke'));
      const failing = uploadPiped(world, inflowOf(piped(TAR.subarray(0, length)), broken));
      await expect(failing).rejects.toThrow('the pipe broke');
      await expectNothingLeft(world);
    }
  });

  it('Ctrl-C while more is waited for ends it and drops what was sent', async () => {
    using world = await World.create();
    const stop = new AbortController();
    const silent = (signal: AbortSignal): Promise<null> => {
      const silenced = silence(signal);
      stop.abort();
      return silenced;
    };
    const failing = uploadPiped(world, inflowOf(piped(TAR), silent), { soon: stop.signal });
    await expect(failing).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expectNothingLeft(world);
  });

  it('a part that is refused is told at once, however long the pipe is silent', async () => {
    using world = await World.create();
    const refusing = instead('vault', 'uploadPart', async () => {
      throw new Failure('ACCESS_DENIED', 'not yours');
    });
    const failing = uploadPiped(world, inflowOf(piped(TAR.subarray(0, MIB + 1)), silence), { meddle: refusing });
    await expect(failing).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});

describe('upload-file from a pipe, when the vault does not do as it is told', () => {
  it('an upload that is gone when it is to be completed may have been stored', async () => {
    using world = await World.create();
    const gone = instead('vault', 'completeUpload', async (complete, ...given) => {
      await complete(...given);
      throw new Failure('UPLOAD_NOT_FOUND', 'no such upload');
    });
    await expect(uploadPiped(world, inflowOf(piped(TAR)), { meddle: gone })).rejects.toThrow('no such upload');
    expect(await leftIn(world)).toEqual({ intents: [], possibleOrphans: [NAME] });
  });

  it('an upload that cannot be dropped is left to the next run, and the first failure is told', async () => {
    using world = await World.create();
    const refusing = instead('vault', 'abandonUpload', async () => {
      throw new Failure('TIMED_OUT', 'no answer');
    });
    const failing = uploadPiped(world, inflowOf(piped(TAR)), { maxSize: 3 * MIB, meddle: refusing });
    await expect(failing).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(await leftIn(world)).toEqual({ intents: [NAME], possibleOrphans: [] });
    await uploadPiped(world, inflowOf(piped(TAR)));
    expect(world.vault.openUploads()).toEqual([]);
    expect(held(world)).toEqual([expect.objectContaining({ treeHash: hashOf(TAR) })]);
  });
});

describe('upload-file of a file from elsewhere', () => {
  it('is stored with its own time under the given name', async () => {
    using world = await World.create();
    world.write('../large.bin', TAR, 1_500_000_000);
    expect(await uploadElsewhere(world, 'large.bin')).toMatchObject({ stored: 1, storedBytes: TAR.length });
    expect(held(world)).toEqual([{ filename: NAME, mtime: 1_500_000_000, treeHash: hashOf(TAR) }]);
    expect(await world.recorded()).toMatchObject([{ path: NAME, size: TAR.length, mtime: 1_500_000_000 }]);
  });

  it('goes on where it was interrupted', async () => {
    using world = await World.create();
    world.write('../large.bin', TAR);
    const died = new Faults({ nth: 6, lasting: 'from then on', when: 'before' });
    await expect(uploadElsewhere(world, 'large.bin', NAME, died.meddle)).rejects.toThrow('made to fail');
    const again = new Faults();
    await uploadElsewhere(world, 'large.bin', NAME, again.meddle);
    expect(again.log).not.toContain('vault.beginUpload');
    expect(world.eventsOf('stored').at(-1)?.resumed).toBeGreaterThanOrEqual(MIB);
    expect(held(world)).toEqual([expect.objectContaining({ treeHash: hashOf(TAR) })]);
  });

  it('finds that an earlier run has stored it, when only the answer was lost', async () => {
    using world = await World.create();
    world.write('../large.bin', TAR);
    const died = instead('vault', 'completeUpload', async (complete, ...given) => {
      await complete(...given);
      throw new Failure('TIMED_OUT', 'no answer');
    });
    await expect(uploadElsewhere(world, 'large.bin', NAME, died)).rejects.toThrow('no answer');
    expect(await uploadElsewhere(world, 'large.bin')).toMatchObject({ stored: 1 });
    expect(await world.recorded()).toHaveLength(1);
    expect(held(world)).toHaveLength(1);
  });
});

describe('upload-file and names', () => {
  it('a name that the journal has is refused before anything is sent', async () => {
    using world = await World.create();
    await uploadPiped(world, inflowOf([Buffer.from('old')]));
    world.write('../small.txt', 'new');
    const watched = new Faults();
    const refusal = { code: 'NAME_TAKEN', message: 'the journal has "dumps/mail.tar" already, of 3 bytes' };
    await expect(uploadElsewhere(world, 'small.txt', NAME, watched.meddle)).rejects.toMatchObject(refusal);
    const piping = uploadPiped(world, inflowOf([Buffer.from('new')]), { meddle: watched.meddle });
    await expect(piping).rejects.toMatchObject(refusal);
    await expect(world.run(async (ports) => planUpload(NAME, 3, ports))).rejects.toMatchObject(refusal);
    expect(watched.log).toEqual([]);
  });

  it('a dry run tells the step', async () => {
    using world = await World.create();
    await world.run(async (ports) => planUpload(NAME, null, ports));
    expect(world.events).toEqual([{ event: 'planned', do: 'upload', path: NAME, size: null }]);
  });
});

describe('upload-file and what earlier runs left', () => {
  const DIES = { nth: 5, lasting: 'from then on', when: 'before' } as const;

  it('what is left of a pipe is dropped by the next upload-file, of whatever name', async () => {
    using world = await World.create();
    const died = uploadPiped(world, inflowOf(piped(TAR)), { meddle: new Faults(DIES).meddle });
    await expect(died).rejects.toThrow('made to fail');
    expect(world.vault.openUploads()).toHaveLength(1);
    world.write('../small.txt', 'small');
    await uploadElsewhere(world, 'small.txt', RelPath.parse('other'));
    expect(world.vault.openUploads()).toEqual([]);
    expect(await leftIn(world)).toEqual({ intents: [], possibleOrphans: [] });
  });

  it('what is left of other files stays for sync, what is left of older content of this name is dropped', async () => {
    using world = await World.create();
    for (const [file, path] of [
      ['a.bin', 'a'],
      ['b.bin', 'b'],
    ] as const) {
      world.write(`../${file}`, TAR);
      const died = uploadElsewhere(world, file, RelPath.parse(path), new Faults(DIES).meddle);
      await expect(died).rejects.toThrow('made to fail');
    }
    world.write('../a.bin', 'changed');
    await uploadElsewhere(world, 'a.bin', RelPath.parse('a'));
    expect((await leftIn(world)).intents).toEqual(['b']);
    expect(world.vault.openUploads()).toHaveLength(1);
  });

  it('sync drops what is left of a pipe, and never goes on with it for a file of that name', async () => {
    for (const same of [true, false]) {
      using world = await World.create();
      const died = uploadPiped(world, inflowOf(piped(TAR)), { meddle: new Faults(DIES).meddle });
      await expect(died).rejects.toThrow('made to fail');
      const content = same ? TAR : Buffer.concat([TAR.subarray(0, 2 * MIB), Buffer.alloc(MIB + 5, 'other')]);
      world.write(NAME, content, world.clock.seconds);
      const watched = new Faults();
      await syncHere(world, watched.meddle);
      expect(watched.log).toContain('vault.beginUpload');
      expect(watched.log).toContain('vault.abandonUpload');
      expect(world.vault.openUploads()).toEqual([]);
      expect(held(world)).toEqual([expect.objectContaining({ treeHash: hashOf(content) })]);
      expect(world.eventsOf('stored').map(({ resumed }) => resumed)).toEqual([0]);
    }
  });
});

describe('upload-file: whatever effect fails', () => {
  const KINDS = {
    'a pipe in one request': (world: World, meddle?: Meddle) =>
      uploadPiped(world, inflowOf(piped(TAR)), { partSize: 4 * MIB, ...(meddle && { meddle }) }),
    'a pipe in parts': (world: World, meddle?: Meddle) =>
      uploadPiped(world, inflowOf(piped(TAR)), { ...(meddle && { meddle }) }),
    'a file from elsewhere': (world: World, meddle?: Meddle) => uploadElsewhere(world, 'large.bin', NAME, meddle),
  };

  const newWorld = async (): Promise<World> => {
    const world = await World.create();
    writeFileSync(join(world.home, 'large.bin'), TAR);
    world.write('../large.bin', TAR);
    return world;
  };

  /** The id of such an upload has never reached the disk: the vault forgets it by itself, a day later. */
  const mayLeaveUpload = (effect: string | undefined, { when }: Fault): boolean =>
    effect === 'intents.advance' || (effect === 'vault.beginUpload' && when === 'after');

  it.each(Object.entries(KINDS))('%s: nothing is lost, and the next run completes it', async (_, upload) => {
    using pristine = await newWorld();
    const undisturbed = new Faults();
    await upload(pristine, undisturbed.meddle);

    for (const fault of everyFault(undisturbed.log.length)) {
      using world = await newWorld();
      const faults = new Faults(fault);
      const effect = undisturbed.log[fault.nth - 1];
      const what = `effect ${fault.nth} (${effect}) fails ${fault.lasting}, ${fault.when} it happens`;
      await expect(upload(world, faults.meddle), what).rejects.toThrow('was made to fail');

      world.clock.seconds += 60;
      const again = await upload(world).catch((thrown: Failure) => thrown);
      if (again instanceof Failure) expect(again.code, what).toBe('NAME_TAKEN');
      const recorded = await world.recorded();
      expect(recorded, what).toMatchObject([{ path: NAME, treeHash: hashOf(TAR) }]);
      const ids = world.vault.archives().map(({ id }) => id);
      expect(ids, what).toContain(recorded[0]?.id);
      const { intents, possibleOrphans } = await leftIn(world);
      expect(intents, what).toEqual([]);
      expect(possibleOrphans.length, what).toBeGreaterThanOrEqual(ids.length - 1);
      if (!mayLeaveUpload(effect, fault)) expect(world.vault.openUploads(), what).toEqual([]);
    }
  });
});
