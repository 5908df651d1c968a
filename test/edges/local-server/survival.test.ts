// What is still true after kill -9, a torn log, and a restart.

import { spawnSync } from 'node:child_process';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { killable } from './killable.js';
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

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello');

const here = killable({ delaysMs: { Standard: 0, Inventory: 0 } });

async function listed(vault: Target): Promise<string[]> {
  const id = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
  const { json } = await send(vault, outputOf('V', id));
  return (json['ArchiveList'] as { ArchiveId: string }[]).map((archive) => archive.ArchiveId);
}

async function folderOfVault(): Promise<string> {
  const [name] = await readdir(join(here.directory, 'vaults'));
  return join(here.directory, 'vaults', name!);
}

const makeV = (vault: Target) => send(vault, { method: 'PUT', path: '/-/vaults/V' });

describe('local vault', () => {
  test('a vault whose log is lost stops the start, and none of its bytes is swept away', async () => {
    const id = await (async () => {
      await using vault = await startLocalVault({ directory: here.directory });
      await makeV(vault);
      return await uploadWhole(vault, 'V', HELLO);
    })();
    const folder = await folderOfVault();
    const log = join(folder, 'log.ndjson');
    await truncate(log, 20);
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({
      message: `${log} is damaged at line 1`,
    });
    await truncate(log, 0);
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: `${log} is empty`,
    });
    await rm(log);
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: `${log} is missing`,
    });
    expect(await readdir(folder)).not.toContain('log.ndjson');
    expect(await readFile(join(folder, 'archives', id), 'utf8')).toBe('hello');
  });

  test('bytes whose id was damaged in a log without checksums are not swept away at a start', async () => {
    const id = await (async () => {
      await using vault = await startLocalVault({ directory: here.directory });
      await makeV(vault);
      return await uploadWhole(vault, 'V', HELLO);
    })();
    const folder = await folderOfVault();
    const log = await readFile(join(folder, 'log.ndjson'), 'utf8');
    const flipped = `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`;
    const unsealed = log.replaceAll(/,"sum":"[0-9a-f]{8}"\}/g, '}').replace('"format":2', '"format":1');
    await writeFile(join(folder, 'log.ndjson'), unsealed.replace(id, flipped));
    for (let start = 0; start < 2; start++) await (await startLocalVault({ directory: here.directory })).close();
    expect(await readFile(join(folder, 'archives', id), 'utf8')).toBe('hello');
  });

  test('what was acknowledged before kill -9 is there after the next start, and no file that was not', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round++) {
      const vault = await here.spawn();
      await makeV(vault);
      const uploads = Array.from({ length: 8 }, async (_, lane) => {
        for (let i = 0; ; i++)
          acknowledged.push(await uploadWhole(vault, 'V', Buffer.alloc(200_000 * lane + 5, `${i}`)));
      });
      const ended = Promise.allSettled(uploads);
      const before = acknowledged.length;
      while (acknowledged.length < before + 20 + round) await new Promise((resolve) => setImmediate(resolve));
      await vault.kill();
      await ended;
    }
    const vault = await here.spawn();
    const ids = await listed(vault);
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(await readdir(join(await folderOfVault(), 'archives')))).toEqual(new Set(ids));
    expect(await readdir(join(here.directory, 'tmp'))).toEqual([]);
  });

  test('parts survive kill -9, a completed upload keeps its archive id, and an aborted one stays aborted', async () => {
    const first = await here.spawn();
    await makeV(first);
    const body = Buffer.concat([Buffer.alloc(MIB, 'x'), HELLO]);
    const [open, done, aborted] = [
      await beginUpload(first, 'V', MIB),
      await beginUpload(first, 'V', MIB),
      await beginUpload(first, 'V', MIB),
    ];
    for (const id of [open, done]) await send(first, partOf('V', id, 0, body.subarray(0, MIB)));
    await send(first, partOf('V', done, MIB, HELLO));
    const complete = (vault: Target, id: string) => send(vault, completionOf('V', id, body.length, treeHash(body)));
    const archive = (await complete(first, done)).headers['x-amz-archive-id'];
    const abort = { method: 'DELETE', path: `/-/vaults/V/multipart-uploads/${aborted}` };
    expect((await send(first, abort)).status).toBe(204);
    await first.kill();

    const second = await here.spawn();
    expect((await complete(second, done)).headers['x-amz-archive-id']).toBe(archive);
    expect((await send(second, abort)).status).toBe(204);
    expect((await send(second, partOf('V', aborted, 0, HELLO))).status).toBe(404);
    await send(second, partOf('V', open, MIB, HELLO));
    const other = (await complete(second, open)).headers['x-amz-archive-id'];
    expect(new Set(await listed(second))).toEqual(new Set([archive, other]));
    const job = await askForJob(second, 'V', { Type: 'archive-retrieval', ArchiveId: other });
    expect((await send(second, outputOf('V', job))).body.equals(body)).toBe(true);
  });

  test('uploads in parts, parts sent again, and deletions survive kill -9 at any moment', async () => {
    const stored = new Map<string, Buffer>();
    const deleting = new Set<string>();
    const deleted = new Set<string>();
    const live = async (vault: Target, lane: number): Promise<never> => {
      for (let i = 0; ; i++) {
        const body = Buffer.alloc(2 * MIB + 5, `${lane} ${i}`);
        const upload = await beginUpload(vault, 'V', MIB);
        await send(vault, partOf('V', upload, MIB, Buffer.alloc(MIB, 'wrong')));
        for (const at of [2 * MIB, MIB, 0]) {
          await send(vault, partOf('V', upload, at, body.subarray(at, at + MIB)));
        }
        const answer = await send(vault, completionOf('V', upload, body.length, treeHash(body)));
        const id = String(answer.headers['x-amz-archive-id']);
        stored.set(id, body);
        if (i % 2 === 1) continue;
        deleting.add(id);
        await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` });
        deleted.add(id);
      }
    };
    for (let round = 0; round < 4; round++) {
      const vault = await here.spawn();
      await makeV(vault);
      const ended = Promise.allSettled([0, 1, 2, 3].map((lane) => live(vault, lane)));
      const before = stored.size;
      while (stored.size < before + 5 + round) await new Promise((resolve) => setImmediate(resolve));
      await vault.kill();
      await ended;
    }
    const vault = await here.spawn();
    const ids = new Set(await listed(vault));
    for (const id of deleted) expect(ids.has(id)).toBe(false);
    for (const [id, body] of stored) {
      if (deleting.has(id)) continue;
      const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: id });
      expect((await send(vault, outputOf('V', job))).body.equals(body)).toBe(true);
      const own = join(await folderOfVault(), 'archives', id);
      const files = (await readdir(own)).sort();
      const content = await Promise.all(files.map((file) => readFile(join(own, file))));
      expect(Buffer.concat(content).equals(body)).toBe(true);
    }
  });

  test('a half-sent body leaves nothing, and its connection does not hold the server', async () => {
    await using vault = await startLocalVault({ directory: here.directory, bodyIdleMs: 50 });
    await makeV(vault);
    const body = Buffer.alloc(3 * MIB, 'x');
    const request = { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(body), body };
    expect((await send(vault, { ...request, bodySent: body.subarray(0, 2 * MIB) })).status).toBe(408);
    await vault.close();
    expect(await readdir(join(here.directory, 'tmp'))).toEqual([]);
    expect(await readdir(join(await folderOfVault(), 'archives'))).toEqual([]);
  });

  test('a torn last line of the log is cut off', async () => {
    const first = await startLocalVault({ directory: here.directory });
    await makeV(first);
    const id = await uploadWhole(first, 'V', HELLO);
    await first.close();
    const log = join(await folderOfVault(), 'log.ndjson');
    const whole = await readFile(log, 'utf8');
    await appendFile(log, '{"type":"archive-deleted","id":"');
    await using second = await startLocalVault({ directory: here.directory, delaysMs: { Inventory: 0 } });
    expect(await listed(second)).toEqual([id]);
    expect((await readFile(log, 'utf8')).startsWith(`${whole}{"type":"job"`)).toBe(true);
  });

  test('a damaged line inside the log stops the start', async () => {
    const first = await startLocalVault({ directory: here.directory });
    await makeV(first);
    await first.close();
    const log = join(await folderOfVault(), 'log.ndjson');
    await writeFile(log, `${await readFile(log, 'utf8')}damage\n{"type":"archive-deleted","id":"x","at":1}\n`);
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: `${log} is damaged at line 2`,
    });
  });

  test('jobs go on between runs by the clock', async () => {
    let clock = Date.now();
    const now = () => clock;
    const first = await startLocalVault({ directory: here.directory, now });
    await makeV(first);
    const archive = await uploadInParts(first, 'V', Buffer.alloc(2 * MIB + 1, 'x'), MIB);
    const job = await askForJob(first, 'V', { Type: 'archive-retrieval', ArchiveId: archive, Tier: 'Bulk' });
    const inventory = await askForJob(first, 'V', { Type: 'inventory-retrieval' });
    await send(first, { method: 'DELETE', path: `/-/vaults/V/archives/${archive}` });
    await first.close();
    clock += 9999;
    const second = await startLocalVault({ directory: here.directory, now, delaysMs: { Bulk: 1 } });
    expect((await send(second, outputOf('V', job))).status).toBe(400);
    clock += 1;
    expect((await send(second, outputOf('V', job))).body.length).toBe(2 * MIB + 1);
    expect((await send(second, outputOf('V', inventory))).body.toString()).toContain(archive);
    await second.close();
    clock += 24 * 3_600_000;
    await using third = await startLocalVault({ directory: here.directory, now });
    expect((await send(third, outputOf('V', job))).status).toBe(404);
    for (const part of ['archives', 'leaves', 'staged']) {
      expect(await readdir(join(await folderOfVault(), part))).toEqual([]);
    }
  });

  test('leaf hashes that are lost are computed again', async () => {
    await using vault = await startLocalVault({ directory: here.directory, delaysMs: { Standard: 0 } });
    await makeV(vault);
    const body = Buffer.concat([1, 2, 3, 4].map((byte) => Buffer.alloc(MIB, byte)));
    const archive = await uploadWhole(vault, 'V', body);
    const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: archive });
    const kept = join(await folderOfVault(), 'leaves', archive);
    const before = await readFile(kept);
    await rm(kept);
    const answer = await send(vault, outputOf('V', job, `bytes=0-${2 * MIB - 1}`));
    expect(answer.headers['x-amz-sha256-tree-hash']).toBe(treeHash(body.subarray(0, 2 * MIB)));
    expect(await readFile(kept)).toEqual(before);
  });

  test('archives are plain files, and the keys are for their owner alone', async () => {
    await using vault = await startLocalVault({ directory: here.directory });
    await makeV(vault);
    const id = await uploadWhole(vault, 'V', HELLO);
    expect(await readFile(join(await folderOfVault(), 'archives', id))).toEqual(HELLO);
    expect((await stat(join(here.directory, 'account.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(here.directory, 'README.txt'), 'utf8')).toContain('archives/ID');
    expect(vault.accessKeyId).toMatch(/^[A-Z0-9]{20}$/);
    expect(vault.secretAccessKey).toMatch(/^[A-Za-z0-9/+]{40}$/);
    expect(vault.accountId).toMatch(/^\d{12}$/);
  });

  test('the command in README.txt tells which file an archive was, without this program', async () => {
    await using vault = await startLocalVault({ directory: here.directory });
    await makeV(vault);
    const [, command = ''] = /^ {2}(grep .*)$/m.exec(await readFile(join(here.directory, 'README.txt'), 'utf8')) ?? [];
    // As long as 0, 1 and 2 modulo 3, and with bytes that base64url writes otherwise than base64.
    for (const filename of ['a', 'ab', 'abc', 'Ångström/большой снимок ÿÿÿ>>>???.jpg']) {
      const text = JSON.stringify({ filename, mtime: '20120102T030405Z' });
      const description = `mt2 ${Buffer.from(text).toString('base64url')}`;
      const id = await uploadWhole(vault, 'V', HELLO, description);
      const told = spawnSync('sh', ['-c', command.replace('ID', id)], { cwd: await folderOfVault() });
      expect(told.stdout.toString()).toBe(text);
    }
  });

  test('where nothing can be written any more: what was acknowledged stays, and nothing half-written does', async () => {
    // In blocks of 512 bytes: room for a log of some 25 lines, and for no large body.
    const under = ['sh', '-c', 'ulimit -f 16; exec "$@"', 'sh'];
    const full = await here.spawn(under);
    await makeV(full);
    const large = Buffer.alloc(3 * MIB, 'x');
    const upload = { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(large), body: large };
    const refused = await send(full, upload);
    expect([refused.status, refused.json['type']]).toEqual([500, 'Server']);
    expect(await readdir(join(here.directory, 'tmp'))).toEqual([]);
    const small = { ...upload, headers: bothHashes(HELLO), body: HELLO };
    const acknowledged: unknown[] = [];
    for (;;) {
      const { status, headers } = await send(full, small);
      if (status !== 201) break;
      acknowledged.push(headers['x-amz-archive-id']);
    }
    expect(acknowledged.length).toBeGreaterThan(10);
    expect((await send(full, small)).status).toBe(500);
    await full.kill();
    const vault = await here.spawn();
    expect(await listed(vault)).toEqual(acknowledged);
    expect(new Set(await readdir(join(await folderOfVault(), 'archives')))).toEqual(new Set(acknowledged));
  });

  test('a log of dead lines is made shorter while it is served, and nobody notices', async () => {
    const vault = await here.spawn();
    await makeV(vault);
    const kept = await uploadWhole(vault, 'V', HELLO);
    const churn = async (): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        const id = await uploadWhole(vault, 'V', Buffer.from(`${i}`));
        await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` });
      }
    };
    await Promise.all(Array.from({ length: 8 }, churn));
    const last = await uploadWhole(vault, 'V', HELLO);
    const log = (await readFile(join(await folderOfVault(), 'log.ndjson'), 'utf8')).trim().split('\n');
    expect(log.length).toBeLessThan(1000);
    expect(await listed(vault)).toEqual([kept, last]);
    await vault.kill();
    expect(await listed(await here.spawn())).toEqual([kept, last]);
  });

  test('memory does not grow with parts: four of 128 MiB at once take less than one', async () => {
    const vault = await here.spawn();
    await makeV(vault);
    const body = Buffer.alloc(128 * MIB, 'x');
    const id = await beginUpload(vault, 'V', body.length);
    const hash = treeHash(body);
    await send(vault, partOf('V', id, 0, HELLO));
    const before = vault.peakMemory();
    const answers = await Promise.all([0, 1, 2, 3].map((i) => send(vault, partOf('V', id, i * body.length, body))));
    expect(answers.map((answer) => answer.headers['x-amz-sha256-tree-hash'])).toEqual([hash, hash, hash, hash]);
    expect(vault.peakMemory() - before).toBeLessThan(128 * MIB);
  });
});
