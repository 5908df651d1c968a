// The whole life of a vault with AWS's own client for JavaScript, as it comes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortVaultLockCommand,
  AddTagsToVaultCommand,
  CompleteMultipartUploadCommand,
  CompleteVaultLockCommand,
  CreateVaultCommand,
  DeleteArchiveCommand,
  DeleteVaultCommand,
  DescribeJobCommand,
  DescribeVaultCommand,
  GetDataRetrievalPolicyCommand,
  GetJobOutputCommand,
  GetVaultAccessPolicyCommand,
  GetVaultLockCommand,
  GetVaultNotificationsCommand,
  GlacierClient,
  InitiateJobCommand,
  InitiateMultipartUploadCommand,
  InitiateVaultLockCommand,
  ListPartsCommand,
  ListProvisionedCapacityCommand,
  ListTagsForVaultCommand,
  PurchaseProvisionedCapacityCommand,
  paginateListJobs,
  paginateListVaults,
  RemoveTagsFromVaultCommand,
  SetDataRetrievalPolicyCommand,
  SetVaultAccessPolicyCommand,
  SetVaultNotificationsCommand,
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

test('local vault: the default AWS client sets and reads all that can be set', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  const vault = await startLocalVault({ directory });
  const client = new GlacierClient({
    endpoint: vault.endpoint,
    region: vault.region,
    credentials: { accessKeyId: vault.accessKeyId, secretAccessKey: vault.secretAccessKey },
  });
  const V = { accountId: '-', vaultName: 'photos' };
  const account = { accountId: '-' };
  await client.send(new CreateVaultCommand(V));

  const SNSTopic = `arn:aws:sns:us-east-1:${vault.accountId}:jobs`;
  const vaultNotificationConfig = { SNSTopic, Events: ['ArchiveRetrievalCompleted'] };
  await client.send(new SetVaultNotificationsCommand({ ...V, vaultNotificationConfig }));
  expect(await client.send(new GetVaultNotificationsCommand(V))).toMatchObject({ vaultNotificationConfig });

  await client.send(new AddTagsToVaultCommand({ ...V, Tags: { a: '1', b: 'é' } }));
  await client.send(new RemoveTagsFromVaultCommand({ ...V, TagKeys: ['a'] }));
  expect((await client.send(new ListTagsForVaultCommand(V))).Tags).toEqual({ b: 'é' });

  const Policy = JSON.stringify({
    Statement: { Effect: 'Deny', Principal: '*', Action: 'glacier:DeleteVault', Resource: '*' },
  });
  await client.send(new SetVaultAccessPolicyCommand({ ...V, policy: { Policy } }));
  expect((await client.send(new GetVaultAccessPolicyCommand(V))).policy).toEqual({ Policy });
  await expect(client.send(new DeleteVaultCommand(V))).rejects.toMatchObject({ name: 'AccessDeniedException' });

  const { lockId } = await client.send(new InitiateVaultLockCommand({ ...V, policy: { Policy } }));
  await client.send(new CompleteVaultLockCommand({ ...V, lockId }));
  expect(await client.send(new GetVaultLockCommand(V))).toMatchObject({ Policy, State: 'Locked' });
  await expect(client.send(new AbortVaultLockCommand(V))).rejects.toMatchObject({ name: 'AccessDeniedException' });

  const Rules = [{ Strategy: 'BytesPerHour', BytesPerHour: 1 }];
  await client.send(new SetDataRetrievalPolicyCommand({ ...account, Policy: { Rules } }));
  expect((await client.send(new GetDataRetrievalPolicyCommand(account))).Policy).toEqual({ Rules });
  const { archiveId } = await client.send(new UploadArchiveCommand({ ...V, body: Buffer.from('hello') }));
  const jobParameters = { Type: 'archive-retrieval', ArchiveId: archiveId };
  await expect(client.send(new InitiateJobCommand({ ...V, jobParameters }))).rejects.toMatchObject({
    name: 'PolicyEnforcedException',
  });

  const { capacityId } = await client.send(new PurchaseProvisionedCapacityCommand(account));
  expect((await client.send(new ListProvisionedCapacityCommand(account))).ProvisionedCapacityList).toMatchObject([
    { CapacityId: capacityId },
  ]);
  client.destroy();
  await vault.close();
  await rm(directory, { recursive: true });
});
