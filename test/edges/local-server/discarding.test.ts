// A vault that checks bytes and throws them away: all is as ever, but for what is read back.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { ABSENT, INVALID } from './conformance/row.js';
import {
  askForJob,
  beginUpload,
  bothHashes,
  completionOf,
  outputOf,
  partOf,
  send,
  type Target,
  treeHash,
  uploadInParts,
  uploadWhole,
} from './raw-client.js';
import { serving } from './serving.js';

const MIB = 1024 * 1024;
const BODY = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(MIB, byte)));

async function bytesIn(directory: string): Promise<string[]> {
  const [vault = ''] = await readdir(join(directory, 'vaults'));
  const rooms = [
    join(directory, 'tmp'),
    ...['archives', 'leaves'].map((room) => join(directory, 'vaults', vault, room)),
  ];
  return (await Promise.all(rooms.map((room) => readdir(room)))).flat();
}

async function refusalOf(vault: Target, archive: string) {
  const body = JSON.stringify({ Type: 'archive-retrieval', ArchiveId: archive });
  const { status, json } = await send(vault, { method: 'POST', path: '/-/vaults/V/jobs', body });
  return [status, json['code'], json['message']];
}

describe('a local vault that discards', () => {
  test('lists, counts and deletes what it never kept, and says why it cannot be retrieved', async () => {
    await using here = await serving({ discard: true, delaysMs: { Inventory: 0 } });
    const { vault } = here;
    await send(vault, { method: 'PUT', path: '/-/vaults/V' });
    const [whole, parts] = [await uploadWhole(vault, 'V', BODY), await uploadInParts(vault, 'V', BODY, MIB)];
    expect(await bytesIn(here.directory)).toEqual([]);
    const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
    expect((await send(vault, outputOf('V', list))).json['ArchiveList']).toMatchObject([
      { ArchiveId: whole, Size: 3 * MIB, SHA256TreeHash: treeHash(BODY) },
      { ArchiveId: parts, Size: 3 * MIB, SHA256TreeHash: treeHash(BODY) },
    ]);
    for (const id of [whole, parts]) {
      expect(await refusalOf(vault, id)).toEqual([
        404,
        ABSENT,
        `The bytes of this archive were not kept, as was asked for: ${id}`,
      ]);
      expect((await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` })).status).toBe(204);
    }
  });

  test('checks both hashes all the same', async () => {
    await using here = await serving({ discard: true });
    await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
    for (const wrong of [
      { 'x-amz-sha256-tree-hash': treeHash(Buffer.from('x')) },
      { 'x-amz-content-sha256': 'ab'.repeat(32) },
    ]) {
      const request = {
        method: 'POST',
        path: '/-/vaults/V/archives',
        headers: { ...bothHashes(BODY), ...wrong },
        body: BODY,
      };
      const { status, json } = await send(here.vault, {
        ...request,
        ...('x-amz-content-sha256' in wrong ? { payloadHash: 'ab'.repeat(32) } : {}),
      });
      expect([status >= 400, json['code']]).toEqual([
        true,
        'x-amz-content-sha256' in wrong ? 'InvalidSignatureException' : INVALID,
      ]);
    }
  });

  test('keeps what was begun before it discarded, and discards the rest of what was begun since', async () => {
    await using here = await serving({ delaysMs: { Standard: 0 } });
    await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
    const kept = await beginUpload(here.vault, 'V', MIB);
    await send(here.vault, partOf('V', kept, 0, BODY.subarray(0, MIB)));
    await here.vault.close();
    const second = await startLocalVault({ directory: here.directory, discard: true });
    await send(second, partOf('V', kept, MIB, BODY.subarray(MIB, 2 * MIB)));
    const discarded = await beginUpload(second, 'V', MIB);
    await send(second, partOf('V', discarded, 0, BODY.subarray(0, MIB)));
    await second.close();
    await using third = await startLocalVault({ directory: here.directory, delaysMs: { Standard: 0 } });
    const complete = async (id: string) => {
      const answer = await send(third, completionOf('V', id, 2 * MIB, treeHash(BODY.subarray(0, 2 * MIB))));
      return String(answer.headers['x-amz-archive-id']);
    };
    await send(third, partOf('V', discarded, MIB, BODY.subarray(MIB, 2 * MIB)));
    const job = await askForJob(third, 'V', { Type: 'archive-retrieval', ArchiveId: await complete(kept) });
    expect((await send(third, outputOf('V', job))).body.equals(BODY.subarray(0, 2 * MIB))).toBe(true);
    expect((await refusalOf(third, await complete(discarded)))[0]).toBe(404);
    const [vault = ''] = await readdir(join(here.directory, 'vaults'));
    expect(await readdir(join(here.directory, 'vaults', vault, 'archives'))).toHaveLength(1);
  });
});
