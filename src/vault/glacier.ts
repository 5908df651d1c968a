// A vault at Amazon Glacier, or at a server that speaks its protocol: storing and deleting.

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  DeleteArchiveCommand,
  InitiateMultipartUploadCommand,
  ListPartsCommand,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
} from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import { ArchiveId, UploadId, type VaultName } from '../model/identifiers.js';
import { TreeHash } from '../model/tree-hash.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { glacierInventorying } from './glacier-inventory.js';
import { glacierListings } from './glacier-listings.js';
import { glacierRetrieving } from './glacier-retrieving.js';
import type { Deleting, StoredArchive, Uploading, Vault } from './port.js';
import type { Asked } from './server-errors.js';

export function glacierVault(connection: GlacierConnection, vaultName: VaultName): Vault {
  return {
    ...uploading(connection, vaultName),
    ...deleting(connection, vaultName),
    ...glacierRetrieving(connection, vaultName),
    ...glacierInventorying(connection, vaultName),
    ...glacierListings(connection, vaultName),
  };
}

function uploading(connection: GlacierConnection, vaultName: VaultName): Uploading {
  const about = (deed: string): Asked => ({ deed: `${deed} vault ${vaultName}`, what: 'upload', vault: vaultName });
  return {
    async uploadWhole(body, description, signal) {
      const input = { accountId, vaultName, ...describedAs(description), body: connection.bodyOf(body) };
      const answer = await connection.send(new UploadArchiveCommand(input), about('upload an archive to'), signal);
      return stored(answer, body.treeHash);
    },

    async beginUpload(partSize, description, signal) {
      const input = { accountId, vaultName, ...describedAs(description), partSize: String(partSize) };
      const command = new InitiateMultipartUploadCommand(input);
      const { output } = await connection.send(command, about('begin an upload to'), signal);
      return UploadId.parse(output.uploadId ?? '');
    },

    async uploadPart(uploadId, { start, end }, body, signal) {
      const range = `bytes ${start}-${end - 1}/*`;
      const input = { accountId, vaultName, uploadId, range, body: connection.bodyOf(body) };
      const { output } = await connection.send(
        new UploadMultipartPartCommand(input),
        about('upload a part to'),
        signal,
      );
      mustAgree(output.checksum, body.treeHash);
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
      return stored(await connection.send(command, about('complete an upload to'), signal), treeHash);
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

/** An answer that cannot be believed is none: the archive may have been made all the same. */
function stored(
  answer: { output: { archiveId?: string | undefined; checksum?: string | undefined }; at: StoredArchive['at'] },
  treeHash: TreeHash,
): StoredArchive {
  const { archiveId = '', checksum = treeHash } = answer.output;
  if (archiveId === '' || checksum !== treeHash) {
    const told = `archive ${JSON.stringify(archiveId)} of tree hash ${checksum}`;
    throw new Failure('CONNECTION_BROKEN', `the vault confirmed ${told} where ${treeHash} was sent`);
  }
  return { archiveId: ArchiveId.parse(archiveId), at: answer.at, unansweredRequests: 0 };
}

/** The server tells the hash of what it has received; if it tells none, it has at least checked ours. */
function mustAgree(told: string | undefined, treeHash: TreeHash): void {
  if (told === undefined || told === treeHash) return;
  throw new Failure('HASH_MISMATCH', `the vault received tree hash ${told} where ${treeHash} was sent`);
}

/** `0-1048575`: the end is included. */
function rangeOf(text: string | undefined): { start: number; end: number } {
  const found = /^(\d+)-(\d+)$/.exec(text ?? '');
  if (found === null) throw new Failure('VAULT_REFUSED', `the vault listed a part without a range: ${text}`);
  return { start: Number(found[1]), end: Number(found[2]) + 1 };
}
