// The last words of each command of mt-aws-glacier: its scripts wait for them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { typed } from './typed.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'mtglacier-words-'));
const FILE = join(FOLDER, 'kept', 'a');
const WHERE = ['--endpoint', `local:${join(FOLDER, 'vaults')}`, '--region', 'eu-west-1'];
const JOURNAL = ['--vault', 'photos', '--journal', join(FOLDER, 'journal')];
const KEPT = ['--dir', join(FOLDER, 'kept'), ...JOURNAL];
const RESTORE = ['restore', ...KEPT, '--max-number-of-files', '1'];

/** The last lines of a run that ends well, or as is said. */
async function lastOf(words: readonly string[], count = 2, due = 0): Promise<string[]> {
  const { exitCode, stdout, stderr } = await typed([...words, ...WHERE]);
  expect([exitCode, stderr]).toEqual([due, '']);
  return stdout.trimEnd().split('\n').slice(-count);
}

beforeAll(() => {
  mkdirSync(join(FOLDER, 'kept'));
  writeFileSync(FILE, 'content');
});

describe('closing words', () => {
  it('closing words: commands without a summary end with OK DONE too', async () => {
    expect(await lastOf(['create-vault', 'mail'])).toEqual(['Created vault mail', 'OK DONE']);
    expect((await lastOf(['list-vaults'])).at(-1)).toBe('OK DONE');
    expect((await lastOf(['list-vaults', '--format', 'mtmsg'])).at(-1)).toBe('OK DONE');
    expect((await lastOf(['retrieve-inventory', '--vault', 'mail'])).at(-1)).toBe('OK DONE');
    expect(await lastOf(['delete-vault', 'mail'])).toEqual(['Deleted vault mail', 'OK DONE']);
  });

  it('closing words: nothing to restore, nothing to delete', async () => {
    await lastOf(['create-vault', 'photos']);
    await lastOf(['sync', ...KEPT]);
    for (const more of [[], ['--dry-run']]) {
      expect(await lastOf([...RESTORE, ...more])).toEqual(['Nothing to restore', 'OK DONE']);
      expect(await lastOf(['restore-completed', ...KEPT, ...more])).toEqual(['Nothing to restore', 'OK DONE']);
    }
    rmSync(FILE);
    const pending = 'exit code 75: not ready yet, run it again later';
    for (const words of [RESTORE, RESTORE]) expect((await lastOf(words, 1, 75))[0]).toBe(pending);
    expect(await lastOf(['restore-completed', ...KEPT, '--dry-run'])).not.toContain('Nothing to restore');
    expect(await lastOf(['purge-vault', ...JOURNAL])).not.toContain('Nothing to delete');
    expect(await lastOf(['purge-vault', ...JOURNAL])).toEqual(['Nothing to delete', 'OK DONE']);
  });
});
