// A vault at Amazon Glacier, or at a server that speaks its protocol: what is listed, asked for and waited for.

import { ListPartsCommand } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import type { VaultName } from '../model/identifiers.js';
import { TreeHash } from '../model/tree-hash.js';
import type { DirectControl } from './direct/direct-control.js';
import type { DirectVault } from './direct/direct-vault.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { glacierInventorying } from './glacier-inventory.js';
import { glacierListings } from './glacier-listings.js';
import { glacierNotifying } from './glacier-notifying.js';
import { glacierRetrieving } from './glacier-retrieving.js';
import type { Uploading, Vault } from './port.js';
import type { Asked } from './server-errors.js';

/** What the SDK carries: it would hash bodies, and costs hundreds of microseconds a request. */
export type ControlledVault = Omit<Vault, keyof (DirectVault & DirectControl)>;

export function controlledVault(connection: GlacierConnection, vaultName: VaultName): ControlledVault {
  return {
    ...uploading(connection, vaultName),
    ...glacierRetrieving(connection, vaultName),
    ...glacierInventorying(connection, vaultName),
    ...glacierListings(connection, vaultName),
    ...glacierNotifying(connection, vaultName),
  };
}

function uploading(connection: GlacierConnection, vaultName: VaultName): Pick<Uploading, 'uploadedParts'> {
  const asked: Asked = { deed: `list parts in vault ${vaultName}`, what: 'upload', vault: vaultName };
  return {
    async *uploadedParts(uploadId, signal) {
      let marker: string | undefined;
      do {
        const input = { accountId, vaultName, uploadId, ...(marker === undefined ? {} : { marker }) };
        const { output } = await connection.send(new ListPartsCommand(input), asked, signal);
        for (const part of output.Parts ?? []) {
          yield { range: rangeOf(part.RangeInBytes), treeHash: TreeHash.parse(part.SHA256TreeHash ?? '') };
        }
        marker = output.Marker;
      } while (marker !== undefined);
    },
  };
}

/** `0-1048575`: the end is included. */
function rangeOf(text: string | undefined): { start: number; end: number } {
  const found = /^(\d+)-(\d+)$/.exec(text ?? '');
  if (found === null) throw new Failure('VAULT_REFUSED', `the vault listed a part without a range: ${text}`);
  return { start: Number(found[1]), end: Number(found[2]) + 1 };
}
