// What earlier versions wrote opens, and what this one writes of settings is there after kill -9.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '../../../src/edges/local-server/durable/record-log.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import {
  completionOf,
  outputOf,
  type RawRequest,
  send,
  sha256,
  type Target,
  treeHash,
  uploadWhole,
} from './raw-client.js';
import { compileServer, type SpawnedVault, spawnVault } from './spawned-vault.js';

const AT = Date.parse('2026-03-01T12:00:00Z');
const MIB = 1024 * 1024;
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:jobs';
const HELLO = Buffer.from('hello');
const X = Buffer.alloc(MIB + 5, 'x');

let built: { script: string; folder: string };
let directory: string;
beforeAll(() => {
  built = compileServer();
});
afterAll(() => rm(built.folder, { recursive: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
});
afterEach(() => rm(directory, { recursive: true }));

const [ONE, GONE, PARTS, OPEN] = ['one', 'gone', 'parts', 'open'].map((name) => name.padEnd(138, '_')) as [
  string,
  string,
  string,
  string,
];
const [DONE, ABORTED, UPLOAD, JOB, LIST] = ['done', 'aborted', 'upload', 'job', 'list'].map((name) =>
  name.padEnd(92, '_'),
) as [string, string, string, string, string];

/** Word for word what the version before settings wrote, but for the ids. */
const FIRST_LOG = `{"type":"vault","format":1,"name":"V","at":${AT}}
{"type":"archive","id":"${ONE}","size":5,"treeHash":"${sha256(HELLO)}","description":"greeting","at":${AT}}
{"type":"archive","id":"${GONE}","size":3,"treeHash":"${sha256('bye')}","description":"","at":${AT}}
{"type":"archive-deleted","id":"${GONE}","at":${AT}}
{"type":"upload","id":"${DONE}","archiveId":"${PARTS}","partSize":1048576,"description":"","at":${AT + 1000}}
{"type":"part","upload":"${DONE}","index":0,"size":1048576,"treeHash":"${treeHash(X.subarray(5))}","file":"00000~8ac8e630","at":${AT + 1000}}
{"type":"part","upload":"${DONE}","index":1,"size":5,"treeHash":"${sha256('xxxxx')}","file":"00001~10f4b3e0","at":${AT + 1000}}
{"type":"upload-completed","id":"${DONE}","size":1048581,"treeHash":"${treeHash(X)}","at":${AT + 1000}}
{"type":"upload","id":"${ABORTED}","archiveId":"${'a'.repeat(138)}","partSize":1048576,"description":"ab","at":${AT + 1000}}
{"type":"upload-aborted","id":"${ABORTED}","at":${AT + 1000}}
{"type":"upload","id":"${UPLOAD}","archiveId":"${OPEN}","partSize":1048576,"description":"open","at":${AT + 1000}}
{"type":"part","upload":"${UPLOAD}","index":0,"size":5,"treeHash":"${sha256(HELLO)}","file":"00000~a89d1065","at":${AT + 1000}}
{"type":"job","id":"${JOB}","at":${AT + 1000},"delayMs":5000,"description":null,"snsTopic":"${TOPIC}","action":"archive-retrieval","archiveId":"${ONE}","tier":"Standard","start":0,"end":5,"treeHash":"${sha256(HELLO)}"}
{"type":"job","id":"${LIST}","at":${AT + 1000},"delayMs":5000,"description":null,"snsTopic":null,"action":"inventory-retrieval","size":4,"format":"CSV","part":null,"next":null}
`;
const FIRST_ACCOUNT = `{
  "format": 1,
  "accountId": "115468031712",
  "keys": [
    {
      "accessKeyId": "AKIAUQIDIJUDLRWNB1MY",
      "secretAccessKey": "${'s'.repeat(40)}"
    }
  ]
}
`;

async function writeFirstFolder(): Promise<void> {
  const folder = join(directory, 'vaults', 'V~4e33c7d5');
  for (const name of [`archives/${PARTS}`, `archives/${OPEN}`, `leaves/${PARTS}`, `leaves/${OPEN}`, 'staged']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(directory, 'account.json'), FIRST_ACCOUNT);
  await writeFile(join(folder, 'log.ndjson'), FIRST_LOG);
  await writeFile(join(folder, 'archives', ONE), HELLO);
  await writeFile(join(folder, 'archives', PARTS, '00000~8ac8e630'), X.subarray(5));
  await writeFile(join(folder, 'archives', PARTS, '00001~10f4b3e0'), X.subarray(0, 5));
  await writeFile(join(folder, 'archives', OPEN, '00000~a89d1065'), HELLO);
  await writeFile(join(folder, 'staged', LIST), 'list');
}

const LOG = () => join(directory, 'vaults', 'V~4e33c7d5', 'log.ndjson');

/** Lines without their sums, which must be right: as docs/local-vault-folder.md tells how they are made. */
function unsealed(log: string): string[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, text = '', sum = ''] = /^(.*),"sum":"([0-9a-f]{8})"\}$/.exec(line) ?? [];
      expect(sum).toBe(crc32(text).toString(16).padStart(8, '0'));
      return `${text}}`;
    });
}

const get = (path: string): RawRequest => ({ method: 'GET', path: `/-/${path}` });
const change = (method: string, path: string, body?: object): RawRequest => ({
  method,
  path: `/-/${path}`,
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

describe('local vault folder', () => {
  test('of the version before settings: all that it has is there, and it goes on from there', async () => {
    await writeFirstFolder();
    const told: string[] = [];
    const notices = { publish: async (topic: string) => void told.push(topic) };
    let now = AT + 2000;
    await using vault = await startLocalVault({ directory, now: () => now, notices });
    expect(vault).toMatchObject({ accountId: '115468031712', accessKeyId: 'AKIAUQIDIJUDLRWNB1MY' });
    expect((await send(vault, get('vaults/V'))).json).toMatchObject({ NumberOfArchives: 2, SizeInBytes: MIB + 10 });
    expect((await send(vault, get('vaults/V/tags'))).json).toEqual({ Tags: {} });
    expect((await send(vault, completionOf('V', UPLOAD, 5, sha256(HELLO)))).headers['x-amz-archive-id']).toBe(OPEN);
    expect((await send(vault, completionOf('V', DONE, X.length, treeHash(X)))).headers['x-amz-archive-id']).toBe(PARTS);
    expect((await send(vault, outputOf('V', JOB))).status).toBe(400);
    now = AT + 6000;
    await vault.control.advanceClock(0);
    expect((await send(vault, outputOf('V', JOB))).body).toEqual(HELLO);
    expect((await send(vault, outputOf('V', LIST))).body.toString()).toBe('list');
    await vault.close();
    expect(told).toEqual([TOPIC]);
    const earlier = FIRST_LOG.trimEnd().split('\n');
    const lines = unsealed(await readFile(LOG(), 'utf8'));
    expect(lines.slice(0, earlier.length)).toEqual([
      earlier[0]?.replace('"format":1', '"format":2'),
      ...earlier.slice(1),
    ]);
    expect(JSON.parse(await readFile(join(directory, 'account.json'), 'utf8'))).toEqual({
      ...(JSON.parse(FIRST_ACCOUNT) as object),
      format: 2,
      sum: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  test('of the version before checksums: what is torn off its log is cut, what is damaged in it stops the start', async () => {
    await writeFirstFolder();
    const damaged = FIRST_LOG.replace('"type":"archive-deleted"', '"type":"archive-deleted');
    await writeFile(LOG(), damaged);
    await expect(startLocalVault({ directory })).rejects.toMatchObject({ message: `${LOG()} is damaged at line 4` });
    expect(await readFile(LOG(), 'utf8')).toBe(damaged);
    await writeFile(LOG(), `${FIRST_LOG}{"type":"archive-deleted","id":"`);
    await (await startLocalVault({ directory, now: () => AT + 2000 })).close();
    expect(unsealed(await readFile(LOG(), 'utf8'))).toHaveLength(FIRST_LOG.trimEnd().split('\n').length);
  });

  test('of the version before checksums: where the log cannot be written anew it stays as it is', async () => {
    await writeFirstFolder();
    const open = openLog({ path: LOG(), first: 'vault', tmp: join(directory, 'nowhere') }, () => undefined);
    await expect(open).rejects.toThrow(/ENOENT/);
    expect(await readFile(LOG(), 'utf8')).toBe(FIRST_LOG);
    const log = await openLog({ path: LOG(), first: 'vault', tmp: directory }, () => undefined);
    log.append({ type: 'inventory', at: AT }, []);
    await log.close();
    expect(unsealed(await readFile(LOG(), 'utf8')).at(-1)).toBe(`{"type":"inventory","at":${AT}}`);
  });

  test('settings that were acknowledged are there after kill -9', async () => {
    const spawned: SpawnedVault[] = [];
    const spawnHere = async (): Promise<Target> => {
      spawned.push(await spawnVault(built.script, { directory }));
      return spawned.at(-1) as SpawnedVault;
    };
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 'glacier:DeleteArchive', Resource: '*' }],
    });
    const first = await spawnHere();
    for (const name of ['V', 'W']) await send(first, change('PUT', `vaults/${name}`));
    const archive = await uploadWhole(first, 'V', HELLO);
    const lock = await send(first, change('POST', 'vaults/V/lock-policy', { Policy: policy }));
    const changes = [
      change('PUT', 'vaults/V/notification-configuration', {
        SNSTopic: TOPIC,
        Events: ['InventoryRetrievalCompleted'],
      }),
      change('PUT', 'vaults/V/access-policy', { Policy: policy }),
      change('POST', `vaults/V/lock-policy/${String(lock.headers['x-amz-lock-id'])}`),
      change('POST', 'vaults/V/tags?operation=add', { Tags: { a: '1', b: '2' } }),
      change('POST', 'vaults/V/tags?operation=remove', { TagKeys: ['b'] }),
      change('POST', 'vaults/W/lock-policy', { Policy: policy }),
      change('DELETE', 'vaults/W/lock-policy'),
      change('PUT', 'vaults/W/access-policy', { Policy: policy }),
      change('DELETE', 'vaults/W/access-policy'),
      change('PUT', 'policies/data-retrieval', { Policy: { Rules: [{ Strategy: 'BytesPerHour', BytesPerHour: 7 }] } }),
      change('POST', 'provisioned-capacity'),
    ];
    for (const request of changes) expect((await send(first, request)).status).toBeLessThan(300);
    const paths = ['V', 'W'].flatMap((name) =>
      ['notification-configuration', 'access-policy', 'lock-policy', 'tags'].map((path) => `vaults/${name}/${path}`),
    );
    const state = async (vault: Target) => {
      const answers = [];
      for (const path of [...paths, 'policies/data-retrieval', 'provisioned-capacity']) {
        const { status, json } = await send(vault, get(path));
        answers.push({ path, status, json });
      }
      return answers;
    };
    const before = await state(first);
    expect(before.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404, 404, 404, 200, 200, 200]);
    await spawned[0]?.kill();

    const second = await spawnHere();
    expect(await state(second)).toEqual(before);
    const deletion = await send(second, change('DELETE', `vaults/V/archives/${archive}`));
    expect([deletion.status, deletion.json['code']]).toEqual([403, 'AccessDeniedException']);
    await spawned[1]?.kill();
    const [line] = (await readFile(join(directory, 'settings.ndjson'), 'utf8')).split('\n');
    expect(JSON.parse(line ?? '')).toEqual({
      type: 'settings',
      format: 2,
      at: expect.any(Number),
      sum: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  test.each([
    ['settings.ndjson', '{"type":"settings","format":3,"at":1}\n'],
    ['notices/log.ndjson', '{"type":"notices","format":3,"at":1}\n'],
    ['vaults/V~4e33c7d5/log.ndjson', '{"type":"vault","format":3,"name":"V","at":1}\n'],
    ['clock.json', '{"format":3,"aheadMs":0}\n'],
  ])('with a file of a newer version stops the start, and is not changed: %s', async (name, content) => {
    await writeFirstFolder();
    await mkdir(join(directory, 'notices'));
    const file = join(directory, name);
    await writeFile(file, content);
    await expect(startLocalVault({ directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: `${file} has format 3, this program knows formats 1 and 2`,
    });
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  test('settings of the version before checksums hold', async () => {
    await writeFirstFolder();
    const lines = [
      `{"type":"settings","format":1,"at":${AT}}`,
      `{"type":"retrieval-policy","strategy":"BytesPerHour","bytesPerHour":7,"at":${AT}}`,
      `{"type":"capacity-unit","id":"${'u'.repeat(24)}","at":${AT},"until":${AT + 1000}}`,
    ];
    await writeFile(join(directory, 'settings.ndjson'), `${lines.join('\n')}\n`);
    await using vault = await startLocalVault({ directory, now: () => AT });
    const { json } = await send(vault, get('policies/data-retrieval'));
    expect(json).toEqual({ Policy: { Rules: [{ Strategy: 'BytesPerHour', BytesPerHour: 7 }] } });
    const units = (await send(vault, get('provisioned-capacity'))).json['ProvisionedCapacityList'];
    expect(units).toMatchObject([{ CapacityId: 'u'.repeat(24) }]);
    const [first = '', ...others] = unsealed(await readFile(join(directory, 'settings.ndjson'), 'utf8'));
    expect([first.replace('"format":2', '"format":1'), ...others]).toEqual(lines);
  });
});
