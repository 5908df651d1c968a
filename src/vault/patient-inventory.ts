// Inventories that are read on where a connection broke.

import { Failure } from '../model/failure.js';
import { returnable } from './exact-body.js';
import { inventoryItems } from './inventory-items.js';
import type { Inventorying, InventoryOutput, ReadyInventory } from './inventory-port.js';
import { Attempts, type Patience, patiently } from './patience.js';
import { requestInventory } from './patient-requests.js';

export function patientInventorying(vault: Inventorying, patience: Patience): Inventorying {
  const outputs: Pick<Inventorying, 'inventoryOutput'> = {
    inventoryOutput: (ready, from, signal) => resumedOutput(vault, patience, ready, from, signal),
  };
  return {
    ...outputs,
    requestInventory: (format, description, signal) => requestInventory(vault, patience, format, description, signal),
    inventories: (signal) => patiently('list inventories', patience, signal, () => vault.inventories(signal)),
    readInventory: (ready, signal) => inventoryItems(outputs, ready, signal),
  };
}

type Open = (ready: ReadyInventory, from: number) => Promise<InventoryOutput>;

async function resumedOutput(
  vault: Inventorying,
  patience: Patience,
  ready: ReadyInventory,
  from: number,
  signal: AbortSignal,
): Promise<InventoryOutput> {
  const open: Open = (known, at) =>
    patiently('read inventory', patience, signal, () => vault.inventoryOutput(known, at, signal));
  const first = await open(ready, from);
  patience.report({ event: 'ahead', files: 0, bytes: (first.size ?? from) - from });
  let current = first;
  const reopen = async (at: number): Promise<InventoryOutput> => {
    current = await open({ ...ready, size: first.size }, at);
    if (current.format === first.format && current.size === first.size) return current;
    await letGo(current);
    throw new Failure('VAULT_REFUSED', `inventory ${ready.jobId} is another one than when its reading began`);
  };
  const body = resumed(first, reopen, patience, signal);
  return { ...first, body: returnable(body, () => letGo(current)) };
}

async function letGo({ body }: InventoryOutput): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

async function* resumed(
  first: InventoryOutput,
  reopen: (at: number) => Promise<InventoryOutput>,
  patience: Patience,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const attempts = new Attempts('read inventory', patience);
  let output = first;
  let at = first.start;
  for (;;) {
    try {
      for await (const piece of since(at, output)) {
        at += piece.length;
        attempts.progressed();
        patience.report({ event: 'moved', bytes: piece.length });
        yield piece;
      }
      return;
    } catch (thrown) {
      await attempts.after(thrown, signal);
      // What breaks after the last byte has broken nothing, and has no rest to ask for.
      if (at === first.size) return;
    }
    output = await reopen(at);
  }
}

/** The pieces of the output from that byte on. */
async function* since(at: number, { start, body }: InventoryOutput): AsyncGenerator<Uint8Array> {
  let position = start;
  for await (const piece of body) {
    const end = position + piece.length;
    if (end > at) yield position < at ? piece.subarray(at - position) : piece;
    position = end;
  }
}
