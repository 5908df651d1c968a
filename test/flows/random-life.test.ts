// Any life of a directory, with any options: what is in the vault and in the journal afterwards.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRestoreTally, restore } from '../../src/flows/retrieving/restore.js';
import { emptyRestoreCompletedTally, restoreCompleted } from '../../src/flows/retrieving/restore-completed.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { asFailure } from '../../src/model/failure.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { parseFilter, selectionOf } from '../../src/plan/filter.js';
import { allOf } from '../all-of.js';
import { instead } from './faults.js';
import { restoreRequest } from './restoring.js';
import { type Asked, syncOnce } from './syncing.js';
import { type Meddle, MIB, World } from './world.js';

const ENCODINGS = [UTF_8, await loadEncoding('KOI8-R')];

const FILTERS = ['-a/', '+a/ +б/ -', '+*б* +c.txt -', '-!/a/', '+c.txt -', '-б'] as const;

const path = fc
  .array(fc.constantFrom('a', 'б', 'c.txt'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write keeping the time' as const), path }) },
  fc.record({ do: fc.constant('touch' as const), path }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), path, to: path }) },
  fc.record({ do: fc.constant('link' as const), path, to: path }),
  fc.record({ do: fc.constant('unmount' as const), path }),
);

const run = fc.record({
  do: fc.constant('sync' as const),
  asked: fc.record({
    new: fc.boolean(),
    replaceModified: fc.boolean(),
    deleteRemoved: fc.boolean(),
    deleteEverything: fc.boolean(),
  }),
  filter: fc.option(fc.constantFrom(...FILTERS), { nil: null }),
  follow: fc.boolean(),
  encoding: fc.constantFrom(...ENCODINGS),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
type Run = Omit<typeof run extends fc.Arbitrary<infer T> ? T : never, 'asked'> & { readonly asked: Asked };

/** A world to which things happen, and which holds every deletion against what is on its disk. */
class Life {
  readonly world: World;
  /** Empty places, as old as the day on which they were made, where a disk was. */
  readonly #unmounted = new Set<string>();
  #written = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** What cannot happen, as when something is in the way, does not. */
  happen(change: Change): void {
    const place = join(this.world.root, change.path);
    try {
      switch (change.do) {
        case 'write':
          return this.world.write(change.path, this.#content());
        case 'write keeping the time': {
          const { mtimeMs } = statSync(place);
          return this.world.write(change.path, this.#content(), mtimeMs / 1000);
        }
        case 'touch':
          return this.world.write(change.path, readFileSync(place));
        case 'remove':
          return rmSync(place, { recursive: true });
        case 'move':
          mkdirSync(dirname(join(this.world.root, change.to)), { recursive: true });
          return renameSync(place, join(this.world.root, change.to));
        case 'link':
          mkdirSync(dirname(place), { recursive: true });
          return symlinkSync(join(this.world.root, change.to), place);
        case 'unmount':
          rmSync(place, { recursive: true });
          mkdirSync(place);
          utimesSync(place, OLD, OLD);
          this.#unmounted.add(change.path);
      }
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    }
  }

  async sync({ asked, filter, follow, encoding }: Omit<Run, 'do'>): Promise<void> {
    const { world } = this;
    world.clock.seconds += 60;
    Object.assign(world, {
      follow,
      encoding,
      selection: filter === null ? EVERYTHING : selectionOf(parseFilter(filter)),
    });
    const tally = await syncOnce(world, asked, this.#judging(asked)).catch((thrown: unknown) => {
      expect(asFailure(thrown).code).toBe('BRAKE');
      return emptySyncTally();
    });
    await this.#judge(asked, tally.failed + tally.deletions.failed);
  }

  /** Everything is lost, and comes back; what lies in the way of another is told. */
  async comeBack(): Promise<void> {
    const { world } = this;
    Object.assign(world, { follow: false, encoding: UTF_8, selection: EVERYTHING });
    rmSync(world.root, { recursive: true });
    mkdirSync(world.root);
    await world.run((ports, halt) =>
      restore(restoreRequest(world.root, { tier: 'Bulk', width: 3 }), ports, emptyRestoreTally(), halt),
    );
    world.clock.seconds += 20 * 3600;
    const tally = emptyRestoreCompletedTally();
    await world.run((ports, halt) =>
      restoreCompleted({ segmentSize: MIB, width: 1, files: { small: 1, large: 1 } }, ports, tally, halt),
    );
    const recorded = await world.recorded();
    const inVault = new Map(world.vault.archives().map((archive) => [archive.id, archive.bytes]));
    expect(tally.restored + tally.failed).toBe(recorded.length);
    for (const { path, id } of recorded) {
      const isAlone = recorded.every((other) => !`${other.path}/`.startsWith(`${path}/`) || other.path === path);
      const isBelow = recorded.some((other) => path.startsWith(`${other.path}/`));
      if (isAlone && !isBelow)
        expect(readFileSync(join(world.root, path)).equals(inVault.get(id) ?? Buffer.of())).toBe(true);
    }
  }

  #content(): string {
    return `content ${String(++this.#written).padStart(5, '0')}`;
  }

  #judging({ deleteRemoved }: Asked): Meddle {
    return instead('vault', 'deleteArchive', async (deleteArchive, id, ...given) => {
      const versions = await this.world.recorded();
      const old = versions.find((archive) => archive.id === id);
      expect(old).toBeDefined();
      const { path } = old as (typeof versions)[number];
      const isReplaced = versions.filter((archive) => archive.path === path).length > 1;
      if (!isReplaced) {
        expect(deleteRemoved).toBe(true);
        expect(this.world.selection.includes(path), `${path} is selected`).toBe(true);
        expect(existsSync(join(this.world.root, path)) && statSync(join(this.world.root, path)).isFile(), path).toBe(
          false,
        );
        expect(this.#isHidden(path), `${path} is hidden`).toBe(false);
      }
      return deleteArchive(id, ...given);
    });
  }

  #isHidden(path: string): boolean {
    return [...this.#unmounted].some((place) => {
      const root = join(this.world.root, place);
      return path.startsWith(`${place}/`) && existsSync(root) && statSync(root).mtimeMs === OLD * 1000;
    });
  }

  /** Vault and journal agree, nothing is there twice, and what was stored of a file that was looked at is what it holds. */
  async #judge({ replaceModified }: Asked, failed: number): Promise<void> {
    const { world } = this;
    if (!existsSync(world.journalFile)) return;
    const recorded = await world.recorded();
    const inVault = new Map(world.vault.archives().map((archive) => [archive.id, archive]));
    expect(recorded.map(({ id, treeHash }) => `${id} ${treeHash}`).toSorted()).toEqual(
      [...inVault.values()].map(({ id, treeHash }) => `${id} ${treeHash}`).toSorted(),
    );
    expect(new Set(recorded.map(({ path }) => path)).size).toBe(recorded.length);
    if (replaceModified !== true || failed > 0) return;
    await world.run(async ({ directory }, halt) => {
      for (const found of (await allOf(directory.walk(halt.now))).flat()) {
        const archive = found.kind === 'file' ? recorded.find(({ path }) => path === found.file.path) : undefined;
        if (found.kind !== 'file' || archive === undefined || archive.mtime === found.file.mtime) continue;
        const content = readFileSync(directory.place.locate(found.file.path) as string | Buffer);
        expect(content.equals(inVault.get(archive.id)?.bytes ?? Buffer.of()), archive.path).toBe(true);
      }
    });
  }
}

const OLD = 1_500_000_000;

describe('any life of a directory', () => {
  it('loses no archive of a file that is here, stores nothing twice, overlooks no change, and can be undone', async () => {
    const lives = fc.array(fc.oneof({ weight: 3, arbitrary: change }, run), { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        using world = await World.create({ 'c.txt': 'c', 'a/c.txt': 'ac', 'б/a': 'ba' });
        const life = new Life(world);
        await life.sync({ asked: {}, filter: null, follow: false, encoding: UTF_8 });
        for (const one of all) {
          if (one.do === 'sync') await life.sync(one);
          else life.happen(one);
        }
        await life.comeBack();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 25) },
    );
  });
});
