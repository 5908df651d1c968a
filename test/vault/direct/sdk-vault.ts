// The SDK carrying bytes, as it did before there was a client of our own: what that one is held against.

import type { Readable } from 'node:stream';
import {
  GetJobOutputCommand,
  GlacierClient,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
} from '@aws-sdk/client-glacier';
import { Instant } from '../../../src/model/clock.js';
import type { VaultName } from '../../../src/model/identifiers.js';
import { TreeHash } from '../../../src/model/tree-hash.js';
import { mustAgree, storedArchive } from '../../../src/vault/confirmation.js';
import type { DirectVault } from '../../../src/vault/direct/direct-vault.js';
import { translated } from '../../../src/vault/errors.js';
import { exactly } from '../../../src/vault/exact-body.js';
import { type GlacierSettings, glacierConfig } from '../../../src/vault/glacier-config.js';
import type { HashedBody } from '../../../src/vault/port.js';
import type { Asked } from '../../../src/vault/server-errors.js';

const accountId = '-';

export function sdkVault(settings: GlacierSettings, vaultName: VaultName): DirectVault & Disposable {
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
    [Symbol.dispose]: () => client.destroy(),
  };
}
