// Uploads that stand still for 24 hours are gone, with their bytes; others are not.

import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { ABSENT } from './conformance/row.js';
import {
  beginUpload,
  completionOf,
  partOf,
  type RawAnswer,
  type RawRequest,
  send,
  signedHeaders,
  treeHash,
} from './raw-client.js';
import { type Serving, serving } from './serving.js';

const HOUR_MS = 3_600_000;
const HELLO = Buffer.from('hello');
const MIB = 1024 * 1024;

let time = Date.parse('2026-03-01T00:00:00Z');
const now = () => time;
let here: Serving;
beforeEach(async () => {
  here = await serving({ now });
  await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
});
afterEach(() => here[Symbol.asyncDispose]());

const begin = () => beginUpload(here.vault, 'V', MIB);
const pathOf = (id: string) => `/-/vaults/V/multipart-uploads/${id}`;
const ask = (wanted: RawRequest): Promise<RawAnswer> => send(here.vault, wanted);

async function bytesKept(): Promise<string[]> {
  const [vault = ''] = await readdir(join(here.directory, 'vaults'));
  const folder = join(here.directory, 'vaults', vault);
  return [...(await readdir(join(folder, 'archives'))), ...(await readdir(join(folder, 'leaves')))];
}

describe('case 80: an upload that stood still for 24 hours', () => {
  const operations: readonly [string, (id: string) => RawRequest][] = [
    ['part', (id) => partOf('V', id, 0, HELLO)],
    ['completion', (id) => completionOf('V', id, 5, treeHash(HELLO))],
    ['list of its parts', (id) => ({ method: 'GET', path: pathOf(id) })],
    ['abortion', (id) => ({ method: 'DELETE', path: pathOf(id) })],
  ];
  test.each(operations)('is not found: %s', async (_name, requestFor) => {
    const id = await begin();
    await ask(partOf('V', id, 0, HELLO));
    time += 24 * HOUR_MS;
    const { status, json } = await ask(requestFor(id));
    expect([status, json['code'], json['message']]).toEqual([404, ABSENT, `The upload ID was not found: ${id}`]);
    expect(await bytesKept()).toEqual([]);
  });

  test('is in no list', async () => {
    await begin();
    time += 24 * HOUR_MS;
    expect((await ask({ method: 'GET', path: '/-/vaults/V/multipart-uploads' })).json['UploadsList']).toEqual([]);
  });

  test('is another than one to which a part came since, or that is 1 ms younger', async () => {
    const id = await begin();
    time += 20 * HOUR_MS;
    await ask(partOf('V', id, 0, HELLO));
    time += 24 * HOUR_MS - 1;
    const answer = await ask(completionOf('V', id, 5, treeHash(HELLO)));
    expect(answer.status).toBe(201);
  });

  test('is not gone while a part is coming in', async () => {
    const size = 2 * MIB;
    const id = await beginUpload(here.vault, 'V', size);
    const body = Buffer.alloc(size, 'x');
    const part = partOf('V', id, 0, body);
    const { method, path } = part;
    const headers = { ...signedHeaders(here.vault, part), 'Content-Length': String(size) };
    const coming = request(`${here.vault.endpoint}${path}`, { method, headers });
    coming.write(body.subarray(0, size / 2));
    while ((await readdir(join(here.directory, 'tmp'))).length === 0) await setImmediate();
    time += 24 * HOUR_MS;
    expect((await ask({ method: 'GET', path: '/-/vaults/V/multipart-uploads' })).json['UploadsList']).toHaveLength(1);
    coming.end(body.subarray(size / 2));
    const [answer] = (await once(coming, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(204);
    expect((await ask(completionOf('V', id, size, treeHash(body)))).status).toBe(201);
  });

  test('is gone for good, whatever a later server is told', async () => {
    const [gone, kept] = [await begin(), await begin()];
    await ask(partOf('V', gone, 0, HELLO));
    time += 12 * HOUR_MS;
    await ask(partOf('V', kept, 0, HELLO));
    await here.vault.close();
    time += 12 * HOUR_MS;
    const second = await startLocalVault({ directory: here.directory, now });
    await second.close();
    time += 100 * HOUR_MS;
    await using third = await startLocalVault({
      directory: here.directory,
      now,
      uploadIdleMs: Number.POSITIVE_INFINITY,
    });
    expect((await send(third, completionOf('V', gone, 5, treeHash(HELLO)))).status).toBe(404);
    expect((await send(third, completionOf('V', kept, 5, treeHash(HELLO)))).status).toBe(201);
  });
});
