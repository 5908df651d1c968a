// The vaults of an account at Amazon Glacier, or at a server that speaks its protocol: made, listed and deleted.

import {
  CreateVaultCommand,
  type DataRetrievalRule,
  DeleteVaultCommand,
  GetDataRetrievalPolicyCommand,
  ListVaultsCommand,
} from '@aws-sdk/client-glacier';
import { described } from './described.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import type { Vaults } from './port.js';
import type { RetrievalPolicy } from './retrieving-port.js';
import type { Asked } from './server-errors.js';

/** What the SDK carries. */
export type ControlledVaults = Omit<Vaults, 'describe'>;

export function glacierVaults(connection: GlacierConnection): ControlledVaults {
  return {
    async create(name, signal) {
      const command = new CreateVaultCommand({ accountId, vaultName: name });
      await connection.send(command, { deed: `create vault ${name}`, what: 'vault', vault: name }, signal);
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

    async retrievalPolicy(signal) {
      const asked: Asked = { deed: 'read the data retrieval policy', what: 'vault', vault: null };
      const { output } = await connection.send(new GetDataRetrievalPolicyCommand({ accountId }), asked, signal);
      return policyOf(output.Policy?.Rules?.[0]);
    },
  };
}

/** Source: Glacier developer guide, "Set Data Retrieval Policy": there is one rule; none means no limit. */
function policyOf(rule: DataRetrievalRule | undefined): RetrievalPolicy {
  if (rule?.Strategy === 'FreeTier') return { strategy: 'free-tier' };
  if (rule?.Strategy !== 'BytesPerHour' || rule.BytesPerHour === undefined) return { strategy: 'none' };
  return { strategy: 'bytes-per-hour', bytesPerHour: rule.BytesPerHour };
}
