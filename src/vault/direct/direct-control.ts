// What our own client asks beside bytes: uploads begun and ended, archives deleted, a vault described.

import type { Clock, Instant } from '../../model/clock.js';
import { UploadId, type VaultName } from '../../model/identifiers.js';
import { storedArchive } from '../confirmation.js';
import { described, type ToldVault } from '../described.js';
import { unless } from '../errors.js';
import type { Deleting, Uploading, VaultDescription, Vaults } from '../port.js';
import type { Asked } from '../server-errors.js';
import type { DirectClient } from './direct-client.js';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  deleteArchive,
  describeVault,
  initiateMultipartUpload,
} from './vault-requests.js';

/** Requests and answers that are all in their heads. */
export type DirectControl = Pick<Uploading, 'beginUpload' | 'completeUpload' | 'abandonUpload'> & Deleting;

/** @param clock tells when something was found to be gone */
export function directControl(client: DirectClient, vault: VaultName, clock: Clock): DirectControl {
  const about = (deed: string): Asked => ({ deed: `${deed} vault ${vault}`, what: 'upload', vault });
  const anArchive: Asked = { deed: `delete an archive from vault ${vault}`, what: 'archive', vault };
  return {
    async beginUpload(partSize, description, signal) {
      const request = initiateMultipartUpload(vault, partSize, description);
      const { headers } = await client.send(request, about('begin an upload to'), signal);
      return UploadId.parse(headers.get('x-amz-multipart-upload-id') ?? '');
    },

    async completeUpload(upload, size, treeHash, signal) {
      const request = completeMultipartUpload(vault, upload, size, treeHash);
      const { headers, at } = await client.send(request, about('complete an upload to'), signal);
      const [archiveId, checksum] = [headers.get('x-amz-archive-id'), headers.get('x-amz-sha256-tree-hash')];
      return storedArchive({ archiveId, checksum }, treeHash, at);
    },

    async abandonUpload(upload, signal) {
      const request = abortMultipartUpload(vault, upload);
      await client.send(request, about('abandon an upload to'), signal).catch(unless('UPLOAD_NOT_FOUND'));
    },

    async deleteArchive(archive, signal) {
      const askedAt: Instant = clock.now();
      const request = deleteArchive(vault, archive);
      const answer = await client.send(request, anArchive, signal).catch(unless('ARCHIVE_NOT_FOUND'));
      return answer?.at ?? askedAt;
    },
  };
}

export function directDescribe(client: DirectClient): Vaults['describe'] {
  return async (name, signal): Promise<VaultDescription> => {
    const asked: Asked = { deed: `describe vault ${name}`, what: 'vault', vault: name };
    return described(await client.ask<ToldVault>(describeVault(name), asked, signal));
  };
}
