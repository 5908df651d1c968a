// What our own client signs, request by request: names in order, and nothing of Glacier's left out.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/model/clock.js';
import { ArchiveId, JobId, UploadId, VaultName } from '../../../src/model/identifiers.js';
import { openGlacier } from '../../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import type { Vault, Vaults } from '../../../src/vault/port.js';
import { RequestRate } from '../../../src/vault/request-rate.js';
import { bytesOf, hashed } from '../bytes.js';

const NAME = VaultName.parse('photos');
const UPLOAD = UploadId.parse('upload');
const BODY = hashed(bytesOf(100));
const READY = {
  state: 'ready',
  jobId: JobId.parse('job'),
  requestedAt: systemClock.now(),
  size: 100,
  readableUntil: null,
} as const;
const signal = new AbortController().signal;

const DEEDS: Readonly<Record<string, (vault: Vault, vaults: Vaults) => Promise<unknown>>> = {
  UploadArchive: (vault) => vault.uploadWhole(BODY, 'described', signal),
  UploadMultipartPart: (vault) => vault.uploadPart(UPLOAD, { start: 0, end: 100 }, BODY, signal),
  GetJobOutput: (vault) => vault.read(READY, { start: 0, end: 100 }, signal),
  InitiateMultipartUpload: (vault) => vault.beginUpload(1024 * 1024, 'described', signal),
  CompleteMultipartUpload: (vault) => vault.completeUpload(UPLOAD, 100, BODY.treeHash, signal),
  AbortMultipartUpload: (vault) => vault.abandonUpload(UPLOAD, signal),
  DeleteArchive: (vault) => vault.deleteArchive(ArchiveId.parse('archive'), signal),
  DescribeVault: (_, vaults) => vaults.describe(NAME, signal),
};

it.each(Object.keys(DEEDS))(
  'vault requests: %s signs all headers of Glacier, in the order of their names',
  async (deed) => {
    const asked: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      asked.push(request);
      request.resume().on('end', () => response.writeHead(403, { 'content-length': 0 }).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys = { key: 'AKEY', secret: 'ASECRET', token: 'ATOKEN' };
    const settings = { endpoint, region: 'us-east-1', ...keys, timeoutMs: 5_000, concurrency: 2 };
    const rate = new RequestRate(ordinaryPatience(() => {}));
    await using service = await openGlacier(settings, { clock: systemClock, rate, environment: {} });
    await expect(DEEDS[deed]?.(service.vault(NAME), service.vaults)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await service[Symbol.asyncDispose]();
    await new Promise((resolve) => server.close(resolve));

    const headers = asked[0]?.headers ?? {};
    const signed = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
    expect(signed).toEqual(signed.toSorted());
    const due = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'host');
    expect(due).toContain('x-amz-security-token');
    expect(signed).toEqual(expect.arrayContaining(due));
  },
);
