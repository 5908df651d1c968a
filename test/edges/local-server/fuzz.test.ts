// Thousands of hostile requests: the server stays up, lets nobody in, writes nowhere else, and stays small.
// FUZZ=100000 sends as many; FUZZ_SEED=1 sends those that the seed 1 makes.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../../src/edges/local-server/check/finding.js';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { Dice } from './dice.js';
import { type HostileRequest, hostileRequest } from './hostile-requests.js';
import type { Aims } from './nonsense.js';
import { askForJob, beginUpload, outputOf, send, type Target, uploadWhole } from './raw-client.js';
import { compileServer, type SpawnedVault, spawnVault } from './spawned-vault.js';
import { type Struck, strikeAll } from './striking.js';

const COUNT = Number(process.env['FUZZ'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32);
const AT_ONCE = 64;
const MEMORY_MAX = 400 * 1024 * 1024;
/** What is held after a collection, against what was before: less than a kilobyte for each of 100,000 requests. */
const GROWTH_MAX = 64 * 1024 * 1024;
/** The files of the vault that is aimed at, and the client's connection that is kept. */
const FILES_MORE = 4;
const BEHIND_A_PROXY = { publicUrl: 'https://vault.example', controlPort: 0 };
const IMPATIENT = { bodyIdleMs: 300, headersMs: 500 };
const HELLO = Buffer.from('hello');

let built: { script: string; folder: string };
/** The server's folder lies deep in it, so that a way out of that folder still ends here. */
let home: string;
let directory: string;

beforeAll(async () => {
  built = compileServer();
  home = await mkdtemp(join(tmpdir(), 'local-vault-fuzz-'));
  directory = join(home, 'one/two/three/four/data');
  await mkdir(join(directory, '..'), { recursive: true });
  await writeFile(join(directory, '../neighbour'), 'as it was');
});
afterAll(async () => {
  await rm(home, { recursive: true });
  await rm(built.folder, { recursive: true });
});

test(`local vault: ${COUNT} hostile requests do no harm (FUZZ_SEED=${SEED})`, {
  timeout: 60_000 + COUNT * 20,
}, async () => {
  const delaysMs = { Expedited: 0, Standard: 0, Inventory: 0 };
  const spawned = await spawnVault(built.script, { directory, delaysMs, ...BEHIND_A_PROXY, ...IMPATIENT });
  const vault = { ...spawned, endpoint: spawned.listensOn };
  try {
    const kept = await storeIn(vault, 'kept');
    const before = await surroundings();
    const atFirst = await vault.holdings();
    const seen = await fuzz(vault);
    expect(seen.wrong).toEqual([]);
    expect(await surroundings()).toEqual(before);
    expect(vault.peakMemory()).toBeLessThan(MEMORY_MAX);
    await vault.until(({ files }) => files <= atFirst.files + FILES_MORE);
    const inTheEnd = await vault.holdings();
    expect(inTheEnd.memory - atFirst.memory).toBeLessThan(GROWTH_MAX);
    expect(await fetched(vault, 'kept', kept)).toEqual(HELLO);
    expect(Object.values(seen.statuses).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(COUNT / 3);
    if (process.env['FUZZ'] !== undefined) {
      console.log({ ...seen, peakMemory: vault.peakMemory(), atFirst, inTheEnd });
    }
    await vault.kill();
    const again = await startLocalVault({ directory, delaysMs });
    expect(await fetched(again, 'kept', kept)).toEqual(HELLO);
    await again.close();
    expect(await findings()).toEqual([]);
  } finally {
    await vault.kill();
  }
});

/** Strikes, and gives how often which kind was answered how, and whatever must not be. */
async function fuzz(vault: SpawnedVault): Promise<{ statuses: Record<string, number>; wrong: object[] }> {
  const dice = new Dice(SEED);
  const aims = await aimsIn(vault);
  const statuses: Record<string, number> = {};
  const wrong: object[] = [];
  let left = COUNT;
  const next = (): HostileRequest | null => (left-- > 0 ? hostileRequest(dice, aims) : null);
  const endpoints = { api: vault.endpoint, control: vault.controlEndpoint ?? '' };
  await strikeAll(endpoints, next, AT_ONCE, (request, struck) => {
    for (const status of struck.statuses) {
      const name = `${request.kind}: ${status}`;
      statuses[name] = (statuses[name] ?? 0) + 1;
    }
    if (isHarm(request, struck)) wrong.push({ kind: request.kind, sent: textOf(request), answer: struck.text });
  });
  return { statuses, wrong };
}

/** A stranger is let in, or the server meets what it did not foresee. */
function isHarm({ mayPass }: HostileRequest, { statuses }: Struck): boolean {
  return statuses.some((status) => status >= 500) || statuses.filter((status) => status < 400).length > mayPass;
}

function textOf({ pieces }: HostileRequest): string {
  return Buffer.concat(pieces).toString('latin1').slice(0, 2000);
}

async function aimsIn(vault: SpawnedVault): Promise<Aims> {
  const archive = await storeIn(vault, 'aim');
  const upload = await beginUpload(vault, 'aim', 1024 * 1024);
  const job = await askForJob(vault, 'aim', { Type: 'archive-retrieval', ArchiveId: archive });
  return { target: vault, accountId: vault.accountId, vault: 'aim', archive, upload, job };
}

async function storeIn(target: Target, name: string): Promise<string> {
  await send(target, { method: 'PUT', path: `/-/vaults/${name}` });
  return uploadWhole(target, name, HELLO);
}

async function fetched(target: Target, vault: string, archive: string): Promise<Buffer> {
  const job = await askForJob(target, vault, { Type: 'archive-retrieval', ArchiveId: archive, Tier: 'Expedited' });
  return (await send(target, outputOf(vault, job))).body;
}

/** What the folder's own check has to say of it. */
async function findings(): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of checkFolder(directory, new AbortController().signal)) found.push(one);
  return found;
}

/** All that lies around the server's folder, and what lies in it at the top, where names are fixed. */
async function surroundings(): Promise<string[]> {
  const all = await readdir(home, { recursive: true });
  const around = all.filter((path) => !path.startsWith('one/two/three/four/data/'));
  const top = (await readdir(directory)).filter((name) => name !== 'notices');
  return [...around.toSorted(), ...top.toSorted(), await readFile(join(directory, '../neighbour'), 'utf8')];
}
