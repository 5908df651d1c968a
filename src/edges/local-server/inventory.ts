// Inventories: the list of a vault's archives as a file that a job hands out.

import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { arnOf, type Service } from './exchange.js';
import { newSuffix } from './ids.js';
import type { Vault } from './vault.js';
import type { Archive, Inventory } from './vault-state.js';

const BATCH = 1000;

/** Writes the inventory as JSON to `staged/<name>`, durably, and gives its size. */
export async function stageInventory(
  service: Service,
  vault: Vault,
  inventory: Inventory,
  name: string,
): Promise<number> {
  const made = join(vault.tmp, `inventory.${newSuffix()}${newSuffix()}`);
  try {
    const file = await open(made, 'wx');
    try {
      for (const text of textOf(service, vault, inventory)) await file.appendFile(text);
      await file.datasync();
      await rename(made, join(vault.staged, name));
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  } catch (cause) {
    await rm(made, { force: true });
    throw cause;
  }
}

function* textOf(service: Service, vault: Vault, inventory: Inventory): Generator<string> {
  const arn = JSON.stringify(arnOf(service, vault.state.name));
  yield `{"VaultARN":${arn},"InventoryDate":"${secondsOf(inventory.at)}","ArchiveList":[`;
  for (let at = 0; at < inventory.archives.length; at += BATCH) {
    const rows = inventory.archives.slice(at, at + BATCH).map((archive) => JSON.stringify(rowOf(archive)));
    yield `${at === 0 ? '' : ','}${rows.join(',')}`;
  }
  yield ']}';
}

function rowOf(archive: Archive): object {
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
