// Many clients at once, each killed when it wants it least, and the server too: the folder stays sound.
// A long one: SIEGE_CLIENTS=64 SIEGE_KILLS=500 npx vitest run test/edges/local-server/siege.test.ts

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import { askForJob, outputOf, send, sha256, type Target } from './raw-client.js';
import { type Built, compile, compileServer, type SpawnedVault, spawnVault } from './spawned-vault.js';

const CLIENTS = Number(process.env['SIEGE_CLIENTS'] ?? 6);
const KILLS = Number(process.env['SIEGE_KILLS'] ?? 30);
/** Every so many kills the server is killed, not a client. */
const SERVER_EVERY = 9;

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

/** A client that is there again as soon as it is gone, until told otherwise. */
class Besieger {
  readonly #vault: () => Target;
  readonly #chronicle: Chronicle;
  #child: ChildProcess | null = null;
  #goesOn = true;
  readonly ended: Promise<void>;

  constructor(vault: () => Target, chronicle: Chronicle) {
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
      const words = [client.script, JSON.stringify(this.#vault())];
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
      this.#child = child;
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
  test(`${CLIENTS} clients at once, ${KILLS} kills of them and of the server: the folder passes its own check`, async () => {
    const directory = join(home, 'data');
    const options = { directory, delaysMs: { Standard: 0, Inventory: 0 } };
    let vault: SpawnedVault = await spawnVault(server.script, options);
    const port = Number(new URL(vault.endpoint).port);
    await send(vault, { method: 'PUT', path: '/-/vaults/V' });
    const chronicle = new Chronicle();
    const besiegers = Array.from({ length: CLIENTS }, () => new Besieger(() => vault, chronicle));
    for (let kill = 1; kill <= KILLS; kill++) {
      await chronicle.until(chronicle.lines + 1 + (kill % 5));
      if (kill % SERVER_EVERY !== 0) {
        besiegers[kill % CLIENTS]?.kill();
        continue;
      }
      await vault.kill();
      const faults = (await findingsIn(directory)).filter((line) => line.startsWith('fault'));
      expect(faults).toEqual([]);
      vault = await spawnVault(server.script, { ...options, port });
    }
    await Promise.all(besiegers.map((one) => one.stop()));

    const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
    const { json } = await send(vault, outputOf('V', list));
    const ids = new Set((json['ArchiveList'] as { ArchiveId: string }[]).map((one) => one.ArchiveId));
    const { stored, deleting, deleted } = chronicle;
    expect(stored.size).toBeGreaterThan(KILLS);
    expect([...deleted].filter((id) => ids.has(id))).toEqual([]);
    const kept = [...stored].filter(([id]) => !deleting.has(id));
    expect(kept.filter(([id]) => !ids.has(id))).toEqual([]);
    for (const [id, hash] of kept.slice(0, 20)) {
      const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: id });
      expect(sha256((await send(vault, outputOf('V', job))).body)).toBe(hash);
    }
    await vault.kill();
    expect((await findingsIn(directory)).filter((line) => line.startsWith('fault'))).toEqual([]);
    await (await spawnVault(server.script, options)).kill();
    expect(await findingsIn(directory)).toEqual([]);
  }, 1_800_000);
});
