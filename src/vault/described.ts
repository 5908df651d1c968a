// What a server tells of a vault, in the port's words.

import { VaultName } from '../model/identifiers.js';
import type { VaultDescription } from './port.js';

/** Source: Glacier developer guide, "Describe Vault". */
export interface ToldVault {
  readonly VaultName?: string | undefined;
  readonly VaultARN?: string | undefined;
  readonly CreationDate?: string | undefined;
  readonly NumberOfArchives?: number | undefined;
  readonly SizeInBytes?: number | undefined;
  readonly LastInventoryDate?: string | null | undefined;
}

export function described(vault: ToldVault): VaultDescription {
  return {
    name: VaultName.parse(vault.VaultName ?? ''),
    arn: vault.VaultARN ?? '',
    createdAt: vault.CreationDate ?? '',
    archives: vault.NumberOfArchives ?? 0,
    size: vault.SizeInBytes ?? 0,
    inventoryAt: vault.LastInventoryDate ?? null,
  };
}
