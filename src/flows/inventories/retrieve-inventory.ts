// The story of retrieve-inventory: ask for an inventory of the whole vault, unless one is under way.

import type { Halt } from '../../transfer/concurrently.js';
import type { InventoryFormat, Inventorying } from '../../vault/inventory-port.js';
import { inventoryStanding, type RunningInventory } from './inventory-standing.js';

/** Says that the job is about the whole vault. Source: behaviour of mt-aws-glacier 1.120. */
const WHOLE_VAULT = `mtijob1 ${Buffer.from('{"type":"full"}').toString('base64url')}`;

export interface RequestedOrUnderWay {
  /** Whether it was this run that asked. */
  readonly isNew: boolean;
  readonly inventory: RunningInventory;
}

/** @throws Failure VAULT_REFUSED when the service has not yet taken its first inventory of the vault */
export async function retrieveInventory(
  format: InventoryFormat,
  vault: Pick<Inventorying, 'inventories' | 'requestInventory'>,
  halt: Halt,
): Promise<RequestedOrUnderWay> {
  const { underWay } = await inventoryStanding(vault, halt.soon);
  if (underWay !== null) return { isNew: false, inventory: underWay };
  const { jobId, at, expected } = await vault.requestInventory(format, WHOLE_VAULT, halt.now);
  return { isNew: true, inventory: { state: 'running', jobId, requestedAt: at, expected } };
}
