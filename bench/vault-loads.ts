// What is asked of the local vault itself: bytes up and down, small archives, many large parts at once.

import { setTimeout as wait } from 'node:timers/promises';
import { contentOf, type SignedClient, treeHashOfCopies } from './signed-client.js';

const MIB = 1024 * 1024;
const VAULT = '/-/vaults/load';

/** Something that a vault is given to do; tells how much of it was done. */
export interface Load {
  readonly name: string;
  readonly unit: 'bytes' | 'requests';
  readonly connections: number;
  /** What must be there before, which is not measured. */
  prepare(client: SignedClient): Promise<() => Promise<number>>;
}

export const ONE_UP: Load = {
  name: 'parts of 16 MiB, one after the other, up',
  unit: 'bytes',
  connections: 1,
  prepare: (client) => parts(client, { count: 64, size: 16 * MIB, lanes: 1 }),
};

export const UP: Load = {
  name: 'parts of 16 MiB, 4 at once, up',
  unit: 'bytes',
  connections: 4,
  prepare: (client) => parts(client, { count: 64, size: 16 * MIB, lanes: 4 }),
};

export const DOWN: Load = {
  name: 'ranges of 16 MiB, 4 at once, down',
  unit: 'bytes',
  connections: 4,
  prepare: (client) => ranges(client, 4),
};

export const ONE_DOWN: Load = {
  name: 'ranges of 16 MiB, one after the other, down',
  unit: 'bytes',
  connections: 1,
  prepare: (client) => ranges(client, 1),
};

export const SMALL_ARCHIVES: Load = {
  name: 'archives of 4 KiB, 32 at once',
  unit: 'requests',
  connections: 32,
  prepare: smallArchives,
};

export const WIDE: Load = {
  name: 'parts of 64 MiB, 32 at once, up',
  unit: 'bytes',
  connections: 32,
  prepare: (client) => parts(client, { count: 32, size: 64 * MIB, lanes: 32 }),
};

async function parts(client: SignedClient, { count, size, lanes }: { count: number; size: number; lanes: number }) {
  await client.send({ method: 'PUT', path: VAULT });
  const content = contentOf(Buffer.alloc(size, 'mtglacier'));
  const path = await begunUpload(client, size);
  return async () => {
    await inLanes(count, lanes, async (i) => {
      const headers = { 'Content-Range': `bytes ${i * size}-${(i + 1) * size - 1}/*` };
      await client.send({ method: 'PUT', path, headers, content });
    });
    return count * size;
  };
}

async function begunUpload(client: SignedClient, size: number): Promise<string> {
  const headers = { 'x-amz-part-size': String(size) };
  const begun = await client.send({ method: 'POST', path: `${VAULT}/multipart-uploads`, headers });
  return `${VAULT}/multipart-uploads/${begun['x-amz-multipart-upload-id']}`;
}

async function ranges(client: SignedClient, lanes: number) {
  const [count, size] = [64, 16 * MIB];
  await client.send({ method: 'PUT', path: VAULT });
  const content = contentOf(Buffer.alloc(size, 'mtglacier'));
  const path = await begunUpload(client, size);
  for (let i = 0; i < count; i++) {
    const headers = { 'Content-Range': `bytes ${i * size}-${(i + 1) * size - 1}/*` };
    await client.send({ method: 'PUT', path, headers, content });
  }
  const total = { 'x-amz-archive-size': String(count * size) };
  const hash = { 'x-amz-sha256-tree-hash': treeHashOfCopies(content.treeHash, count) };
  const done = await client.send({ method: 'POST', path, headers: { ...total, ...hash } });
  const json = { Type: 'archive-retrieval', ArchiveId: done['x-amz-archive-id'], Tier: 'Expedited' };
  const job = await client.send({ method: 'POST', path: `${VAULT}/jobs`, json });
  await wait(1500);
  const output = `${VAULT}/jobs/${job['x-amz-job-id']}/output`;
  return async () => {
    let received = 0;
    await inLanes(count, lanes, async (i) => {
      const headers = { Range: `bytes=${i * size}-${(i + 1) * size - 1}` };
      await client.send({ method: 'GET', path: output, headers }, (arrived) => {
        received += arrived;
      });
    });
    return received;
  };
}

async function smallArchives(client: SignedClient) {
  const count = 10_000;
  await client.send({ method: 'PUT', path: VAULT });
  const content = contentOf(Buffer.alloc(4096, 'mtglacier'));
  const store = () => client.send({ method: 'POST', path: `${VAULT}/archives`, content });
  await inLanes(200, 32, store);
  return async () => {
    await inLanes(count, 32, store);
    return count;
  };
}

async function inLanes(count: number, lanes: number, one: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
