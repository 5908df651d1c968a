// Whether an inventory speaks of the vault that a journal is about.

import type { ReadableJournal } from '../../journal/journal.js';
import type { Instant } from '../../model/clock.js';
import { throwIfInterrupted } from '../../model/failure.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Inventorying, ReadyInventory } from '../../vault/inventory-port.js';
import { surelyReflects } from './inventory-reach.js';

interface SameVaultPorts {
  readonly vault: Pick<Inventorying, 'readInventory'>;
  readonly journal: ReadableJournal;
}

/**
 * Whether the inventory lists any archive of the journal, or the journal holds none that it should list. One that lists
 * none is more often that of another vault, and each of its archives would pass for an orphan. It is read up to the first
 * that the journal holds, mostly a few entries.
 */
export async function isOfSameVault(ready: ReadyInventory, ports: SameVaultPorts, halt: Halt): Promise<boolean> {
  const { live } = ports.journal;
  if (live.count === 0) return true;
  let takenAt: Instant | null = null;
  let newest: Instant | null = null;
  for await (const item of ports.vault.readInventory(ready, halt.now)) {
    throwIfInterrupted(halt.soon);
    if (item.item === 'taken') takenAt = item.at;
    if (item.item !== 'archive') continue;
    const { id, createdAt } = item.archive;
    if (live.has(id)) return true;
    if (newest === null || createdAt > newest) newest = createdAt;
  }
  if (newest === null) return true;
  for await (const { createdAt } of live.all()) if (surelyReflects(takenAt ?? newest, createdAt)) return false;
  return true;
}
