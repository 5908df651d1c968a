// Inventories: the list of a vault's archives as a file that a job hands out.

import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newSuffix } from '../protocol/ids.js';
import type { Archive } from './archive.js';
import type { Inventory } from './inventory-book.js';
import { LeafHasher, treeHashOfLeaves } from './leaves.js';
import type { InventoryFormat } from './records.js';
import type { Vault } from './vault.js';

const BATCH = 1000;

/** A list as it is to be handed out. */
export interface InventoryFile extends Pick<Inventory, 'at' | 'archives'> {
  /** Of the vault. */
  readonly arn: string;
  readonly format: InventoryFormat;
}

/** Writes the inventory to `staged/<name>`, durably, and gives its size and tree hash. */
export async function stageInventory(
  vault: Vault,
  name: string,
  inventory: InventoryFile,
): Promise<{ size: number; treeHash: string }> {
  const made = join(vault.tmp, `inventory.${newSuffix()}${newSuffix()}`);
  try {
    const file = await open(made, 'wx');
    try {
      const hasher = new LeafHasher();
      for (const text of textOf(inventory)) {
        const bytes = Buffer.from(text);
        hasher.update(bytes);
        await file.appendFile(bytes);
      }
      await file.datasync();
      await rename(made, join(vault.staged, name));
      return { size: (await file.stat()).size, treeHash: treeHashOfLeaves(hasher.digest()) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    await rm(made, { force: true });
    throw cause;
  }
}

function* textOf({ arn, at, archives, format }: InventoryFile): Generator<string> {
  const { head, row, between, foot } =
    format === 'CSV'
      ? CSV
      : { ...JSON_ROWS, head: `{"VaultARN":${JSON.stringify(arn)},"InventoryDate":"${secondsOf(at)}","ArchiveList":[` };
  yield head;
  for (let first = 0; first < archives.length; first += BATCH) {
    const rows = archives.slice(first, first + BATCH).map(row);
    yield `${first === 0 ? '' : between}${rows.join(between)}`;
  }
  yield foot;
}

const JSON_ROWS = { row: (archive: Archive): string => JSON.stringify(rowOf(archive)), between: ',', foot: ']}' };

/** Source: observed inventories. */
const CSV = {
  head: 'ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n',
  row: (archive: Archive): string => `${Object.values(rowOf(archive)).map(csvField).join(',')}\n`,
  between: '',
  foot: '',
};

/** Quotes are escaped by a backslash, backslashes by nothing. */
function csvField(value: string | number): string {
  const text = String(value);
  return /[,"]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}

function rowOf(archive: Archive): Record<string, string | number> {
  return {
    ArchiveId: archive.id,
    ArchiveDescription: archive.description,
    CreationDate: secondsOf(archive.createdAt),
    Size: archive.size,
    SHA256TreeHash: archive.treeHash,
  };
}

/** Inventories have no fractions of a second, unlike the rest of the API. */
function secondsOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
