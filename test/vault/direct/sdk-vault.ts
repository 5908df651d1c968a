// The SDK doing what it did before there was a client of our own: what that one is held against.

import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  DeleteArchiveCommand,
  DescribeVaultCommand,
  GetJobOutputCommand,
  GlacierClient,
  InitiateMultipartUploadCommand,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
} from '@aws-sdk/client-glacier';
import { Instant } from '../../../src/model/clock.js';
import { UploadId, type VaultName } from '../../../src/model/identifiers.js';
import { TreeHash } from '../../../src/model/tree-hash.js';
import { mustAgree, storedArchive } from '../../../src/vault/confirmation.js';
import { described } from '../../../src/vault/described.js';
import type { DirectControl } from '../../../src/vault/direct/direct-control.js';
import type { DirectVault } from '../../../src/vault/direct/direct-vault.js';
import { translated, unless } from '../../../src/vault/errors.js';
import { exactly } from '../../../src/vault/exact-body.js';
import { type GlacierSettings, glacierConfig } from '../../../src/vault/glacier-config.js';
import type { HashedBody, Vaults } from '../../../src/vault/port.js';
import type { Asked } from '../../../src/vault/server-errors.js';

const accountId = '-';

/** All that our own client does. */
export type Direct = DirectVault & DirectControl & Pick<Vaults, 'describe'>;

export function sdkVault(settings: GlacierSettings, vaultName: VaultName): Direct & Disposable {
  const { region = '', endpoint = '' } = settings;
  const hashes = new WeakMap<object, HashedBody>();
  const client = new GlacierClient({
    ...glacierConfig(settings, null),
    region,
    endpoint,
    bodyChecksumGenerator: async ({ body }: { body?: object }) => {
      const known = hashes.get(body ?? {});
      return known === undefined ? ['', ''] : [known.sha256, known.treeHash];
    },
  });
  const bodyOf = (body: object): Buffer => {
    const hashed = body as HashedBody;
    const bytes = Buffer.from(hashed.bytes);
    hashes.set(bytes, hashed);
    return bytes;
  };
  const about = (what: Asked['what']): Asked => ({ deed: 'ask the SDK', what, vault: vaultName });
  const failing = (asked: Asked, signal: AbortSignal) => (thrown: unknown) => {
    throw translated(thrown, asked, signal);
  };
  return {
    async uploadWhole(body, archiveDescription, signal) {
      const command = new UploadArchiveCommand({ accountId, vaultName, archiveDescription, body: bodyOf(body) });
      const output = await client.send(command, { abortSignal: signal }).catch(failing(about('upload'), signal));
      return storedArchive(output, body.treeHash, Instant.ofMs(Date.now()));
    },
    async uploadPart(uploadId, { start, end }, body, signal) {
      const range = `bytes ${start}-${end - 1}/*`;
      const command = new UploadMultipartPartCommand({ accountId, vaultName, uploadId, range, body: bodyOf(body) });
      const output = await client.send(command, { abortSignal: signal }).catch(failing(about('upload'), signal));
      mustAgree(output, body.treeHash);
    },
    async read({ jobId }, { start, end }, signal) {
      const command = new GetJobOutputCommand({ accountId, vaultName, jobId, range: `bytes=${start}-${end - 1}` });
      const output = await client.send(command, { abortSignal: signal }).catch(failing(about('job'), signal));
      const stream = output.body as unknown as Readable;
      const treeHash = output.checksum === undefined ? null : TreeHash.parse(output.checksum);
      return { treeHash, body: exactly(stream, end - start, about('job'), signal) };
    },
    async beginUpload(partSize, archiveDescription, signal) {
      const input = { accountId, vaultName, archiveDescription, partSize: String(partSize) };
      const sent = client.send(new InitiateMultipartUploadCommand(input), { abortSignal: signal });
      return UploadId.parse((await sent.catch(failing(about('upload'), signal))).uploadId ?? '');
    },
    async completeUpload(uploadId, size, treeHash, signal) {
      const input = { accountId, vaultName, uploadId, archiveSize: String(size), checksum: treeHash };
      const sent = client.send(new CompleteMultipartUploadCommand(input), { abortSignal: signal });
      return storedArchive(await sent.catch(failing(about('upload'), signal)), treeHash, Instant.ofMs(Date.now()));
    },
    async abandonUpload(uploadId, signal) {
      const command = new AbortMultipartUploadCommand({ accountId, vaultName, uploadId });
      const sent = client.send(command, { abortSignal: signal }).catch(failing(about('upload'), signal));
      await sent.catch(unless('UPLOAD_NOT_FOUND'));
    },
    async deleteArchive(archiveId, signal) {
      const command = new DeleteArchiveCommand({ accountId, vaultName, archiveId });
      const sent = client.send(command, { abortSignal: signal }).catch(failing(about('archive'), signal));
      await sent.catch(unless('ARCHIVE_NOT_FOUND'));
      return Instant.ofMs(Date.now());
    },
    async describe(name, signal) {
      const command = new DescribeVaultCommand({ accountId, vaultName: name });
      return described(await client.send(command, { abortSignal: signal }).catch(failing(about('vault'), signal)));
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}
