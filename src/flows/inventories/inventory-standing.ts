// Where the inventories of a vault stand: the newest that can be read, and one that is under way.

import { Failure } from '../../model/failure.js';
import type { Inventory, Inventorying, ReadyInventory } from '../../vault/inventory-port.js';

export type RunningInventory = Extract<Inventory, { state: 'running' }>;

/** The newest of each. */
export interface InventoryStanding {
  readonly ready: ReadyInventory | null;
  readonly underWay: RunningInventory | null;
}

/** There is something to read, or at least to wait for. */
export type AwaitedInventory =
  | (InventoryStanding & { readonly ready: ReadyInventory })
  | { readonly ready: null; readonly underWay: RunningInventory };

/** Costs nothing and changes nothing. */
export async function inventoryStanding(
  vault: Pick<Inventorying, 'inventories'>,
  signal: AbortSignal,
): Promise<InventoryStanding> {
  return standingOf(await vault.inventories(signal));
}

/** @throws Failure JOB_NOT_FOUND when nobody has asked for an inventory, or the one that was asked for failed */
export async function awaitedInventory(
  vault: Pick<Inventorying, 'inventories'>,
  signal: AbortSignal,
): Promise<AwaitedInventory> {
  const inventories = await vault.inventories(signal);
  const { ready, underWay } = standingOf(inventories);
  if (ready !== null) return { ready, underWay };
  if (underWay !== null) return { ready, underWay };
  const failed = inventories.find((inventory) => inventory.state === 'failed');
  const hint = 'ask for one with mtglacier retrieve-inventory; an inventory can be read for a day once it is ready';
  if (failed === undefined) throw new Failure('JOB_NOT_FOUND', 'there is no inventory of the vault to read', { hint });
  throw new Failure('JOB_NOT_FOUND', `the inventory that was asked for failed: ${failed.why}`, { hint });
}

/** @param inventories newest first */
function standingOf(inventories: readonly Inventory[]): InventoryStanding {
  return {
    ready: inventories.find((inventory) => inventory.state === 'ready') ?? null,
    underWay: inventories.find((inventory) => inventory.state === 'running') ?? null,
  };
}
