// Who has the folder: one server, and only one that is a local vault's, or nobody's yet.

import { readdirSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { killable } from './killable.js';

const here = killable();

describe('folder', () => {
  test('a second server on the folder is refused by name, until the first is gone', async () => {
    const first = await here.spawn();
    const second = await here.spawn();
    expect(second).toMatchObject({
      code: 'CONFIG',
      refused: expect.stringContaining(`served by process ${first.pid} since `),
    });
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({ code: 'CONFIG' });
    await first.kill();
    const third = await startLocalVault({ directory: here.directory });
    expect(third.accessKeyId).toBe(first.accessKeyId);
    await third.close();
    await third.close();
    expect(await readdir(here.directory)).not.toContain('lock');
  });

  test('a lock whose pid belongs to another process by now is taken over', async () => {
    await mkdir(here.directory);
    await writeFile(
      join(here.directory, 'lock'),
      JSON.stringify({ pid: process.pid, birth: 'earlier', since: 'then' }),
    );
    await using vault = await startLocalVault({ directory: here.directory });
    expect(vault.directory).toBe(here.directory);
  });

  test('two servers that start at once: one has the folder', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => startLocalVault({ directory: here.directory })),
    );
    const started = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(started.length).toBe(1);
    for (const outcome of started) await outcome.value.close();
  });

  test('a folder of other files, a file, and a port in use are refused', async () => {
    await mkdir(here.directory);
    await writeFile(join(here.directory, 'thesis.txt'), 'precious');
    await expect(startLocalVault({ directory: here.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('thesis.txt'),
    });
    await expect(startLocalVault({ directory: join(here.directory, 'thesis.txt') })).rejects.toMatchObject({
      code: 'CONFIG',
    });
    await using one = await startLocalVault({ directory: join(here.directory, 'one') });
    const port = Number(new URL(one.endpoint).port);
    const two = { directory: join(here.directory, 'two'), port };
    await expect(startLocalVault(two)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await using again = await startLocalVault({ ...two, port: 0 });
    expect(again.accountId).not.toBe(one.accountId);
  });

  test.each(['port', 'controlPort'])(
    'a start that finds its %s in use lets go of all that it opened',
    async (which) => {
      await using one = await startLocalVault({ directory: join(here.directory, 'one'), controlPort: 0 });
      const taken = Number(new URL(which === 'port' ? one.endpoint : (one.controlEndpoint ?? '')).port);
      const options = { directory: join(here.directory, 'two'), [which]: taken };
      const begin = () => expect(startLocalVault(options)).rejects.toMatchObject({ code: 'CONFIG' });
      await begin();
      const before = readdirSync('/proc/self/fd').length;
      for (let start = 0; start < 10; start++) await begin();
      expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 5);
    },
  );
});
