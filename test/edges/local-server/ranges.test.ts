// Tree hashes of ranges, for any archive, any part size, any job range and any download range.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { isTreeAligned } from '../../../src/edges/local-server/vault/leaves.js';
import { askForJob, outputOf, send, treeHash, uploadInParts, uploadWhole } from './raw-client.js';

const MIB = 1024 * 1024;

let directory: string;
let vault: LocalVault;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, delaysMs: { Standard: 0 } });
  await send(vault, { method: 'PUT', path: '/-/vaults/V' });
});
afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

/** All nodes of the tree over `count` leaves, built level by level as the guide draws it. */
function nodesOf(count: number): Set<string> {
  let level = Array.from({ length: count }, (_, i) => [i, i + 1] as const);
  const nodes = new Set<string>();
  for (;;) {
    for (const [first, end] of level) nodes.add(`${first}-${end}`);
    if (level.length === 1) return nodes;
    const pairs = [];
    for (let i = 0; i < level.length; i += 2) pairs.push([level[i]![0], (level[i + 1] ?? level[i]!)[1]] as const);
    level = pairs;
  }
}

describe('local vault ranges', () => {
  test('a range is aligned exactly when it is a node of the tree', () => {
    for (let count = 1; count <= 40; count++) {
      const nodes = nodesOf(count);
      const size = count * MIB - 7;
      for (let first = 0; first < count; first++) {
        for (let end = first + 1; end <= count; end++) {
          const aligned = isTreeAligned(first * MIB, Math.min(end * MIB, size), size);
          expect(aligned, `${first}-${end} of ${count}`).toBe(nodes.has(`${first}-${end}`));
        }
      }
    }
  });

  test('any range has the right bytes, and a tree hash exactly when both ranges are aligned', async () => {
    const archive = fc.record({ leaves: fc.integer({ min: 1, max: 9 }), short: fc.integer({ min: 0, max: MIB - 1 }) });
    const cuts = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), fc.constantFrom(0, 0, 0, 1, -1));
    await fc.assert(
      fc.asyncProperty(
        archive,
        fc.constantFrom(null, MIB, 2 * MIB, 4 * MIB),
        cuts,
        async ({ leaves, short }, partSize, cut) => {
          const body = Buffer.alloc(leaves * MIB - short);
          for (let i = 0; i < leaves; i++) body.fill(i + 1, i * MIB, Math.min(body.length, (i + 1) * MIB));
          const id =
            partSize === null ? await uploadWhole(vault, 'V', body) : await uploadInParts(vault, 'V', body, partSize);
          const [start, end] = rangeOf(body.length, cut[0], cut[1]);
          const job = await askForJob(vault, 'V', {
            Type: 'archive-retrieval',
            ArchiveId: id,
            RetrievalByteRange: `${start}-${end - 1}`,
          });
          const [from, to] = rangeOf(end - start, cut[2], cut[3]);
          const last = Math.min(end - start, Math.max(from + 1, to + cut[4]));
          const answer = await send(vault, outputOf('V', job, `bytes=${from}-${last - 1}`));

          const wanted = body.subarray(start + from, start + last);
          expect([answer.status, answer.body.equals(wanted)]).toEqual([206, true]);
          const nodes = nodesOf(leaves);
          const isNode = (first: number, end: number): boolean =>
            first % MIB === 0 &&
            (end % MIB === 0 || end === body.length) &&
            nodes.has(`${first / MIB}-${Math.ceil(end / MIB)}`);
          const aligned = isNode(start, end) && isNode(start + from, start + last);
          expect(answer.headers['x-amz-sha256-tree-hash']).toBe(aligned ? treeHash(wanted) : undefined);
          await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` });
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Two leaves as a range of bytes in something of `size`. */
function rangeOf(size: number, a: number, b: number): [number, number] {
  const count = Math.ceil(size / MIB);
  const [first, last] = [a % count, b % count].sort((x, y) => x - y) as [number, number];
  return [first * MIB, Math.min(size, (last + 1) * MIB)];
}
