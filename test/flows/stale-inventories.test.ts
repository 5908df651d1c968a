import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import { Failure } from '../../src/model/failure.js';
import type { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import type { InventoryItem } from '../../src/vault/inventory-port.js';
import { HOURS, inventoryOf, listed, READY } from './inventories.js';
import { gone, MTIME, stored, verify } from './verifying.js';
import { World } from './world.js';

/** What may happen to a vault and a journal between two looks at an inventory. */
type Deed =
  | { readonly do: 'wait'; readonly hours: number }
  /** The answer to an upload may be lost, and so may the upload. */
  | { readonly do: 'store'; readonly path: string; readonly outcome: 'recorded' | 'unrecorded' | 'nothing' }
  | { readonly do: 'delete'; readonly which: number; readonly told: 'recorded' | 'unrecorded' }
  /** Dated with its end; what is stored meanwhile is not in it. */
  | { readonly do: 'take'; readonly hours: number }
  | { readonly do: 'repair'; readonly which: number; readonly adopt: boolean; readonly forget: boolean };

const path = fc.constantFrom('a', 'b', 'c', 'd');
const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      do: fc.constant('store' as const),
      path,
      outcome: fc.constantFrom('recorded', 'unrecorded', 'nothing'),
    }),
    fc.record({ do: fc.constant('delete' as const), which: fc.nat(), told: fc.constantFrom('recorded', 'unrecorded') }),
    fc.record({ do: fc.constant('take' as const), hours: fc.integer({ min: 0, max: 12 }) }),
    fc.record({ do: fc.constant('repair' as const), which: fc.nat(), adopt: fc.boolean(), forget: fc.boolean() }),
  ),
  { minLength: 8, maxLength: 30 },
);

const STORED_MEANWHILE: Deed[] = [
  { do: 'store', path: 'a', outcome: 'recorded' },
  { do: 'take', hours: 1 },
  { do: 'store', path: 'b', outcome: 'recorded' },
  { do: 'store', path: 'c', outcome: 'unrecorded' },
  { do: 'wait', hours: 1 },
  { do: 'repair', which: 0, adopt: true, forget: true },
];

/** A world and the inventories that were ever taken of its vault. */
class Past implements Disposable {
  readonly #inventories: { readonly readyAt: number; readonly items: readonly InventoryItem[] }[] = [];
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  [Symbol.dispose](): void {
    this.world[Symbol.dispose]();
  }

  async happen(deed: Deed): Promise<void> {
    const { world } = this;
    switch (deed.do) {
      case 'wait':
        world.clock.seconds += deed.hours * HOURS;
        return;
      case 'store':
        return this.#store(deed.path, deed.outcome);
      case 'delete':
        return this.#delete(deed.which, deed.told);
      case 'take':
        return this.#take(deed.hours);
      case 'repair':
        return this.#repair(deed.which, deed);
    }
  }

  async #store(path: string, outcome: 'recorded' | 'unrecorded' | 'nothing'): Promise<void> {
    const { world } = this;
    world.clock.seconds += 1;
    if (outcome === 'recorded') return void (await stored(world, path));
    const file = { path: RelPath.parse(path), size: `content of ${path}`.length, mtime: MTIME };
    await world.run(({ intents, clock }) => intents.begin(clock.now(), file, null, { step: 'whole' }));
    if (outcome === 'unrecorded') await stored(world, path, 'unrecorded');
  }

  async #delete(which: number, told: 'recorded' | 'unrecorded'): Promise<void> {
    const archives = this.world.vault.archives();
    const archive = archives[which % archives.length];
    if (archive === undefined) return;
    const known = (await this.#recorded()).get(archive.id);
    await gone(this.world, known ?? '', archive.id, known === undefined ? 'unrecorded' : told);
  }

  #take(hours: number): void {
    const readyAt = this.world.clock.seconds + hours * HOURS;
    const entries = this.world.vault.archives().map(({ id, description, treeHash, createdAt, bytes }) => {
      return listed(id, { description, treeHash, createdAt, size: bytes.length });
    });
    this.#inventories.push({ readyAt, items: [{ item: 'taken', at: Instant.ofSeconds(readyAt) }, ...entries] });
  }

  /** With any inventory that can be read, however old, and what must be true then. */
  async #repair(which: number, how: { readonly adopt: boolean; readonly forget: boolean }): Promise<void> {
    const { world } = this;
    const ready = this.#inventories.filter(({ readyAt }) => readyAt <= world.clock.seconds);
    const inventory = ready[which % ready.length];
    const before = await this.#recorded();
    if (inventory === undefined || before.size === 0) return;
    const { adopt, forget } = how;
    await verify(world, READY, { vault: inventoryOf(inventory.items), adopt, forget }).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure) || thrown.code !== 'BRAKE') throw thrown;
    });

    const after = await this.#recorded();
    const held = new Set(world.vault.archives().map(({ id }) => id));
    for (const id of before.keys()) if (held.has(id)) expect(after.has(id), `${id} is forgotten and held`).toBe(true);
    const inInventory = new Set(inventory.items.flatMap((one) => (one.item === 'archive' ? one.archive.id : [])));
    for (const id of after.keys()) expect(before.has(id) || inInventory.has(id), `${id} came from nowhere`).toBe(true);
    await this.#assertNoneIsLost();
  }

  /** Whatever the vault holds is in the journal, or is listed as a possible orphan. */
  async #assertNoneIsLost(): Promise<void> {
    const recorded = await this.#recorded();
    const listed = await this.world.run(async ({ intents }) => intents.possibleOrphans.map(({ file }) => file.path));
    for (const { id, description } of this.world.vault.archives()) {
      if (recorded.has(id)) continue;
      const names = listed.map((filename) => encodeDescription({ filename, mtime: MTIME }));
      expect(names, `${id} is known nowhere`).toContain(description);
    }
  }

  /** Paths by id. A journal that creates or deletes twice could not be read. */
  async #recorded(): Promise<ReadonlyMap<ArchiveId, RelPath>> {
    const archives = await this.world.run(async ({ journal }) => {
      const all: [ArchiveId, RelPath][] = [];
      for await (const { id, path } of journal.live.all()) all.push([id, path]);
      return all;
    });
    return new Map(archives);
  }
}

describe('verify-remote with inventories of any age', () => {
  it('forgets nothing that the vault holds, and loses no archive out of sight', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (all) => {
        using past = new Past(await World.create());
        for (const deed of all) await past.happen(deed);
      }),
      { numRuns: 20, examples: [[STORED_MEANWHILE]] },
    );
  });
});
