import { describe, expect, it } from 'vitest';
import { emptyPurgeTally, purge } from '../../src/flows/deleting/purge.js';
import { sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../../src/flows/storing/sync-tally.js';
import { openForWriting } from '../../src/journal/open.js';
import { decodeDescription } from '../../src/model/description.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { everyFault, type Fault, Faults } from './faults.js';
import { type Meddle, MIB, World } from './world.js';

const REQUEST: SyncRequest = {
  wanted: { new: true, replaceModified: true, deleteRemoved: true, detect: 'mtime-and-treehash' },
  partSize: MIB,
  width: 2,
  files: { small: 2, large: 2 },
  maxFiles: null,
  deleteEverything: false,
  foresee: false,
};

/** A directory that was synced and has changed since in every way: new, new and large, changed, changed and large, gone. */
async function changedWorld(): Promise<World> {
  const world = await World.create({
    'kept.txt': 'kept',
    'changed.txt': 'old',
    'changed.bin': new Uint8Array(2 * MIB).fill(1),
    'gone.txt': 'gone',
  });
  await syncOnce(world);
  world.write('changed.txt', 'new words');
  world.write('changed.bin', new Uint8Array(2 * MIB + 5).fill(2));
  world.write('new/a.txt', 'a');
  world.write('new/large.bin', new Uint8Array(3 * MIB - 1).fill(3));
  world.remove('gone.txt');
  world.clock.seconds += 60;
  return world;
}

function syncOnce(world: World, meddle?: Meddle): Promise<SyncTally> {
  return world.run(async (ports, halt) => {
    const tally = emptySyncTally();
    await sync(REQUEST, ports, tally, halt);
    return tally;
  }, meddle);
}

/** What must be true whatever has happened. */
async function assertNothingLost(world: World, what: string): Promise<void> {
  const recorded = await world.recorded();
  const held = new Map(world.vault.archives().map((archive) => [archive.id, archive]));
  // The journal may hold an archive whose deletion was not written down; never one that vanished otherwise.
  for (const path of ['kept.txt', 'changed.txt', 'changed.bin']) {
    const alive = recorded.filter((archive) => archive.path === path && held.has(archive.id));
    expect(alive, `${what}: ${path} is recorded and held`).not.toEqual([]);
  }
}

/** What must be true after a run that was not disturbed. */
async function assertComplete(world: World, what: string): Promise<void> {
  const recorded = await world.recorded();
  const paths = recorded.map(({ path }) => path);
  expect(paths, what).toEqual(['changed.bin', 'changed.txt', 'kept.txt', 'new/a.txt', 'new/large.bin']);
  const held = new Map(world.vault.archives().map((archive) => [archive.id, archive]));
  for (const { id, path, treeHash, size } of recorded) {
    const archive = held.get(id);
    expect(archive, `${what}: ${path} is held`).toBeDefined();
    expect([archive?.treeHash, archive?.bytes.length], what).toEqual([treeHash, size]);
    expect(decodeDescription(archive?.description ?? '')?.filename, what).toBe(path);
    held.delete(id);
  }
  const orphans = await possibleOrphans(world);
  for (const archive of held.values()) {
    const { filename } = decodeDescription(archive.description) ?? {};
    expect(orphans, `${what}: an archive that the journal does not know is listed`).toContain(filename);
  }
}

async function possibleOrphans(world: World): Promise<string[]> {
  await using open = await openForWriting(world.journalFile, { create: false, encoding: UTF_8 }, () => undefined);
  return open.intents.possibleOrphans.map(({ file }) => file.path);
}

const name = ({ nth, lasting, when }: Fault, log: readonly string[]): string =>
  `effect ${nth} (${log[nth - 1]}) fails ${lasting}, ${when} it happens`;

describe('sync: whatever effect fails', () => {
  it('nothing is lost, and the next run completes it', { timeout: 240_000 }, async () => {
    using pristine = await changedWorld();
    const undisturbed = new Faults();
    await syncOnce(pristine, undisturbed.meddle);
    await assertComplete(pristine, 'undisturbed');
    expect(undisturbed.log.length).toBeGreaterThan(30);

    for (const fault of everyFault(undisturbed.log.length)) {
      using world = await changedWorld();
      const faults = new Faults(fault);
      const outcome = await syncOnce(world, faults.meddle).then(
        () => 'ended',
        (failure: Error) => failure.message,
      );
      const what = name(fault, faults.log);
      expect(outcome, what).toMatch(/was made to fail/);
      await assertNothingLost(world, what);

      world.clock.seconds += 60;
      await syncOnce(world);
      await assertComplete(world, what);

      const idle = new Faults();
      const again = await syncOnce(world, idle.meddle);
      expect(again.stored + again.deletions.deleted, what).toBe(0);
      expect(idle.log, `${what}: a second run does nothing`).toEqual([]);
    }
  });
});

describe('purge: whatever effect fails', () => {
  const purgeOnce = (world: World, meddle?: Meddle) =>
    world.run(async (ports, halt) => {
      const tally = emptyPurgeTally();
      await purge(2, ports, tally, halt);
      return tally;
    }, meddle);

  it('the journal never says less is held than is held, and the next run completes it', {
    timeout: 120_000,
  }, async () => {
    using pristine = await changedWorld();
    const undisturbed = new Faults();
    await purgeOnce(pristine, undisturbed.meddle);
    expect(pristine.vault.archives()).toEqual([]);

    for (const fault of everyFault(undisturbed.log.length)) {
      using world = await changedWorld();
      const faults = new Faults(fault);
      await expect(purgeOnce(world, faults.meddle), name(fault, faults.log)).rejects.toThrow('was made to fail');
      const recorded = new Set((await world.recorded()).map(({ id }) => id));
      for (const { id } of world.vault.archives()) expect(recorded, name(fault, faults.log)).toContain(id);

      await purgeOnce(world);
      expect(world.vault.archives()).toEqual([]);
      expect(await world.recorded()).toEqual([]);
    }
  });
});
