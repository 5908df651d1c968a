// Bodies on their way in: cut, hashed and written in threads, and gone without a trace when their client is.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { gathered } from '../../../src/edges/local-server/bodies/gathered.js';
import type { HashThreads } from '../../../src/edges/local-server/bodies/hash-threads.js';
import { PIECE_SIZE, PieceMemory, piecesOf } from '../../../src/edges/local-server/bodies/pieces.js';
import type { RequestSeen } from '../../../src/edges/local-server/control/request-log.js';
import { RandomPool } from '../../../src/edges/local-server/protocol/random-pool.js';
import type { LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, bothHashes, outputOf, type RawRequest, send, signedHeaders, treeHash } from './raw-client.js';

const MIB = 1024 * 1024;
const BUILT = fileURLToPath(new URL('../../../dist/edges/local-server/', import.meta.url));

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'bodies-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Bytes that no other body has in the same places. */
function bodyOf(size: number, seed: number): Buffer {
  const block = createHash('sha512').update(String(seed)).digest();
  return Buffer.alloc(size, Buffer.concat([block, Buffer.from([seed & 0xff])]));
}

async function* chunksOf(body: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield body.subarray(at, at + size);
    at += size;
  }
}

describe('pieces of a body', () => {
  test.each([
    ['a piece exactly', PIECE_SIZE, [1000]],
    ['a byte more', PIECE_SIZE + 1, [PIECE_SIZE]],
    ['chunks over the border', 3 * MIB + 17, [65_536, 1, 700_001]],
    ['a chunk of several pieces', 5 * MIB, [5 * MIB]],
    ['nothing', 0, [1]],
  ])('%s: all of it comes, in order, in pieces that are full but for the last', async (_, size, sizes) => {
    const [body, memory] = [bodyOf(size, 1), new PieceMemory()];
    const pieces: Buffer[] = [];
    for await (const piece of piecesOf(chunksOf(body, sizes), memory)) {
      pieces.push(Buffer.from(Buffer.from(piece.memory, 0, piece.size)));
      memory.giveBack(piece.memory);
    }
    expect(Buffer.concat(pieces).equals(body)).toBe(true);
    expect(pieces.slice(0, -1).every(({ length }) => length === PIECE_SIZE)).toBe(true);
    expect(pieces).toHaveLength(Math.ceil(size / PIECE_SIZE));
  });

  test('memory that was given back is used again, and that of a body that breaks off too', async () => {
    const memory = new PieceMemory();
    const first = memory.take();
    memory.giveBack(first);
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      throw new Error('gone');
    }
    await expect(piecesOf(broken(), memory).next()).rejects.toThrow('gone');
    expect(memory.take()).toBe(first);
  });
});

test('a small body in single bytes is gathered in memory of its own size, and none of them is held', async () => {
  const [body, tooLarge] = [bodyOf(100_000, 2), () => new Error('too large')];
  async function* trickling(): AsyncGenerator<Buffer> {
    yield body.subarray(0, 1);
    const used = Buffer.alloc(1);
    for (const byte of body.subarray(1)) {
      used[0] = byte;
      yield used;
    }
  }
  const whole = await gathered(trickling(), body.length, tooLarge);
  expect(whole.equals(body)).toBe(true);
  expect(whole.buffer.byteLength).toBeLessThan(2 * body.length);
  const only = await gathered(chunksOf(body, [body.length]), body.length, tooLarge);
  expect(only.equals(body)).toBe(true);
  await expect(gathered(chunksOf(body, [7]), body.length - 1, tooLarge)).rejects.toThrow('too large');
});

test('random bytes are drawn again when they are used up, and none are given twice', () => {
  const pool = new RandomPool();
  const taken = Array.from({ length: 2000 }, () => pool.take(35).toString('hex'));
  expect(new Set(taken).size).toBe(2000);
  expect(taken.every(({ length }) => length === 70)).toBe(true);
});

describe('hashing threads of the built program', () => {
  async function threads(): Promise<HashThreads> {
    const built = (await import(join(BUILT, 'bodies', 'hash-threads.js'))) as { HashThreads: new () => HashThreads };
    const made = new built.HashThreads();
    onTestFinished(() => made[Symbol.asyncDispose]());
    return made;
  }

  test('bodies that come in turns are hashed and written each for itself', async () => {
    const pool = await threads();
    const bodies = Array.from({ length: 6 }, (_, i) => bodyOf(2 * MIB + i * 300_001, i));
    const done = bodies.map(async (body, i) => {
      const file = join(home, `body-${i}`);
      const descriptor = openSync(file, 'wx');
      using taker = pool.taker(descriptor);
      for await (const piece of piecesOf(chunksOf(body, [65_536]), pool.memory)) await taker.take(piece);
      const { sha256, treeHash: tree, leaves } = await taker.digest();
      closeSync(descriptor);
      expect(readFileSync(file).equals(body)).toBe(true);
      expect([sha256, tree]).toEqual([createHash('sha256').update(body).digest('hex'), treeHash(body)]);
      expect(leaves).toHaveLength(32 * Math.ceil(body.length / MIB));
    });
    await Promise.all(done);
  });

  test('what cannot be written is told, the memory comes back, and the next body is taken', async () => {
    const pool = await threads();
    const descriptor = openSync(join(home, 'body-0'), 'r');
    onTestFinished(() => closeSync(descriptor));
    using refused = pool.taker(descriptor);
    const sent = pool.memory.take();
    new Uint8Array(sent)[0] = 42;
    await expect(refused.take({ memory: sent, size: 10 })).rejects.toThrow('EBADF');
    expect(new Uint8Array(pool.memory.take())[0]).toBe(42);
    using next = pool.taker(null);
    const memory = new ArrayBuffer(PIECE_SIZE);
    await next.take({ memory, size: 5 });
    expect(memory.byteLength).toBe(0);
    expect((await next.digest()).sha256).toBe(createHash('sha256').update(Buffer.alloc(5)).digest('hex'));
  });
});

describe('clients that go away or take their time', () => {
  /** The built server, which hashes in threads. */
  async function served() {
    const built = (await import(join(BUILT, 'start.js'))) as { startLocalVault: typeof startLocalVault };
    const directory = await mkdtemp(join(home, 'served-'));
    const ended = new Set<(seen: RequestSeen) => void>();
    const log = (line: string) => {
      for (const tell of ended) tell(JSON.parse(line) as RequestSeen);
    };
    const vault = await built.startLocalVault({ directory, log, delaysMs: { Expedited: 0 } });
    onTestFinished(() => vault.close());
    await send(vault, { method: 'PUT', path: '/-/vaults/V' });
    const nextEnded = () => new Promise<RequestSeen>((resolve) => ended.add(resolve));
    return { vault, nextEnded, tmp: () => readdirSync(join(directory, 'tmp')) };
  }

  function storing(body: Buffer): RawRequest {
    return { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(body), body };
  }

  /** Sends the head and the first bytes, and resolves when they are on their way. */
  async function begun(vault: LocalVault, body: Buffer, sent: number): Promise<ClientRequest> {
    const headers = { ...signedHeaders(vault, storing(body)), 'content-length': String(body.length) };
    const { hostname, port } = new URL(vault.endpoint);
    const outgoing = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: '/-/vaults/V/archives',
      headers,
      agent: false,
    });
    outgoing.on('error', () => undefined);
    await new Promise<void>((resolve) => outgoing.write(body.subarray(0, sent), () => resolve()));
    return outgoing;
  }

  test.each([
    ['small', 500_000, 400_000],
    ['large', 16 * MIB, 15 * MIB],
  ])('a client that goes away in the middle of a %s body leaves nothing', async (_, size, sent) => {
    const { vault, nextEnded, tmp } = await served();
    const ended = nextEnded();
    const outgoing = await begun(vault, bodyOf(size, 3), sent);
    outgoing.destroy();
    const seen = await ended;
    expect(seen).toMatchObject({ operation: 'UploadArchive', complete: false });
    expect(seen.bytesIn).toBeGreaterThan(0);
    expect(seen.bytesIn).toBeLessThan(size);
    expect(tmp()).toEqual([]);
    expect((await send(vault, { method: 'GET', path: '/-/vaults/V' })).json['NumberOfArchives']).toBe(0);
  });

  test('bodies that stand still hold up no other, and mix with none when they go on', async () => {
    const { vault, tmp } = await served();
    const bodies = Array.from({ length: 20 }, (_, i) => bodyOf(2 * MIB + i, i));
    const slow = await Promise.all(bodies.map((body) => begun(vault, body, MIB + 100_000)));
    for (let i = 0; i < 3; i++) expect((await send(vault, storing(bodyOf(3 * MIB, 100 + i)))).status).toBe(201);
    const answers = slow.map(async (outgoing, i) => {
      const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
      outgoing.end(bodies[i]?.subarray(MIB + 100_000));
      const [answer] = await answered;
      answer.resume();
      return answer.headers['x-amz-archive-id'];
    });
    const ids = await Promise.all(answers);
    const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: ids[7], Tier: 'Expedited' });
    expect((await send(vault, outputOf('V', job))).body.equals(bodies[7] as Buffer)).toBe(true);
    expect(ids.every((id) => id !== undefined)).toBe(true);
    expect(tmp()).toEqual([]);
  });
});
