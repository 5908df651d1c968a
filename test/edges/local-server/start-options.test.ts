// What startLocalVault takes from a program without types: what cannot be is refused by name, and touches no disk.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVaultOptions, startLocalVault } from '../../../src/edges/local-server/start.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'start-options-'));
});
afterAll(() => rm(home, { recursive: true }));

const start = (options: unknown) => startLocalVault(options as LocalVaultOptions);

describe('startLocalVault: options', () => {
  test.each<[string, unknown]>([
    ['host', ''],
    ['port', '8118'],
    ['port', 65_536],
    ['port', 80.5],
    ['publicUrl', 8118],
    ['realistic', 'yes'],
    ['delaysMs', 5],
    ['delaysMs', { Fast: 1 }],
    ['delaysMs', { Standard: '1' }],
    ['delaysMs', { Standard: Number.NaN }],
    ['delaysMs', { Standard: -1 }],
    ['speed', 0.5],
    ['speed', Number.NaN],
    ['region', 'eu west 1'],
    ['accounts', 0],
    ['now', 1_700_000_000_000],
    ['controlPort', -1],
    ['notices', () => undefined],
    ['log', 'requests.ndjson'],
    ['uploadIdleMs', Number.NaN],
    ['discard', 1],
    ['maxConnections', 0],
    ['bodyIdleMs', 0],
    ['headersMs', Number.POSITIVE_INFINITY],
    ['answerIdleMs', null],
  ])('%s: %j is refused, and no folder made', async (name, value) => {
    const directory = join(home, 'refused');
    await expect(start({ directory, [name]: value })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(`startLocalVault: ${name} must be `),
    });
    expect(existsSync(directory)).toBe(false);
  });

  test('one that is misspelt is named, with those that there are', async () => {
    await expect(start({ directory: join(home, 'refused'), delayMs: { Standard: 1 } })).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'startLocalVault has no option "delayMs"',
      hint: expect.stringContaining('realistic, delaysMs, speed'),
    });
  });

  test.each([[undefined], [null], ['./demo'], [{}], [{ directory: undefined }]])(
    '%j has no directory',
    async (options) => {
      await expect(start(options)).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringMatching(/needs/) });
    },
  );

  test('what is undefined is left out, and methods of a class do', async () => {
    class Postbox {
      publish(): Promise<void> {
        return Promise.resolve();
      }
    }
    const options = { directory: join(home, 'taken'), port: undefined, log: undefined, notices: new Postbox() };
    const vault = await start({ ...options, uploadIdleMs: Number.POSITIVE_INFINITY, delaysMs: { Standard: 0 } });
    expect(vault.delaysMs).toMatchObject({ Standard: 0, Bulk: 10_000 });
    await vault.close();
  });
});
