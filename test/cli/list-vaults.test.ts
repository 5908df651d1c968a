// The command list-vaults, on vaults in a folder.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsIn, typed } from './typed.js';

const WHERE = ['--endpoint', `local:${mkdtempSync(join(tmpdir(), 'mtglacier-vaults-'))}`, '--region', 'eu-west-1'];

beforeAll(async () => {
  for (const name of ['photos', 'mail']) expect((await typed(['create-vault', name, ...WHERE])).exitCode).toBe(0);
});

function list(...words: readonly string[]) {
  return typed(['list-vaults', ...WHERE, ...words]);
}

describe('list-vaults', () => {
  it('list-vaults: for people tells each vault by name', async () => {
    const { exitCode, stdout } = await list();
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).toEqual(['mail', 'photos', 'OK DONE']);
    expect(stdout).toContain('  inventory   none taken yet\n');
  });

  it('list-vaults: mtmsg has a line for each field, in the order of mt-aws-glacier, then the totals', async () => {
    const { exitCode, stdout } = await list('--format', 'mtmsg');
    expect(exitCode).toBe(0);
    const lines = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
    const [mail, photos] = eventsIn((await list('--json')).stdout, 'vault');
    const vaultLines = [mail, photos].flatMap((vault) =>
      [
        ['SizeInBytes', '0'],
        ['CreationDate', vault?.['createdAt']],
        ['VaultName', vault?.['name']],
        ['NumberOfArchives', '0'],
        ['LastInventoryDate', ''],
      ].map(([field, value]) => ['MTMSG', 'VAULT_LIST', vault?.['arn'], field, value]),
    );
    expect(lines).toEqual([
      ...vaultLines,
      ['MTMSG', 'VAULTS_SUMMARY', 'total_number_of_archives', '0'],
      ['MTMSG', 'VAULTS_SUMMARY', 'total_size_of_archives', '0'],
      ['OK DONE'],
    ]);
  });

  it('list-vaults: with --json the vaults and their totals are objects, whatever the format', async () => {
    const { stdout } = await list('--json', '--format', 'mtmsg');
    expect(eventsIn(stdout, 'vault').map(({ name }) => name)).toEqual(['mail', 'photos']);
    expect(eventsIn(stdout, 'vaults')).toMatchObject([{ vaults: 2, archives: 0, size: 0 }]);
  });

  it('list-vaults: a dry run asks nobody', async () => {
    const nowhere = ['list-vaults', '--dry-run', '--endpoint', 'http://127.0.0.1:9', '--region', 'eu-west-1'];
    expect(await typed(nowhere)).toMatchObject({ exitCode: 0, stdout: 'Will LIST VAULTS\nOK DONE\n' });
    expect(eventsIn((await typed([...nowhere, '--json'])).stdout, 'planned')).toMatchObject([{ do: 'list-vaults' }]);
  });
});
