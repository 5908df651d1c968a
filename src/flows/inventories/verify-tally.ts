// What verify-remote is asked for, what it works with, and what it has come to.

import type { Intents } from '../../journal/intents.js';
import type { Journal, ReadableJournal } from '../../journal/journal.js';
import type { NamingRules } from '../../model/archive-naming.js';
import type { Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { JournalRecord } from '../../model/journal-record.js';
import type { Selection } from '../../model/selection.js';
import type { Inventorying, ReadyInventory } from '../../vault/inventory-port.js';
import { type Amount, noAmount } from '../amount.js';

export interface VerifyRequest {
  readonly ready: ReadyInventory;
  readonly rules: NamingRules;
  /** By the journal's name, or that which an archive would be adopted under. */
  readonly selection: Selection;
  /** Take into the journal what only the vault has. */
  readonly adopt: boolean;
  /** Note as deleted what the vault no longer has. */
  readonly forget: boolean;
}

export interface VerifyPorts {
  readonly vault: Pick<Inventorying, 'readInventory'>;
  readonly journal: ReadableJournal;
  /** Gives every fact of the journal, from its beginning. */
  readonly readRecords: (take: (record: JournalRecord) => void) => Promise<void>;
  readonly report: Report;
  /** Where repairs are written; null where they are only told, as 'planned' events. */
  readonly writer: VerifyWriter | null;
}

export interface VerifyWriter {
  readonly journal: Journal;
  readonly intents: Intents;
  readonly clock: Clock;
}

/**
 * Every selected archive of the journal is in exactly one of `same`, `differing`, `missing`, `forgotten` and `newer`;
 * every other one of the inventory in one of `orphaned`, `adopted`, `setAside` and `goneSince`.
 */
export interface VerifyTally {
  readonly same: Amount;
  readonly differing: Amount;
  readonly missing: Amount;
  readonly forgotten: Amount;
  /** Stored since the inventory was taken. */
  readonly newer: Amount;
  readonly orphaned: Amount;
  readonly adopted: Amount;
  /** To be adopted, but under a name that no journal can hold. */
  readonly setAside: Amount;
  /** Deleted, as the journal knows, about when the inventory was taken or since. */
  readonly goneSince: Amount;
  /** Entries of the inventory that are no archives. */
  unreadable: number;
  /** When the inventory was taken, or a time before that; null where nothing tells. */
  takenAt: Instant | null;
}

export function emptyVerifyTally(): VerifyTally {
  return {
    same: noAmount(),
    differing: noAmount(),
    missing: noAmount(),
    forgotten: noAmount(),
    newer: noAmount(),
    orphaned: noAmount(),
    adopted: noAmount(),
    setAside: noAmount(),
    goneSince: noAmount(),
    unreadable: 0,
    takenAt: null,
  };
}
