import { appendFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyRestoreTally, planRestore, restore } from '../../src/flows/retrieving/restore.js';
import {
  emptyRestoreCompletedTally,
  type RestoreCompletedTally,
  restoreCompleted,
} from '../../src/flows/retrieving/restore-completed.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { everyFault, Faults, instead } from './faults.js';
import { lostWorld } from './lost-world.js';
import { type Asked, allowedBy, FREE, restoreRequest } from './restoring.js';
import { type Meddle, MIB, type World } from './world.js';

const HOURS = 3600;

function restoreOnce(world: World, asked: Asked = {}, meddle?: Meddle) {
  return world.run(async (ports, halt) => {
    const tally = emptyRestoreTally();
    await restore(restoreRequest(world.root, { maxFiles: 100, ...asked }), ports, tally, halt);
    return tally;
  }, meddle);
}

function fetchOnce(world: World, meddle?: Meddle, segmentSize = MIB): Promise<RestoreCompletedTally> {
  return world.run(async (ports, halt) => {
    const tally = emptyRestoreCompletedTally();
    await restoreCompleted({ segmentSize, width: 2, files: { small: 2, large: 2 } }, ports, tally, halt);
    return tally;
  }, meddle);
}

describe('restore', () => {
  it('asks once a day for each missing file, whoever asks', async () => {
    using lost = await lostWorld();
    const { world } = lost;
    world.write('a.txt', 'here again');
    expect(await restoreOnce(world)).toMatchObject({ requested: 3, here: 1, underWay: 0 });
    expect(await restoreOnce(world)).toMatchObject({ requested: 0, here: 1, underWay: 3 });
    world.clock.seconds += 25 * HOURS + 5 * HOURS;
    expect(await restoreOnce(world)).toMatchObject({ requested: 3 });
  });

  it('does not ask again for what a run asked for that died before it could write so', async () => {
    using lost = await lostWorld({ 'a.txt': 'a' });
    const { world } = lost;
    const died = new Faults({ nth: 2, lasting: 'once', when: 'before' });
    await expect(restoreOnce(world, {}, died.meddle)).rejects.toThrow('journal.append was made to fail');
    expect(await restoreOnce(world)).toMatchObject({ requested: 0, underWay: 1 });
    expect(world.journalLines().filter((line) => line.includes('RETRIEVE_JOB'))).toHaveLength(1);
  });

  it('writes a retrieval into the journal once, also when it stays readable for longer than a day', async () => {
    using lost = await lostWorld({ 'a.txt': 'a' });
    const { world } = lost;
    await restoreOnce(world, { tier: 'Bulk' });
    world.clock.seconds += 30 * HOURS;
    for (let run = 0; run < 3; run++) expect(await restoreOnce(world)).toMatchObject({ requested: 0, underWay: 1 });
    expect(world.journalLines().filter((line) => line.includes('RETRIEVE_JOB'))).toHaveLength(1);
  });

  it('asks again for what the vault could not retrieve', async () => {
    using lost = await lostWorld({ 'a.txt': 'a' });
    await restoreOnce(lost.world);
    const [requested] = lost.world.eventsOf('requested');
    lost.world.vault.failRetrieval(requested!.jobId, 'no luck');
    expect(await restoreOnce(lost.world)).toMatchObject({ requested: 1, underWay: 0 });
    expect(await restoreOnce(lost.world)).toMatchObject({ requested: 0, underWay: 1 });
  });

  it('asks for nothing that could never be written', async () => {
    using lost = await lostWorld({ 'a.txt': 'a' });
    const { world } = lost;
    appendFileSync(world.journalFile, `B\t5\tCREATED\tID\t1\t5\t${'0'.repeat(64)}\tdirectory/\n`);
    appendFileSync(world.journalFile, `B\t5\tCREATED\tID2\t1\t5\t${'0'.repeat(64)}\tnul\0l\n`);
    mkdirSync(join(world.root, 'a.txt'));
    expect(await restoreOnce(world)).toMatchObject({ requested: 0, failed: 3 });
    const codes = world.eventsOf('failed').map(({ code }) => code);
    expect(codes.sort()).toEqual(['FILE_UNWRITABLE', 'NAME_REFUSED', 'NAME_REFUSED']);
  });

  it('stops at the limit and says that more remains', async () => {
    using lost = await lostWorld();
    expect(await restoreOnce(lost.world, { maxFiles: 3 })).toMatchObject({ requested: 3, left: 1 });
    expect(await restoreOnce(lost.world, { maxFiles: 3 })).toMatchObject({ requested: 1, left: 0 });
  });

  it('in a dry run names what it would ask for and asks for nothing', async () => {
    using lost = await lostWorld();
    const watched = new Faults();
    const limits = { allowed: allowedBy({ maxFiles: 2 }), costOf: FREE };
    await lost.world.run((ports, halt) => planRestore(limits, ports, emptyRestoreTally(), halt), watched.meddle);
    expect(watched.log).toEqual([]);
    expect(lost.world.eventsOf('planned').map(({ path }) => path)).toEqual(['a.txt', 'deep/er/b.txt']);
  });
});

describe('restore-completed', () => {
  it('waits, and then brings back every byte and every time', async () => {
    using lost = await lostWorld();
    const { world, tree } = lost;
    await restoreOnce(world);
    const asked = world.clock.seconds;
    const early = await fetchOnce(world);
    expect(early).toMatchObject({ restored: 0, waiting: 4 });
    expect(world.tree()).toEqual({});
    if (early.readyAt !== null) expect(early.readyAt.to).toBeGreaterThan(asked);
    world.clock.seconds += 6 * HOURS;
    expect(await fetchOnce(world)).toMatchObject({ restored: 4, waiting: 0 });
    expect(world.tree()).toEqual(tree);
    expect(await fetchOnce(world)).toMatchObject({ restored: 0, here: 4 });
  });

  it('fetches in one piece as well as in segments', async () => {
    using lost = await lostWorld();
    await restoreOnce(lost.world);
    lost.world.clock.seconds += 6 * HOURS;
    await fetchOnce(lost.world, undefined, Number.POSITIVE_INFINITY);
    expect(lost.world.tree()).toEqual(lost.tree);
  });

  it('tells missing files that nobody asked for apart', async () => {
    using lost = await lostWorld();
    await restoreOnce(lost.world, { maxFiles: 1 });
    lost.world.clock.seconds += 6 * HOURS;
    expect(await fetchOnce(lost.world)).toMatchObject({ restored: 1, notRequested: 3 });
  });

  it('lets no file appear whose content is not the journal’s', async () => {
    using lost = await lostWorld({ 'a.txt': 'a', 'b.txt': 'b' });
    const { world } = lost;
    await restoreOnce(world);
    world.clock.seconds += 6 * HOURS;
    const lying = instead('vault', 'read', () => Promise.resolve({ treeHash: null, body: [Buffer.from('X')] }));
    expect(await fetchOnce(world, lying)).toMatchObject({ restored: 0, failed: 2, mismatches: 2 });
    expect(world.eventsOf('failed').map(({ code }) => code)).toEqual(['HASH_MISMATCH', 'HASH_MISMATCH']);
    expect(readdirSync(world.root)).toEqual([]);
    expect(await fetchOnce(world)).toMatchObject({ restored: 2, failed: 0 });
  });

  it('fetches a range anew that breaks off on its way', async () => {
    using lost = await lostWorld({ 'large.bin': Buffer.alloc(3 * MIB, 'x') });
    const { world } = lost;
    await restoreOnce(world);
    world.clock.seconds += 6 * HOURS;
    let broken = 0;
    const breaking = instead('vault', 'read', (read, ...given) => {
      if (broken++ >= 3) return read(...given);
      return Promise.resolve({ treeHash: null, body: [Buffer.from('only the beginning')] });
    });
    expect(await fetchOnce(world, breaking)).toMatchObject({ restored: 1, failed: 0 });
    expect(world.eventsOf('retrying')).toHaveLength(3);
    expect(world.tree()).toEqual(lost.tree);
  });

  it('cannot be led out of the directory through a link in it', async () => {
    using lost = await lostWorld({ 'link/b.txt': 'b' });
    const { world } = lost;
    symlinkSync(world.home, join(world.root, 'link'));
    await restoreOnce(world);
    world.clock.seconds += 6 * HOURS;
    expect(await fetchOnce(world)).toMatchObject({ restored: 0, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'NAME_REFUSED' }]);
    expect(existsSync(join(world.home, 'b.txt'))).toBe(false);
  });

  it('leaves the download time where the journal knows no mtime', async () => {
    using lost = await lostWorld({ 'a.txt': 'a' });
    const { world } = lost;
    const [archive] = await world.recorded();
    await world.run(async (ports) => {
      const id = ArchiveId.parse(archive?.id ?? '');
      await ports.journal.append({
        type: 'deleted',
        at: ports.clock.now(),
        archiveId: id,
        path: RelPath.parse('a.txt'),
      });
      const again = { id, path: RelPath.parse('a.txt'), size: 1, mtime: null, createdAt: Instant.ofSeconds(5) };
      const treeHash = TreeHash.parse(archive?.treeHash ?? '');
      await ports.journal.append({ type: 'created', archive: { ...again, treeHash } });
    });
    await restoreOnce(world);
    world.clock.seconds += 6 * HOURS;
    expect(await fetchOnce(world)).toMatchObject({ restored: 1, failed: 0 });
    expect(world.read('a.txt')).toBe('a');
  });
});

describe('restore-completed: whatever effect fails', () => {
  it('no name holds wrong content, no rest lies around, and the next run completes it', {
    timeout: 120_000,
  }, async () => {
    const effects = await (async () => {
      using lost = await lostWorld();
      await restoreOnce(lost.world);
      lost.world.clock.seconds += 6 * HOURS;
      const undisturbed = new Faults();
      await fetchOnce(lost.world, undisturbed.meddle);
      return undisturbed.log.length;
    })();
    expect(effects).toBeGreaterThan(15);

    for (const fault of everyFault(effects)) {
      using lost = await lostWorld();
      const { world, tree } = lost;
      await restoreOnce(world);
      world.clock.seconds += 6 * HOURS;
      const faults = new Faults(fault);
      const what = `effect ${fault.nth} fails ${fault.lasting}, ${fault.when}`;
      await fetchOnce(world, faults.meddle).catch((failure: unknown) => {
        expect(failure, what).toMatchObject({ message: expect.stringContaining('was made to fail') });
      });
      for (const [path, content] of world.named()) expect(content, `${what}: ${path}`).toBe(tree[path]);
      await fetchOnce(world);
      expect(world.tree(), what).toEqual(tree);
    }
  });
});
