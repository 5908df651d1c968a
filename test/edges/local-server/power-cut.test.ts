// Whatever was acknowledged is there after a power cut at any moment, when nothing is left but what was flushed.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import type { LocalVault } from '../../../src/edges/local-server/start.js';
import { keyOfFile, restoreAt, StableStorage } from './power-cut.js';
import { queueOfTopic, receive, sqs } from './notices/notice-client.js';
import {
  askForJob,
  beginUpload,
  completionOf,
  outputOf,
  partOf,
  send,
  treeHash,
  uploadInParts,
  uploadWhole,
} from './raw-client.js';

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;
const LARGE = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(MIB, byte)));
const PARTS = LARGE.subarray(0, 2 * MIB + 5);

/** Something that was acknowledged after so many flushes, and holds until a request that came after so many takes it back. */
interface Fact {
  readonly what: string;
  readonly from: number;
  until: number;
  readonly holds: (vault: LocalVault) => Promise<boolean>;
}

let home: string;
let directory: string;
let storage: StableStorage;
let start: typeof import('../../../src/edges/local-server/start.js').startLocalVault;
const facts: Fact[] = [];

function acknowledged(what: string, holds: Fact['holds']): Fact {
  const fact = { what, from: storage.now, until: Number.POSITIVE_INFINITY, holds };
  facts.push(fact);
  return fact;
}

/** From now on it may be otherwise. */
function over(...which: readonly Fact[]): void {
  for (const fact of which) fact.until = storage.now;
}

async function json(vault: LocalVault, path: string): Promise<Record<string, unknown>> {
  return (await send(vault, { method: 'GET', path })).json;
}

async function contentOf(vault: LocalVault, name: string, id: string): Promise<Buffer> {
  const job = await askForJob(vault, name, { Type: 'archive-retrieval', ArchiveId: id });
  return (await send(vault, outputOf(name, job))).body;
}

const stored = (name: string, id: string, body: Buffer) =>
  acknowledged(`archive of ${body.length} bytes in ${name}`, async (vault) =>
    (await contentOf(vault, name, id)).equals(body),
  );

const gone = (name: string, id: string) =>
  acknowledged(`deletion in ${name}`, async (vault) => {
    const body = JSON.stringify({ Type: 'archive-retrieval', ArchiveId: id });
    return (await send(vault, { method: 'POST', path: `/-/vaults/${name}/jobs`, body })).status === 404;
  });

const made = (name: string) =>
  acknowledged(`vault ${name}`, async (vault) => {
    return (await send(vault, { method: 'GET', path: `/-/vaults/${name}` })).status === 200;
  });

/** A life with everything in it that a folder can hold, each request after the answer to the one before. */
async function live(vault: LocalVault): Promise<void> {
  await liveWithArchives(vault);
  await liveWithUploads(vault);
  await liveWithSettings(vault);
  await liveWithNotices(vault);
  await liveWithAccounts(vault);
  await liveWithVaults(vault);
  await liveWithTime(vault);
}

async function liveWithArchives(vault: LocalVault): Promise<void> {
  await send(vault, { method: 'PUT', path: '/-/vaults/V' });
  made('V');
  stored('V', await uploadWhole(vault, 'V', Buffer.from('hello')), Buffer.from('hello'));
  stored('V', await uploadWhole(vault, 'V', LARGE), LARGE);
  const id = await uploadWhole(vault, 'V', Buffer.from('short'));
  const there = stored('V', id, Buffer.from('short'));
  const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: id });
  const readable = acknowledged('job that reads an archive', async (later) => {
    return (await send(later, outputOf('V', job))).body.toString() === 'short';
  });
  over(there);
  await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` });
  gone('V', id);
  const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
  acknowledged('inventory', async (later) => (await send(later, outputOf('V', list))).status === 200);
  expect(readable.until).toBe(Number.POSITIVE_INFINITY);
}

async function liveWithUploads(vault: LocalVault): Promise<void> {
  stored('V', await uploadInParts(vault, 'V', PARTS, MIB), PARTS);
  const upload = await beginUpload(vault, 'V', 2 * MIB);
  const path = `/-/vaults/V/multipart-uploads/${upload}`;
  acknowledged('upload that takes parts', async (later) => {
    return (await send(later, partOf('V', upload, 4 * MIB, LARGE.subarray(0, 2 * MIB)))).status === 204;
  });
  const partHash = async (later: LocalVault) => {
    const [part] = (await json(later, path))['Parts'] as { SHA256TreeHash: string }[];
    return part?.SHA256TreeHash;
  };
  const [first, second] = [LARGE.subarray(0, 2 * MIB), LARGE.subarray(MIB)];
  await send(vault, partOf('V', upload, 0, first));
  const one = acknowledged('part', async (later) => (await partHash(later)) === treeHash(first));
  over(one);
  await send(vault, partOf('V', upload, 0, second));
  acknowledged('part sent again', async (later) => (await partHash(later)) === treeHash(second));
  const aborted = await beginUpload(vault, 'V', MIB);
  await send(vault, { method: 'DELETE', path: `/-/vaults/V/multipart-uploads/${aborted}` });
  acknowledged('aborted upload', async (later) => {
    return (await send(later, completionOf('V', aborted, 5, treeHash(Buffer.from('hello'))))).status === 404;
  });
}

async function liveWithSettings(vault: LocalVault): Promise<void> {
  await send(vault, { method: 'POST', path: '/-/vaults/V/tags?operation=add', body: '{"Tags":{"a":"b"}}' });
  acknowledged('tags', async (later) => {
    return ((await json(later, '/-/vaults/V/tags'))['Tags'] as Record<string, string>)['a'] === 'b';
  });
  const rules = { Policy: { Rules: [{ Strategy: 'BytesPerHour', BytesPerHour: 1e12 }] } };
  await send(vault, { method: 'PUT', path: '/-/policies/data-retrieval', body: JSON.stringify(rules) });
  acknowledged('retrieval policy', async (later) =>
    JSON.stringify(await json(later, '/-/policies/data-retrieval')).includes('BytesPerHour'),
  );
  await send(vault, { method: 'POST', path: '/-/provisioned-capacity' });
  acknowledged('provisioned capacity', async (later) => {
    return ((await json(later, '/-/provisioned-capacity'))['ProvisionedCapacityList'] as unknown[]).length === 1;
  });
}

async function liveWithNotices(vault: LocalVault): Promise<void> {
  const { queueUrl } = await queueOfTopic(vault, 'jobs');
  const name = queueUrl.slice(queueUrl.lastIndexOf('/'));
  const here = (later: LocalVault) => `${later.endpoint}/${later.accountId}${name}`;
  await sqs(vault, 'SendMessage', { QueueUrl: queueUrl, MessageBody: 'm' });
  acknowledged('message', async (later) => (await receive(later, here(later))).length === 1);
}

async function liveWithAccounts(vault: LocalVault): Promise<void> {
  const account = await vault.control.addAccount();
  const credentials = (later: LocalVault, key: { accessKeyId: string; secretAccessKey: string }) => ({
    ...later,
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
  });
  acknowledged('account', async (later) => {
    return (await send(credentials(later, account), { method: 'GET', path: '/-/vaults' })).status === 200;
  });
  const key = await vault.control.addKey(account.accountId);
  acknowledged('key', async (later) => {
    return (await send(credentials(later, key), { method: 'GET', path: '/-/vaults' })).status === 200;
  });
  const other = credentials(vault, account);
  await send(other, { method: 'PUT', path: '/-/vaults/Theirs' });
  const id = await uploadWhole(other, 'Theirs', Buffer.from('theirs'));
  acknowledged('archive of another account', async (later) => {
    const theirs = { ...later, ...credentials(later, account) };
    return (await contentOf(theirs, 'Theirs', id)).toString() === 'theirs';
  });
}

async function liveWithVaults(vault: LocalVault): Promise<void> {
  await send(vault, { method: 'PUT', path: '/-/vaults/Passing' });
  const passing = made('Passing');
  over(passing);
  await send(vault, { method: 'DELETE', path: '/-/vaults/Passing' });
  const missing = acknowledged('deletion of a vault', async (later) => {
    return (await send(later, { method: 'GET', path: '/-/vaults/Passing' })).status === 404;
  });
  over(missing);
  await send(vault, { method: 'PUT', path: '/-/vaults/Passing' });
  made('Passing');
  stored('Passing', await uploadWhole(vault, 'Passing', Buffer.from('x')), Buffer.from('x'));
}

async function liveWithTime(vault: LocalVault): Promise<void> {
  const before = vault.control.now();
  await vault.control.advanceClock(DAY_MS / 2);
  acknowledged('the time', async (later) => later.control.now() >= before + DAY_MS / 2);
  for (let i = 0; i < 520; i++) {
    await send(vault, { method: 'POST', path: '/-/vaults/V/tags?operation=add', body: `{"Tags":{"n":"${i}"}}` });
    await send(vault, { method: 'POST', path: '/-/vaults/V/tags?operation=remove', body: '{"TagKeys":["n"]}' });
  }
  stored('V', await uploadWhole(vault, 'V', Buffer.from('last')), Buffer.from('last'));
}

describe.skipIf(process.platform !== 'linux')('local vault', () => {
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'power-cut-'));
    directory = join(home, 'data');
    await mkdir(directory);
    storage = await StableStorage.record(directory);
    ({ startLocalVault: start } = await import('../../../src/edges/local-server/start.js'));
  });
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  test('a power cut at any moment takes nothing that was acknowledged', async () => {
    const root = keyOfFile(directory);
    const delaysMs = { Standard: 0, Inventory: 0 };
    const vault = await start({ directory, delaysMs });
    const keys = { accessKeyId: vault.accessKeyId, secretAccessKey: vault.secretAccessKey };
    const served = storage.now;
    await live(vault);
    const end = storage.now;
    await vault.close();
    const lost: string[] = [];
    const step = Number(process.env['STEP'] ?? 1);
    for (let cut = served; cut <= end; cut += step) {
      const left = join(home, `cut-${cut}`);
      await restoreAt(storage.moments[cut]!, root, left);
      const told = (what: string) => lost.push(`after ${cut} flushes: ${what}`);
      try {
        for await (const { is, path, what } of checkFolder(left, new AbortController().signal)) {
          if (is === 'fault') told(`${path} ${what}`);
        }
        await using later = await start({ directory: left, delaysMs });
        if (later.accessKeyId !== keys.accessKeyId) told('another account');
        for (const { what, from, until, holds } of facts) {
          if (from <= cut && cut <= until && !(await holds(later).catch(() => false))) told(what);
        }
      } catch (cause) {
        told((cause as Error).message);
      }
      await rm(left, { recursive: true });
    }
    console.log(served, end, facts.map(f => `${f.what} ${f.from}-${f.until}`).join('\n'));
    expect(lost).toEqual([]);
  }, 900_000);
});
