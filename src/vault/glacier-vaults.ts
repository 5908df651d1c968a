// The vaults of an account at Amazon Glacier, or at a server that speaks its protocol.

import {
  CreateVaultCommand,
  DeleteVaultCommand,
  DescribeVaultCommand,
  type DescribeVaultOutput,
  ListVaultsCommand,
} from '@aws-sdk/client-glacier';
import { VaultName } from '../model/identifiers.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import type { VaultDescription, Vaults } from './port.js';
import type { Asked } from './server-errors.js';

export function glacierVaults(connection: GlacierConnection): Vaults {
  return {
    async create(name, signal) {
      const command = new CreateVaultCommand({ accountId, vaultName: name });
      await connection.send(command, { deed: `create vault ${name}`, what: 'vault', vault: name }, signal);
    },

    async describe(name, signal) {
      const command = new DescribeVaultCommand({ accountId, vaultName: name });
      const asked: Asked = { deed: `describe vault ${name}`, what: 'vault', vault: name };
      return described((await connection.send(command, asked, signal)).output);
    },

    async *list(signal) {
      let marker: string | undefined;
      do {
        const command = new ListVaultsCommand({ accountId, ...(marker === undefined ? {} : { marker }) });
        const { output } = await connection.send(command, { deed: 'list vaults', what: 'vault', vault: null }, signal);
        yield* (output.VaultList ?? []).map(described);
        marker = output.Marker;
      } while (marker !== undefined);
    },

    async delete(name, signal) {
      const command = new DeleteVaultCommand({ accountId, vaultName: name });
      const asked: Asked = { deed: `delete vault ${name}`, what: 'vault', vault: name };
      await connection.send(command, asked, signal).catch(unless('VAULT_NOT_FOUND'));
    },
  };
}

function described(vault: DescribeVaultOutput): VaultDescription {
  return {
    name: VaultName.parse(vault.VaultName ?? ''),
    arn: vault.VaultARN ?? '',
    createdAt: vault.CreationDate ?? '',
    archives: vault.NumberOfArchives ?? 0,
    size: vault.SizeInBytes ?? 0,
    inventoryAt: vault.LastInventoryDate ?? null,
  };
}
