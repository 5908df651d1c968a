// Laying an inventory of the vault beside the journal, archive by archive.

import { type Archive, goesByItsId } from '../../model/archive.js';
import { type ArchiveName, nameOf } from '../../model/archive-naming.js';
import type { Instant } from '../../model/clock.js';
import { throwIfInterrupted } from '../../model/failure.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { InventoriedArchive } from '../../vault/inventory-port.js';
import { countInto } from '../amount.js';
import { surelyReflects } from './inventory-reach.js';
import type { VerifyPorts, VerifyRequest, VerifyTally } from './verify-tally.js';

/** An archive that the vault has and the journal does not know. */
export interface Orphan {
  readonly listed: InventoriedArchive;
  readonly name: ArchiveName;
}

/** What is left when the inventory has been read to its end. */
export interface Unlisted {
  /** Archives of the journal that the inventory does not list. */
  readonly archives: Iterable<Archive>;
  readonly listed: number;
}

/**
 * Gives the orphans as they come, those last whose deletion the journal knows. Tells and counts what is in both.
 * Memory: an entry for each archive of the journal, and one for each that it knows as deleted.
 */
export class RemoteComparison {
  readonly #request: VerifyRequest;
  readonly #ports: VerifyPorts;
  readonly #tally: VerifyTally;
  /** Of the journal, not listed so far. */
  readonly #unlisted = new Map<ArchiveId, Archive>();
  readonly #deletedAt = new Map<ArchiveId, Instant>();
  readonly #told = new Set<ArchiveId>();
  #newest: Instant | null = null;
  #listed = 0;

  constructor(request: VerifyRequest, ports: VerifyPorts, tally: VerifyTally) {
    this.#request = request;
    this.#ports = ports;
    this.#tally = tally;
  }

  /** To be read to its end before `unlisted` is asked. */
  async *orphans(halt: Halt): AsyncGenerator<Orphan> {
    await this.#readJournal();
    const deleted: Orphan[] = [];
    for await (const listed of this.#archives(halt)) {
      const orphan = this.#isKnown(listed) ? null : this.#newOrphan(listed);
      if (orphan === null) continue;
      if (this.#deletedAt.has(listed.id)) deleted.push(orphan);
      else yield orphan;
    }
    // An inventory that does not say when it was taken was taken after all that it lists had been stored.
    this.#tally.takenAt ??= this.#newest;
    for (const orphan of deleted) {
      if (this.#isGoneSince(orphan.listed)) countInto(this.#tally.goneSince, orphan.listed);
      else yield orphan;
    }
  }

  get unlisted(): Unlisted {
    return { archives: this.#unlisted.values(), listed: this.#listed };
  }

  async #readJournal(): Promise<void> {
    const { journal, readRecords } = this.#ports;
    for await (const archive of journal.live.all()) {
      if (this.#request.selection.includes(archive.path)) this.#unlisted.set(archive.id, archive);
    }
    await readRecords((record) => {
      if (record.type !== 'deleted' || journal.live.has(record.archiveId)) return;
      this.#deletedAt.set(record.archiveId, record.at);
    });
  }

  async *#archives(halt: Halt): AsyncGenerator<InventoriedArchive> {
    for await (const item of this.#ports.vault.readInventory(this.#request.ready, halt.now)) {
      throwIfInterrupted(halt.soon);
      if (item.item === 'taken') this.#tally.takenAt = item.at;
      else if (item.item === 'unreadable') this.#setAside(item);
      else {
        this.#listed++;
        const { createdAt } = item.archive;
        if (this.#newest === null || createdAt > this.#newest) this.#newest = createdAt;
        yield item.archive;
      }
    }
  }

  #setAside({ text, why }: { readonly text: string; readonly why: string }): void {
    this.#tally.unreadable++;
    this.#ports.report({ event: 'set-aside', name: text, archiveId: null, why });
  }

  /** Compares it with what the journal says of it; not selected ones are known too. */
  #isKnown(listed: InventoriedArchive): boolean {
    const archive = this.#unlisted.get(listed.id);
    if (archive === undefined) return this.#ports.journal.live.has(listed.id);
    this.#unlisted.delete(listed.id);
    const name = nameOf(listed, this.#request.rules);
    const differs = differences(archive, listed, name);
    countInto(differs.length === 0 ? this.#tally.same : this.#tally.differing, archive);
    if (differs.length > 0) this.#tellDiffering(archive, listed, name, differs);
    return true;
  }

  #tellDiffering(archive: Archive, listed: InventoriedArchive, name: ArchiveName, differs: Differences): void {
    const { size, treeHash } = listed;
    this.#ports.report({
      event: 'verified',
      name: archive.path,
      archiveId: archive.id,
      size: archive.size,
      result: 'differing',
      differs,
      inVault: { size, treeHash, name: name.source === 'archive-id' ? null : name.found },
    });
  }

  /** Null where it is not selected, or has been listed before. */
  #newOrphan(listed: InventoriedArchive): Orphan | null {
    const name = nameOf(listed, this.#request.rules);
    const path = 'path' in name.held ? name.held.path : name.found;
    if (this.#told.has(listed.id) || !this.#request.selection.includes(path)) return null;
    this.#told.add(listed.id);
    return { listed, name };
  }

  #isGoneSince({ id }: InventoriedArchive): boolean {
    const at = this.#deletedAt.get(id);
    return at !== undefined && !surelyReflects(this.#tally.takenAt, at);
  }
}

type Differences = readonly ('size' | 'tree-hash' | 'name')[];

/** A description that says no name, or one that no journal can hold, contradicts none; nor does an archive without one. */
function differences(archive: Archive, listed: InventoriedArchive, { source, held }: ArchiveName): Differences {
  const isNamed = source !== 'archive-id' && 'path' in held && !goesByItsId(archive);
  return [
    ...(archive.size === listed.size ? [] : (['size'] as const)),
    ...(archive.treeHash.toLowerCase() === listed.treeHash ? [] : (['tree-hash'] as const)),
    ...(!isNamed || held.path === archive.path ? [] : (['name'] as const)),
  ];
}
