// One entry of an inventory: five fields that make an archive, or do not.

import { Instant } from '../model/clock.js';
import { asFailure, Failure } from '../model/failure.js';
import { ArchiveId } from '../model/identifiers.js';
import { TreeHash } from '../model/tree-hash.js';
import type { InventoriedArchive, InventoryItem } from './inventory-port.js';

/** The fields of an entry, by the names that Glacier gives them in both forms. */
export type InventoryFields = Readonly<Partial<Record<InventoryField, unknown>>>;

export const INVENTORY_FIELDS = ['ArchiveId', 'ArchiveDescription', 'CreationDate', 'Size', 'SHA256TreeHash'] as const;

export type InventoryField = (typeof INVENTORY_FIELDS)[number];

/** @param text the entry as it was written, to be shown when it is no archive */
export function itemOf(fields: InventoryFields, text: string): InventoryItem {
  try {
    return { item: 'archive', archive: archiveOf(fields) };
  } catch (thrown) {
    return unreadable(text, asFailure(thrown).message);
  }
}

export function unreadable(text: string, why: string): InventoryItem {
  return { item: 'unreadable', text: text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text, why };
}

/** More than any archive's entry has: its description is at most 1,024 characters. */
const SHOWN_MAX = 4096;

/**
 * The second that contains the moment: `2012-12-28T08:56:40.123Z`, with or without a fraction.
 * @throws Failure VAULT_REFUSED
 */
export function momentOf(value: unknown): Instant {
  const text = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) ? value : '';
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw refused('date', value);
  return Instant.ofMs(ms);
}

function archiveOf(fields: InventoryFields): InventoriedArchive {
  const { ArchiveId: id, ArchiveDescription: description = '', CreationDate, Size, SHA256TreeHash } = fields;
  if (typeof id !== 'string') throw refused('archive id', id);
  if (typeof description !== 'string' && description !== null) throw refused('description', description);
  if (typeof SHA256TreeHash !== 'string') throw refused('tree hash', SHA256TreeHash);
  return {
    id: ArchiveId.parse(id),
    description: description ?? '',
    createdAt: momentOf(CreationDate),
    size: sizeOf(Size),
    treeHash: TreeHash.parse(SHA256TreeHash),
  };
}

/** Sizes that a number cannot hold exactly are none: the largest archive has 40 TB. */
function sizeOf(value: unknown): number {
  const size = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw refused('size', value);
  return size;
}

function refused(what: string, value: unknown): Failure {
  const article = /^[aeiou]/.test(what) ? 'an' : 'a';
  const why = value === undefined ? `no ${what}` : `not ${article} ${what}: ${JSON.stringify(value)}`;
  return new Failure('VAULT_REFUSED', why);
}
