// What an inventory holds, out of the bytes that a vault gives: in either form, whole or not at all.

import { Failure } from '../model/failure.js';
import { nodeEngine } from '../model/hash-engine.js';
import { TreeHasher } from '../model/tree-hash.js';
import { itemsOfCsv } from './inventory-csv.js';
import { itemsOfJson } from './inventory-json.js';
import type { InventoryItem, Inventorying, InventoryOutput, ReadyInventory } from './inventory-port.js';

/** `Inventorying.readInventory` over `inventoryOutput`. */
export async function* inventoryItems(
  vault: Pick<Inventorying, 'inventoryOutput'>,
  ready: ReadyInventory,
  signal: AbortSignal,
): AsyncGenerator<InventoryItem> {
  const output = await vault.inventoryOutput(ready, 0, signal);
  const pieces = verified(output);
  switch (output.format) {
    case 'JSON':
      yield* itemsOfJson(pieces);
      return;
    case 'CSV':
      yield* itemsOfCsv(pieces);
  }
}

/** The pieces as they come; at their end they must be what the vault has told of them. */
async function* verified({ format, size, treeHash, body }: InventoryOutput): AsyncGenerator<Uint8Array> {
  const hasher = treeHash === null ? null : new TreeHasher(nodeEngine);
  let seen = 0;
  for await (const piece of body) {
    if (size === null && format === 'CSV') throw unbounded();
    seen += piece.length;
    hasher?.update(piece);
    yield piece;
  }
  if (size !== null && seen !== size) {
    throw new Failure('VAULT_REFUSED', `the inventory has ${seen} bytes where the vault spoke of ${size}`);
  }
  const found = hasher?.digest() ?? null;
  if (found !== treeHash) {
    throw new Failure('HASH_MISMATCH', `the inventory has tree hash ${found} where the vault told ${treeHash}`);
  }
}

/** JSON that breaks off is seen to; CSV that breaks off after a line looks like a shorter inventory. */
function unbounded(): Failure {
  const hint = 'ask for the inventory as JSON';
  return new Failure('VAULT_REFUSED', 'the vault does not tell how long this inventory in CSV is', { hint });
}
