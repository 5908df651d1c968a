// What verify-remote is about: archives that the journal was told of or not, and a run over an inventory of them.

import { verifyRemote } from '../../src/flows/inventories/verify-remote.js';
import { emptyVerifyTally, type VerifyRequest } from '../../src/flows/inventories/verify-tally.js';
import { readRecords } from '../../src/journal/records.js';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import type { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import type { Inventorying, ReadyInventory } from '../../src/vault/inventory-port.js';
import { storeAs } from './inventories.js';
import type { Meddle, World } from './world.js';

export const MTIME = Instant.ofSeconds(1_600_000_000);

/** Stores a file as sync does, but leaves it to the test whether the journal is told. */
export async function stored(
  world: World,
  path: string,
  told: 'recorded' | 'unrecorded' = 'recorded',
): Promise<ArchiveId> {
  const id = await storeAs(world, encodeDescription({ filename: path, mtime: MTIME }), `content of ${path}`);
  if (told === 'recorded') await record(world, path, id);
  return id;
}

export async function record(world: World, path: string, id: ArchiveId): Promise<void> {
  const archive = world.vault.archives().find((one) => one.id === id);
  if (archive === undefined) throw new Error(`${id} is not in the vault`);
  const { treeHash, createdAt, bytes } = archive;
  const known = { id, path: RelPath.parse(path), size: bytes.length, mtime: MTIME, treeHash, createdAt };
  await world.run(({ journal }) => journal.append({ type: 'created', archive: known }));
}

/** Deletes it in the vault; the journal may know it or not. */
export async function gone(world: World, path: string, id: ArchiveId, told: 'recorded' | 'unrecorded'): Promise<void> {
  const at = await world.vault.deleteArchive(id, new AbortController().signal);
  if (told === 'unrecorded') return;
  await world.run(({ journal }) => journal.append({ type: 'deleted', at, archiveId: id, path: RelPath.parse(path) }));
}

interface Asked extends Partial<Omit<VerifyRequest, 'ready'>> {
  readonly vault?: Pick<Inventorying, 'readInventory'>;
  readonly dryRun?: boolean;
}

export function verify(
  world: World,
  ready: ReadyInventory,
  { vault, dryRun = false, ...more }: Asked = {},
  meddle?: Meddle,
) {
  world.events.length = 0;
  return world.run(async (ports, halt) => {
    const tally = emptyVerifyTally();
    const rules = { dialects: [], encoding: UTF_8 };
    const request = { ready, rules, selection: EVERYTHING, adopt: false, forget: false, ...more };
    const repairs = (request.adopt || request.forget) && !dryRun;
    const writer = repairs ? ports : null;
    const records = (take: Parameters<typeof readRecords>[2]) => {
      return readRecords(world.journalFile, { encoding: UTF_8, signal: halt.soon }, take);
    };
    await verifyRemote(request, { ...ports, vault: vault ?? ports.vault, readRecords: records, writer }, tally, halt);
    return tally;
  }, meddle);
}
