import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mtglacier } from './program.js';

it('sync: a journal in the kept directory is left out, by name, with what lies beside it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'mtglacier-inside-'));
  try {
    const kept = join(home, 'kept');
    const endpoint = ['--endpoint', `local:${join(home, 'vaults')}`];
    await mtglacier('create-vault', 'v', ...endpoint);
    mkdirSync(kept);
    writeFileSync(join(kept, 'a.txt'), 'a');
    const sync = [
      'sync',
      ...endpoint,
      '--dir',
      kept,
      '--vault',
      'v',
      '--journal',
      join(kept, 'j'),
      '--delete-removed',
      '--new',
    ];
    expect(await mtglacier(...sync)).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await mtglacier(...sync);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).not.toContain('Finished');
    expect(again.stdout).toMatch(/the journal and what lies beside it are not kept.*\n  j\n/);
  } finally {
    rmSync(home, { recursive: true });
  }
});
