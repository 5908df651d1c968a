// The whole life of a vault with AWS's own client for JavaScript, as it comes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateVaultCommand,
  DeleteArchiveCommand,
  DeleteVaultCommand,
  DescribeJobCommand,
  DescribeVaultCommand,
  GetJobOutputCommand,
  GlacierClient,
  InitiateJobCommand,
  InitiateMultipartUploadCommand,
  ListPartsCommand,
  paginateListJobs,
  paginateListVaults,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
} from '@aws-sdk/client-glacier';
import { expect, test } from 'vitest';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { treeHash } from './raw-client.js';

const MIB = 1024 * 1024;

test('local vault: the default AWS client lives a whole life with it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  let clock = Date.now();
  const vault = await startLocalVault({ directory, now: () => clock });
  const client = new GlacierClient({
    endpoint: vault.endpoint,
    region: vault.region,
    credentials: { accessKeyId: vault.accessKeyId, secretAccessKey: vault.secretAccessKey },
  });
  const V = { accountId: '-', vaultName: 'photos' };
  expect((await client.send(new CreateVaultCommand(V))).location).toBe(`/${vault.accountId}/vaults/photos`);
  const small = await client.send(
    new UploadArchiveCommand({ ...V, archiveDescription: 'a  b', body: Buffer.from('hello') }),
  );

  const body = Buffer.alloc(2.5 * MIB, 'z');
  const { uploadId } = await client.send(new InitiateMultipartUploadCommand({ ...V, partSize: String(MIB) }));
  for (let at = 0; at < body.length; at += MIB) {
    const part = body.subarray(at, at + MIB);
    await client.send(
      new UploadMultipartPartCommand({ ...V, uploadId, range: `bytes ${at}-${at + part.length - 1}/*`, body: part }),
    );
  }
  expect((await client.send(new ListPartsCommand({ ...V, uploadId }))).Parts).toHaveLength(3);
  const large = await client.send(
    new CompleteMultipartUploadCommand({ ...V, uploadId, archiveSize: String(body.length), checksum: treeHash(body) }),
  );

  const request = { Type: 'archive-retrieval', ArchiveId: large.archiveId, Tier: 'Expedited' };
  const { jobId } = await client.send(new InitiateJobCommand({ ...V, jobParameters: request }));
  const inventory = await client.send(new InitiateJobCommand({ ...V, jobParameters: { Type: 'inventory-retrieval' } }));
  expect(await client.send(new DescribeJobCommand({ ...V, jobId }))).toMatchObject({ Completed: false });
  await expect(client.send(new GetJobOutputCommand({ ...V, jobId }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  clock += 5000;
  const output = await client.send(new GetJobOutputCommand({ ...V, jobId, range: `bytes=0-${2 * MIB - 1}` }));
  expect(output.checksum).toBe(treeHash(body.subarray(0, 2 * MIB)));
  expect(Buffer.from(await output.body!.transformToByteArray()).equals(body.subarray(0, 2 * MIB))).toBe(true);
  const list = await client.send(new GetJobOutputCommand({ ...V, jobId: inventory.jobId }));
  expect(JSON.parse(await list.body!.transformToString())).toMatchObject({
    ArchiveList: [{ ArchiveId: small.archiveId, ArchiveDescription: 'a  b' }, { ArchiveId: large.archiveId }],
  });
  const jobs = [];
  for await (const page of paginateListJobs({ client, pageSize: 1 }, V)) jobs.push(...(page.JobList ?? []));
  expect(jobs).toHaveLength(2);

  await expect(client.send(new DeleteVaultCommand(V))).rejects.toThrow(/^Vault not empty/);
  for (const { archiveId } of [small, large]) await client.send(new DeleteArchiveCommand({ ...V, archiveId }));
  await client.send(new DeleteVaultCommand(V));
  await expect(client.send(new DescribeVaultCommand(V))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  for await (const page of paginateListVaults({ client }, { accountId: '-' })) expect(page.VaultList).toEqual([]);
  client.destroy();
  await vault.close();
  await rm(directory, { recursive: true });
});
