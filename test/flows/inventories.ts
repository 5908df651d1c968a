// Inventories to read: of a world's vault, or of any entries.

import {
  type DownloadInventoryTally,
  downloadInventory,
  emptyDownloadInventoryTally,
} from '../../src/flows/inventories/download-inventory.js';
import { awaitedInventory } from '../../src/flows/inventories/inventory-standing.js';
import { retrieveInventory } from '../../src/flows/inventories/retrieve-inventory.js';
import { writeNewJournal } from '../../src/journal/new-journal.js';
import { writeSetAside } from '../../src/journal/set-aside.js';
import { Instant } from '../../src/model/clock.js';
import type { Dialect } from '../../src/model/foreign-descriptions.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import type { Halt } from '../../src/transfer/concurrently.js';
import type {
  InventoriedArchive,
  InventoryFormat,
  InventoryItem,
  Inventorying,
  ReadyInventory,
} from '../../src/vault/inventory-port.js';
import { hashed } from '../vault/bytes.js';
import type { World } from './world.js';

export const HOURS = 3600;
const never = new AbortController().signal;
export const GO_ON: Halt = { soon: never, now: never };

/** Any ready inventory, where it does not matter which. */
export const READY: ReadyInventory = {
  state: 'ready',
  jobId: JobId.parse('job-of-tests'),
  requestedAt: Instant.ofSeconds(0),
  readableUntil: null,
  size: null,
  format: 'JSON',
};

export function inventoryOf(items: readonly InventoryItem[]): Pick<Inventorying, 'readInventory'> {
  return {
    async *readInventory() {
      yield* items;
    },
  };
}

export function listed(id: string, more: Partial<InventoriedArchive> = {}): InventoryItem {
  const treeHash = TreeHash.parse('ab'.repeat(32));
  const createdAt = Instant.ofSeconds(1_500_000_000);
  return {
    item: 'archive',
    archive: { id: ArchiveId.parse(id), description: '', createdAt, size: 10, treeHash, ...more },
  };
}

/** Stores an archive with any description, as another program would. */
export async function storeAs(world: World, description: string, content = 'of another program'): Promise<ArchiveId> {
  const { archiveId } = await world.vault.uploadWhole(hashed(Buffer.from(content)), description, never);
  return archiveId;
}

/** Asks for an inventory and waits until it is ready. */
export async function takeInventory(world: World, format: InventoryFormat = 'JSON'): Promise<ReadyInventory> {
  await retrieveInventory(format, world.vault, GO_ON);
  world.clock.seconds += 6 * HOURS;
  const { ready } = await awaitedInventory(world.vault, never);
  if (ready === null) throw new Error('the inventory takes longer than this');
  return ready;
}

interface DownloadOptions {
  readonly vault?: Pick<Inventorying, 'readInventory'>;
  readonly dialects?: readonly Dialect[];
  readonly encoding?: TextEncoding;
  readonly halt?: Halt;
}

/** Makes a journal in the world's place for one. */
export async function download(
  world: World,
  ready: ReadyInventory,
  { vault = world.vault, dialects = [], encoding = UTF_8, halt = GO_ON }: DownloadOptions = {},
): Promise<DownloadInventoryTally> {
  const tally = emptyDownloadInventoryTally();
  await using journal = await writeNewJournal(world.journalFile, { encoding });
  await using setAside = await writeSetAside(world.journalFile);
  const report = world.events.push.bind(world.events);
  const ports = { vault, journal, setAside, report: (event: Parameters<typeof report>[0]) => void report(event) };
  await downloadInventory({ ready, rules: { dialects, encoding } }, ports, tally, halt);
  return tally;
}
