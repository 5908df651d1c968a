// An inventory in JSON, read as it comes.

import { asFailure, Failure } from '../model/failure.js';
import { type InventoryFields, itemOf, momentOf, unreadable } from './inventory-archive.js';
import type { InventoryItem } from './inventory-port.js';
import { type JsonPart, JsonSplitter } from './json-splitter.js';

/** Memory: one piece and one entry. @throws Failure VAULT_REFUSED when it is no inventory, or not a whole one */
export async function* itemsOfJson(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<InventoryItem> {
  const splitter = new JsonSplitter('ArchiveList');
  try {
    for await (const piece of pieces) {
      for (const part of splitter.split(piece)) {
        const item = itemOfPart(part);
        if (item !== null) yield item;
      }
    }
    splitter.end();
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Failure('VAULT_REFUSED', `this is no inventory in JSON: ${thrown.message}`, { cause: thrown });
  }
}

/** null for what is of no interest. */
function itemOfPart({ of, name, text }: JsonPart): InventoryItem | null {
  if (of === 'array') return entryOf(text);
  const value: unknown = JSON.parse(text);
  return name === 'InventoryDate' && value !== null ? takenOf(value, text) : null;
}

/** A date that cannot be read is told, and does no harm to the archives. */
function takenOf(value: unknown, text: string): InventoryItem {
  try {
    return { item: 'taken', at: momentOf(value) };
  } catch (thrown) {
    return unreadable(text, asFailure(thrown).message);
  }
}

function entryOf(text: string): InventoryItem {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch (thrown) {
    return unreadable(text, (thrown as SyntaxError).message);
  }
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  return isObject ? itemOf(entry as InventoryFields, text) : unreadable(text, 'not an object');
}
