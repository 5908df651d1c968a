// Whatever was acknowledged is there after a power cut at any moment, when nothing is left but what was flushed.

import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import type { LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { queueOfTopic, receive, sqs } from './notices/notice-client.js';
import { keyOfFile, restoreAt, StableStorage } from './power-cut.js';
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
const MEMORY = '/dev/shm';
const AT_ONCE = { Standard: 0, Inventory: 0 };
const DAY_MS = 86_400_000;
/** What was acknowledged so many flushes ago is looked at again only now and then. */
const NEW_FLUSHES = 4;
const EVERY_FACT_EACH = 10;
/** So many lines that mean nothing make a log worth writing anew. */
const LONG_LOG_LINES = 1200;
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
let start: typeof startLocalVault;
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
  acknowledged('job that reads an archive', async (later) => {
    return (await send(later, outputOf('V', job))).body.toString() === 'short';
  });
  over(there);
  await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${id}` });
  gone('V', id);
  const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
  acknowledged('inventory', async (later) => (await send(later, outputOf('V', list))).status === 200);
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

/** In the end the log is made shorter. */
async function liveWithTime(vault: LocalVault): Promise<void> {
  const before = vault.control.now();
  await vault.control.advanceClock(DAY_MS / 2);
  acknowledged('the time', async (later) => later.control.now() >= before + DAY_MS / 2);
  const path = '/-/vaults/V/tags?operation=add';
  const bodies = Array.from({ length: LONG_LOG_LINES }, (_, i) => `{"Tags":{"n":"${i}"}}`);
  await Promise.all(bodies.map((body) => send(vault, { method: 'POST', path, body })));
  stored('V', await uploadWhole(vault, 'V', Buffer.from('last')), Buffer.from('last'));
}

/** What a server does not have any more after that cut, and what the check of its folder finds. */
async function lostIn(left: string, cut: number): Promise<string[]> {
  const lost: string[] = [];
  for await (const { is, path, what } of checkFolder(left, new AbortController().signal)) {
    if (is === 'fault') lost.push(`${path} ${what}`);
  }
  await using vault = await start({ directory: left, delaysMs: AT_ONCE });
  for (const { what, from, until, holds } of facts) {
    const isOld = from < cut - NEW_FLUSHES && cut % EVERY_FACT_EACH !== 0;
    if (from > cut || cut > until || isOld) continue;
    if (!(await holds(vault).catch(() => false))) lost.push(what);
  }
  return lost;
}

describe.skipIf(process.platform !== 'linux')('local vault', () => {
  beforeAll(async () => {
    // In memory, where there is room: what is flushed is watched, and need not be waited for.
    home = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'power-cut-'));
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
    const vault = await start({ directory, delaysMs: AT_ONCE });
    const { accessKeyId } = vault;
    acknowledged('key of the first account', async (later) => later.accessKeyId === accessKeyId);
    const served = storage.now;
    await live(vault);
    const end = storage.now;
    await vault.close();
    const [log] = await readdir(join(directory, 'vaults')).then((names) =>
      names.filter((name) => name.startsWith('V~')),
    );
    const lines = (await readFile(join(directory, 'vaults', log!, 'log.ndjson'), 'utf8')).split('\n').length;
    expect(lines).toBeLessThan(LONG_LOG_LINES);
    const lost: string[] = [];
    for (let cut = served; cut <= end; cut++) {
      const left = join(home, `cut-${cut}`);
      await restoreAt(storage.moments[cut]!, root, left);
      const missing = await lostIn(left, cut).catch((cause: Error) => [cause.message]);
      lost.push(...missing.map((what) => `after ${cut} flushes: ${what}`));
      await rm(left, { recursive: true });
    }
    expect(lost).toEqual([]);
    expect(end - served).toBeGreaterThan(70);
  }, 900_000);

  test('what a start found unflushed after kill -9, and tells, is there after a power cut', async () => {
    const folder = join(directory, 'killed');
    await mkdir(folder);
    const root = keyOfFile(folder);
    const id = await (async () => {
      await using vault = await start({ directory: folder, delaysMs: AT_ONCE });
      await send(vault, { method: 'PUT', path: '/-/vaults/V' });
      return await uploadWhole(vault, 'V', Buffer.from('hello'));
    })();
    const [name] = await readdir(join(folder, 'vaults'));
    const log = join(folder, 'vaults', name!, 'log.ndjson');
    const lines = (await readFile(log, 'utf8')).split(/(?<=\n)/);
    const file = await open(log, 'r+');
    await file.truncate(lines[0]!.length);
    await file.sync();
    await file.close();
    await appendFile(log, lines[1]!);
    const told = await start({ directory: folder, delaysMs: AT_ONCE });
    expect((await json(told, '/-/vaults/V'))['NumberOfArchives']).toBe(1);
    const cut = storage.moments.at(-1)!;
    await told.close();
    await restoreAt(cut, root, join(home, 'left'));
    await using vault = await start({ directory: join(home, 'left'), delaysMs: AT_ONCE });
    expect((await contentOf(vault, 'V', id)).toString()).toBe('hello');
  });
});
