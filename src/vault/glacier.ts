// A vault at Amazon Glacier, or at a server that speaks its protocol: all of it but the bytes of archives.

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  DeleteArchiveCommand,
  InitiateMultipartUploadCommand,
  ListPartsCommand,
} from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import { UploadId, type VaultName } from '../model/identifiers.js';
import { TreeHash } from '../model/tree-hash.js';
import { storedArchive } from './confirmation.js';
import type { DirectVault } from './direct/direct-vault.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { glacierInventorying } from './glacier-inventory.js';
import { glacierListings } from './glacier-listings.js';
import { glacierRetrieving } from './glacier-retrieving.js';
import type { Deleting, Uploading, Vault } from './port.js';
import type { Asked } from './server-errors.js';

/** What the SDK carries: it would hash bodies, and costs hundreds of microseconds a request. */
export type ControlledVault = Omit<Vault, keyof DirectVault>;

export function controlledVault(connection: GlacierConnection, vaultName: VaultName): ControlledVault {
  return {
    ...uploading(connection, vaultName),
    ...deleting(connection, vaultName),
    ...glacierRetrieving(connection, vaultName),
    ...glacierInventorying(connection, vaultName),
    ...glacierListings(connection, vaultName),
  };
}

function uploading(connection: GlacierConnection, vaultName: VaultName): Omit<Uploading, keyof DirectVault> {
  const about = (deed: string): Asked => ({ deed: `${deed} vault ${vaultName}`, what: 'upload', vault: vaultName });
  return {
    async beginUpload(partSize, description, signal) {
      const input = { accountId, vaultName, ...describedAs(description), partSize: String(partSize) };
      const command = new InitiateMultipartUploadCommand(input);
      const { output } = await connection.send(command, about('begin an upload to'), signal);
      return UploadId.parse(output.uploadId ?? '');
    },

    async *uploadedParts(uploadId, signal) {
      let marker: string | undefined;
      do {
        const input = { accountId, vaultName, uploadId, ...(marker === undefined ? {} : { marker }) };
        const { output } = await connection.send(new ListPartsCommand(input), about('list parts in'), signal);
        for (const part of output.Parts ?? []) {
          yield { range: rangeOf(part.RangeInBytes), treeHash: TreeHash.parse(part.SHA256TreeHash ?? '') };
        }
        marker = output.Marker;
      } while (marker !== undefined);
    },

    async completeUpload(uploadId, size, treeHash, signal) {
      const input = { accountId, vaultName, uploadId, archiveSize: String(size), checksum: treeHash };
      const command = new CompleteMultipartUploadCommand(input);
      const { output, at } = await connection.send(command, about('complete an upload to'), signal);
      return storedArchive(output, treeHash, at);
    },

    async abandonUpload(uploadId, signal) {
      const command = new AbortMultipartUploadCommand({ accountId, vaultName, uploadId });
      await connection.send(command, about('abandon an upload to'), signal).catch(unless('UPLOAD_NOT_FOUND'));
    },
  };
}

function deleting(connection: GlacierConnection, vaultName: VaultName): Deleting {
  return {
    async deleteArchive(archiveId, signal) {
      const command = new DeleteArchiveCommand({ accountId, vaultName, archiveId });
      const deed = `delete an archive from vault ${vaultName}`;
      const askedAt = connection.clock.now();
      const answer = await connection
        .send(command, { deed, what: 'archive', vault: vaultName }, signal)
        .catch(unless('ARCHIVE_NOT_FOUND'));
      return answer?.at ?? askedAt;
    },
  };
}

/** None is not sent as an empty one. */
function describedAs(description: string): { archiveDescription?: string } {
  return description === '' ? {} : { archiveDescription: description };
}

/** `0-1048575`: the end is included. */
function rangeOf(text: string | undefined): { start: number; end: number } {
  const found = /^(\d+)-(\d+)$/.exec(text ?? '');
  if (found === null) throw new Failure('VAULT_REFUSED', `the vault listed a part without a range: ${text}`);
  return { start: Number(found[1]), end: Number(found[2]) + 1 };
}
