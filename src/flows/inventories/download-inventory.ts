// The story of download-inventory: a journal made from what the vault itself lists.

import type { NewJournal } from '../../journal/new-journal.js';
import type { SetAsideReport } from '../../journal/set-aside.js';
import type { Archive } from '../../model/archive.js';
import { type ArchiveName, type NameSource, type NamingRules, nameOf } from '../../model/archive-naming.js';
import type { Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { throwIfInterrupted } from '../../model/failure.js';
import { DIALECTS, type Dialect, explainedBy } from '../../model/foreign-descriptions.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { InventoriedArchive, InventoryItem, Inventorying, ReadyInventory } from '../../vault/inventory-port.js';
import { type Amount, countInto, noAmount } from '../amount.js';
import { PossibleRepeats } from './repeats.js';

export interface DownloadInventoryPorts {
  readonly vault: Pick<Inventorying, 'readInventory'>;
  readonly journal: Pick<NewJournal, 'add' | 'finish'>;
  readonly setAside: Pick<SetAsideReport, 'add' | 'finish'>;
  readonly report: Report;
}

export interface DownloadInventoryRequest {
  readonly ready: ReadyInventory;
  readonly rules: NamingRules;
}

/** Every archive of the inventory is in exactly one of `named` and `setAside`. */
export interface DownloadInventoryTally {
  /** In the journal, by how the name was found. */
  readonly named: Record<NameSource, Amount>;
  readonly setAside: Amount;
  /** Entries of the inventory that are no archives. */
  unreadable: number;
  /** Of `named`: what comes back is a form that another program compressed or encrypted. */
  wrapped: number;
  /** Of those that go by their archive id: how many a dialect would explain that was not asked for. */
  readonly explicable: Record<Dialect, number>;
  takenAt: Instant | null;
}

export function emptyDownloadInventoryTally(): DownloadInventoryTally {
  return {
    named: {
      mt2: noAmount(),
      mt1: noAmount(),
      fastglacier: noAmount(),
      cloudberry: noAmount(),
      qnap: noAmount(),
      plain: noAmount(),
      'archive-id': noAmount(),
    },
    setAside: noAmount(),
    unreadable: 0,
    wrapped: 0,
    explicable: { fastglacier: 0, cloudberry: 0, qnap: 0, plain: 0 },
    takenAt: null,
  };
}

/** Bytes of an inventory about one archive: few have less. */
const ENTRY_SIZE = 300;
/** Where the vault does not tell how long its inventory is. */
const EXPECTED_ARCHIVES = 1_000_000;

/**
 * Writes a line for each archive that the inventory lists; what cannot be held is set aside. Both files appear together,
 * when all has been read. Memory: 3 to 6 bytes an archive.
 * @throws Failure when the inventory cannot be read to its end
 */
export async function downloadInventory(
  request: DownloadInventoryRequest,
  ports: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
  halt: Halt,
): Promise<void> {
  const doubtful = await writeSurelyNew(request, ports, tally, halt);
  if (doubtful.size > 0) await settleDoubtful(doubtful, request, ports, tally, halt);
  await ports.setAside.finish();
  await ports.journal.finish();
}

/** An archive that may have been listed before: not written yet, however often it came. */
interface Doubtful {
  readonly archive: InventoriedArchive;
  heldBack: number;
  listed: number;
}

/** A journal that creates one archive twice is damaged: what may be a repetition is held back. */
async function writeSurelyNew(
  request: DownloadInventoryRequest,
  ports: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
  halt: Halt,
): Promise<Map<ArchiveId, Doubtful>> {
  const { ready, rules } = request;
  const seen = new PossibleRepeats(ready.size === null ? EXPECTED_ARCHIVES : ready.size / ENTRY_SIZE);
  const doubtful = new Map<ArchiveId, Doubtful>();
  for await (const item of itemsOf(ready, ports, halt)) {
    if (item.item !== 'archive') await take(item, ports, tally);
    else if (seen.mayRepeat(item.archive.id)) holdBack(item.archive, doubtful);
    else await write(item.archive, rules, ports, tally);
  }
  return doubtful;
}

function holdBack(archive: InventoriedArchive, doubtful: Map<ArchiveId, Doubtful>): void {
  const known = doubtful.get(archive.id);
  if (known === undefined) doubtful.set(archive.id, { archive, heldBack: 1, listed: 0 });
  else known.heldBack++;
}

/** Counts, in a second reading, how often each is really listed: one that never was written is written now. */
async function settleDoubtful(
  doubtful: ReadonlyMap<ArchiveId, Doubtful>,
  request: DownloadInventoryRequest,
  ports: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
  halt: Halt,
): Promise<void> {
  const { ready, rules } = request;
  for await (const item of itemsOf(ready, ports, halt)) {
    const known = item.item === 'archive' ? doubtful.get(item.archive.id) : undefined;
    if (known !== undefined) known.listed++;
  }
  for (const { archive, heldBack, listed } of doubtful.values()) {
    if (listed === heldBack) await write(archive, rules, ports, tally);
    for (let repeat = 1; repeat < listed; repeat++) {
      await setAside(archive, nameOf(archive, rules), 'the inventory lists this archive more than once', ports, tally);
    }
  }
}

async function* itemsOf(
  ready: ReadyInventory,
  { vault }: DownloadInventoryPorts,
  halt: Halt,
): AsyncGenerator<InventoryItem> {
  for await (const item of vault.readInventory(ready, halt.now)) {
    throwIfInterrupted(halt.soon);
    yield item;
  }
}

async function take(
  item: Exclude<InventoryItem, { item: 'archive' }>,
  { setAside, report }: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
): Promise<void> {
  if (item.item === 'taken') {
    tally.takenAt = item.at;
    return;
  }
  const { text, why } = item;
  tally.unreadable++;
  await setAside.add({ type: 'unreadable', text, why });
  report({ event: 'set-aside', name: text, archiveId: null, why });
}

async function write(
  archive: InventoriedArchive,
  rules: NamingRules,
  ports: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
): Promise<void> {
  const name = nameOf(archive, rules);
  if ('why' in name.held) return setAside(archive, name, name.held.why, ports, tally);
  await ports.journal.add(namedArchive(archive, name.held.path, name));
  countInto(tally.named[name.source], archive);
  if (name.isWrapped) tally.wrapped++;
  if (name.source === 'archive-id') countExplicable(archive, tally);
}

/** The archive as a journal knows it. */
export function namedArchive(archive: InventoriedArchive, path: Archive['path'], { mtime }: ArchiveName): Archive {
  const { id, size, treeHash, createdAt } = archive;
  return { id, path, size, mtime, treeHash, createdAt };
}

async function setAside(
  archive: InventoriedArchive,
  { found }: ArchiveName,
  why: string,
  ports: DownloadInventoryPorts,
  tally: DownloadInventoryTally,
): Promise<void> {
  const { id: archiveId, size, treeHash, createdAt, description } = archive;
  await ports.setAside.add({ type: 'archive', archiveId, size, treeHash, createdAt, description, name: found, why });
  countInto(tally.setAside, archive);
  ports.report({ event: 'set-aside', name: found, archiveId, why });
}

function countExplicable({ description }: InventoriedArchive, tally: DownloadInventoryTally): void {
  const explained = explainedBy(description, DIALECTS);
  if (explained !== null) tally.explicable[explained.dialect]++;
}
