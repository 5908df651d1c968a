// Folders as other programs leave them: copied without what is empty, with a vault twice, with links in them.

import { cp, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import { openDataFolder } from '../../../src/edges/local-server/folder/data-folder.js';
import { lockFolder } from '../../../src/edges/local-server/folder/folder-lock.js';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, beginUpload, outputOf, partOf, send, treeHash, uploadInParts, uploadWhole } from './raw-client.js';

const MIB = 1024 * 1024;
const BODY = Buffer.concat([1, 2, 3, 4].map((byte) => Buffer.alloc(MIB, byte)));
const AT_ONCE = { Standard: 0, Inventory: 0 };

let home: string;
let directory: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'odd-folders-'));
  directory = join(home, 'data');
});
afterEach(() => rm(home, { recursive: true }));

const start = () => startLocalVault({ directory, delaysMs: AT_ONCE });
const makeVault = (vault: LocalVault, name: string) => send(vault, { method: 'PUT', path: `/-/vaults/${name}` });
const removeVault = (vault: LocalVault, name: string) => send(vault, { method: 'DELETE', path: `/-/vaults/${name}` });

async function folderOf(name: string): Promise<string> {
  const names = await readdir(join(directory, 'vaults'));
  return join(directory, 'vaults', names.find((one) => one.startsWith(`${name}~`)) ?? '');
}

async function findings(): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, what } of checkFolder(directory, new AbortController().signal))
    found.push(`${path} ${what}`);
  return found;
}

/** Leaves out empty directories, as archivers and object stores do. */
async function dropEmpty(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await dropEmpty(join(folder, entry.name));
  }
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}

describe('local vault', () => {
  test('a folder that was copied without its empty directories goes on', async () => {
    const upload = await (async () => {
      await using vault = await start();
      await makeVault(vault, 'V');
      return await beginUpload(vault, 'V', 2 * MIB);
    })();
    await dropEmpty(directory);
    expect(await readdir(await folderOf('V'))).toEqual(['log.ndjson']);
    expect(await findings()).toEqual([]);
    await using vault = await start();
    expect((await send(vault, partOf('V', upload, 0, BODY.subarray(0, 2 * MIB)))).status).toBe(204);
    await uploadWhole(vault, 'V', BODY);
    const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
    expect((await send(vault, outputOf('V', list))).status).toBe(200);
  });

  test.each([
    ['lost', (leaves: string) => rm(leaves, { recursive: true })],
    [
      'other hashes than those of the bytes',
      async (leaves: string) => {
        for (const name of await readdir(leaves)) await writeFile(join(leaves, name), Buffer.alloc(64, 'x'));
      },
    ],
  ])('leaf hashes of parts that are %s are computed again', async (_, spoil) => {
    const id = await (async () => {
      await using vault = await start();
      await makeVault(vault, 'V');
      return await uploadInParts(vault, 'V', BODY, 2 * MIB);
    })();
    await spoil(join(await folderOf('V'), 'leaves', id));
    await using vault = await start();
    const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: id });
    const { headers } = await send(vault, outputOf('V', job, `bytes=0-${MIB - 1}`));
    expect(headers['x-amz-sha256-tree-hash']).toBe(treeHash(BODY.subarray(0, MIB)));
    const kept = await readdir(join(await folderOf('V'), 'leaves', id));
    expect(kept.length).toBeGreaterThan(0);
  });

  test('two folders of one vault stop the start and are named, by the check too: archives of one would be hidden', async () => {
    const first = await start();
    await makeVault(first, 'V');
    await uploadWhole(first, 'V', Buffer.from('hello'));
    await first.close();
    const folder = await folderOf('V');
    await cp(folder, `${folder.slice(0, -1)}x`, { recursive: true });
    const found = await findings();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/is the vault V, as is .*V~/);
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/V~\w+ and \S+V~\w+ are both the vault V$/),
    });
    await rm(`${folder.slice(0, -1)}x`, { recursive: true });
    await (await start()).close();
  });

  test('a vault is made again only when the one of that name is gone: a crash leaves no two folders of it', async () => {
    const options = { realistic: false, discards: false, uploadIdleMs: Number.POSITIVE_INFINITY };
    await using folder = await openDataFolder(directory, { ...options, realNow: Date.now });
    const { first } = folder;
    await first.create('V', 1);
    const vault = first.vaults.get('V')!;
    const remove = vault.remove.bind(vault);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    vault.remove = () => held.then(remove);
    const [removed, made] = [first.remove('V'), first.create('V', 2)];
    const removedAgain = first.remove('V').then(() => 'told');
    for (let i = 0; i < 3; i++) await first.create(`Other${i}`, 2);
    const ofV = async () => (await readdir(join(directory, 'vaults'))).filter((name) => name.startsWith('V~'));
    const before = await ofV();
    expect(before).toHaveLength(1);
    expect(await Promise.race([removedAgain, Promise.resolve('not told')])).toBe('not told');
    letGo();
    await Promise.all([removed, removedAgain, made]);
    const after = await ofV();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  test('a vault that cannot be removed is not told to be gone', async () => {
    await using vault = await start();
    await makeVault(vault, 'V');
    const folder = await folderOf('V');
    await rename(folder, `${folder}.elsewhere`);
    expect((await removeVault(vault, 'V')).status).toBe(500);
    expect((await removeVault(vault, 'V')).status).toBe(500);
    await rename(`${folder}.elsewhere`, folder);
    expect((await removeVault(vault, 'V')).status).toBe(204);
    expect(await readdir(join(directory, 'vaults'))).toEqual([]);
  });

  test('a server that is where its process cannot be seen holds the folder as long as it says so', async () => {
    await (await start()).close();
    const lock = join(directory, 'lock');
    const holder = { pid: 1, birth: 'another boot 17', since: '2026-01-01', where: 'another container' };
    await writeFile(lock, JSON.stringify(holder));
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('process 1 since'),
    });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await (await start()).close();
    expect(await readdir(directory)).not.toContain('lock');
  });

  test.skipIf(process.platform !== 'linux')('a server says that it is there', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await using _lock = await lockFolder(home);
      const lock = join(home, 'lock');
      expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ where: expect.stringMatching(/ pid:\[\d+\]$/) });
      await utimes(lock, 0, 0);
      vi.advanceTimersByTime(10_000);
      while ((await stat(lock)).mtimeMs === 0) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      vi.useRealTimers();
    }
  });

  test('a link by the name of README.txt is not written through', async () => {
    await (await start()).close();
    const precious = join(home, 'precious');
    await writeFile(precious, 'thesis');
    await rm(join(directory, 'README.txt'));
    await symlink(precious, join(directory, 'README.txt'));
    await (await start()).close();
    expect(await readFile(precious, 'utf8')).toBe('thesis');
    expect(await readFile(join(directory, 'README.txt'), 'utf8')).toContain('archives/ID');
  });
});
