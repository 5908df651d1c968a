// Many clients at once, killed at random, and the server too: the folder stays sound.
// At full size: SIEGE_CLIENTS=64 SIEGE_SECONDS=60 npx vitest run test/edges/local-server/siege.test.ts

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import { Dice } from './dice.js';
import { askForJob, outputOf, send, sha256, type Target } from './raw-client.js';
import { type Built, compile, compileServer, type SpawnedVault, spawnVault } from './spawned-vault.js';

const CLIENTS = Number(process.env['SIEGE_CLIENTS'] ?? 6);
/** It ends after so many kills, but not before so many seconds are over. */
const KILLS = Number(process.env['SIEGE_KILLS'] ?? 30);
const SECONDS = Number(process.env['SIEGE_SECONDS'] ?? 0);
const SEED = Number(process.env['SIEGE_SEED'] ?? Date.now() % 2 ** 32);
/** Every so many kills the server is killed, not a client. */
const SERVER_EVERY = 9;
/** Between two kills the clients are answered once, or up to so many times. */
const ANSWERS_MAX = 5;
/** So many of the archives that must be there are fetched and compared; the check reads all of them. */
const FETCHED_MAX = 200;

/** Stores, reads, and deletes, and says so: before a deletion, and after each answer. Ends when something fails. */
const CLIENT = `
import { beginUpload, bothHashes, completionOf, partOf, send, sha256, treeHash, uploadWhole } from './test/edges/local-server/raw-client.js';
const vault = JSON.parse(process.argv[2]);
const say = (...words) => process.stdout.write(words.join(' ') + '\\n');
const MIB = 1024 * 1024;
const any = (count) => Math.floor(Math.random() * count);
const stored = [];
for (;;) {
  const body = Buffer.alloc(any(4) === 0 ? MIB + 1 + any(MIB) : 1 + any(200_000), process.pid + ' ' + any(1e9));
  if (body.length <= MIB) {
    const id = await uploadWhole(vault, 'V', body);
    say('stored', id, sha256(body));
    stored.push(id);
  } else {
    const upload = await beginUpload(vault, 'V', MIB);
    await send(vault, partOf('V', upload, MIB, Buffer.alloc(9, 'other')));
    for (const at of [MIB, 0]) await send(vault, partOf('V', upload, at, body.subarray(at, at + MIB)));
    if (any(3) === 0) continue;
    const answer = await send(vault, completionOf('V', upload, body.length, treeHash(body)));
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.json));
    say('stored', answer.headers['x-amz-archive-id'], sha256(body));
  }
  if (stored.length < 3) continue;
  const [id] = stored.splice(any(stored.length), 1);
  say('deleting', id);
  const { status } = await send(vault, { method: 'DELETE', path: '/-/vaults/V/archives/' + id });
  if (status === 204) say('deleted', id);
}
`;

let server: Built;
let client: Built;
let home: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  server = compileServer();
  client = compile(['test/edges/local-server/raw-client.ts'], CLIENT);
  home = await mkdtemp(join(tmpdir(), 'siege-'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(async () => {
  for (const folder of [server.folder, client.folder, home]) await rm(folder, { recursive: true });
});

/** What the clients were told, and what they were about to ask for. */
class Chronicle {
  readonly stored = new Map<string, string>();
  readonly deleting = new Set<string>();
  readonly deleted = new Set<string>();
  lines = 0;
  /** How many clients there were, one after the other in the same place too. */
  clients = 0;
  #told: (() => void) | null = null;

  /** Resolves when the clients have said so much. */
  async until(lines: number): Promise<void> {
    while (this.lines < lines) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }

  note(line: string): void {
    const [deed, id = '', hash = ''] = line.split(' ');
    this.lines += 1;
    if (deed === 'stored') this.stored.set(id, hash);
    if (deed === 'deleting') this.deleting.add(id);
    if (deed === 'deleted') this.deleted.add(id);
    this.#told?.();
  }
}

/** A client that is there again as soon as it is gone and there is a server, until told otherwise. */
class Besieger {
  readonly #vault: () => Promise<Target>;
  readonly #chronicle: Chronicle;
  #child: ChildProcess | null = null;
  #goesOn = true;
  readonly ended: Promise<void>;

  constructor(vault: () => Promise<Target>, chronicle: Chronicle) {
    this.#vault = vault;
    this.#chronicle = chronicle;
    this.ended = this.#live();
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  stop(): Promise<void> {
    this.#goesOn = false;
    this.kill();
    return this.ended;
  }

  async #live(): Promise<void> {
    while (this.#goesOn) {
      const words = [client.script, JSON.stringify(await this.#vault())];
      if (!this.#goesOn) return;
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
      this.#child = child;
      this.#chronicle.clients += 1;
      running.add(child);
      createInterface(child.stdout).on('line', (line) => this.#chronicle.note(line));
      await once(child, 'close');
      running.delete(child);
    }
  }
}

async function findingsIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { is, path, what } of checkFolder(directory, new AbortController().signal)) {
    found.push(`${is}: ${path} ${what}`);
  }
  return found;
}

describe('local vault', () => {
  test(`${CLIENTS} clients at once, killed at random like the server (${KILLS} kills, ${SECONDS} s, SIEGE_SEED=${SEED}): the folder passes its own check`, async () => {
    const dice = new Dice(SEED);
    const directory = join(home, 'data');
    const options = { directory, delaysMs: { Standard: 0, Inventory: 0 } };
    let serving: Promise<SpawnedVault> = spawnVault(server.script, options);
    const port = Number(new URL((await serving).endpoint).port);
    const killedAndStarted = async (old: SpawnedVault): Promise<SpawnedVault> => {
      await old.kill();
      expect((await findingsIn(directory)).filter((line) => line.startsWith('fault'))).toEqual([]);
      return spawnVault(server.script, { ...options, port });
    };
    await send(await serving, { method: 'PUT', path: '/-/vaults/V' });
    const chronicle = new Chronicle();
    const besiegers = Array.from({ length: CLIENTS }, () => new Besieger(() => serving, chronicle));
    const began = performance.now();
    let [kills, serverKills] = [0, 0];
    while (kills < KILLS || performance.now() < began + SECONDS * 1000) {
      await chronicle.until(chronicle.lines + 1 + dice.below(ANSWERS_MAX));
      kills += 1;
      if (kills % SERVER_EVERY !== 0) {
        dice.pick(besiegers).kill();
        continue;
      }
      serverKills += 1;
      serving = killedAndStarted(await serving);
      await serving;
    }
    const seconds = (performance.now() - began) / 1000;
    await Promise.all(besiegers.map((one) => one.stop()));

    const vault = await serving;
    const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
    const { json } = await send(vault, outputOf('V', list));
    const ids = new Set((json['ArchiveList'] as { ArchiveId: string }[]).map((one) => one.ArchiveId));
    const { stored, deleting, deleted } = chronicle;
    expect(stored.size).toBeGreaterThan(KILLS);
    expect([...deleted].filter((id) => ids.has(id))).toEqual([]);
    const kept = [...stored].filter(([id]) => !deleting.has(id));
    expect(kept.filter(([id]) => !ids.has(id))).toEqual([]);
    for (const [id, hash] of kept.slice(-FETCHED_MAX)) {
      const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: id });
      expect(sha256((await send(vault, outputOf('V', job))).body)).toBe(hash);
    }
    await vault.kill();
    expect((await findingsIn(directory)).filter((line) => line.startsWith('fault'))).toEqual([]);
    await (await spawnVault(server.script, options)).kill();
    expect(await findingsIn(directory)).toEqual([]);
    const { clients } = chronicle;
    const figures = {
      seconds,
      kills,
      serverKills,
      clients,
      stored: stored.size,
      deleted: deleted.size,
      kept: kept.length,
    };
    if (SECONDS > 0) console.log(figures);
  }, 1_800_000);
});
