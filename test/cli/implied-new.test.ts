// What sync takes for granted, and what a `no` in the config or the environment does to it.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/run-program.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { FakeProcess, FakeStream } from './fakes.js';
import { configFile } from './settled.js';

/** A dry run over a directory with one file that the journal does not have. */
async function planned(words: readonly string[], config = '', environment: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mtglacier-implied-'));
  mkdirSync(join(folder, 'kept'));
  writeFileSync(join(folder, 'kept', 'f'), 'content');
  const where = ['--dir', join(folder, 'kept'), '--vault', 'v', '--journal', join(folder, 'j')];
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const exitCode = await runProgram({
    argv: ['sync', '--dry-run', ...where, '--config', configFile(config), ...words],
    environment,
    commands: async () => COMMANDS,
    stdout: stdout.open(),
    stderr: stderr.open(),
    process: new FakeProcess(),
  });
  return { exitCode, uploads: stdout.text.includes('Will UPLOAD'), notices: stderr.text };
}

describe('implied new', () => {
  it('implied new: where no task is named, new files are stored', async () => {
    expect(await planned([])).toEqual({ exitCode: 0, uploads: true, notices: '' });
    expect((await planned([], 'replace-modified = 0')).uploads).toBe(true);
  });

  it('implied new: where another task is named, they are not', async () => {
    expect((await planned(['--delete-removed'])).uploads).toBe(false);
    expect((await planned([], 'replace-modified')).uploads).toBe(false);
  });

  it('implied new: a no keeps it from being taken for granted, and that is said', async () => {
    const { exitCode, uploads, notices } = await planned([], 'new = 0');
    expect([exitCode, uploads]).toEqual([0, false]);
    expect(notices).toMatch(
      /glacier\.cfg:1: new is 0, and no other task is named: there is nothing to do\nhint: give --new/,
    );
    const inEnvironment = await planned([], 'new = 1', { MTGLACIER_NEW: '0' });
    expect([inEnvironment.uploads, inEnvironment.notices.includes('MTGLACIER_NEW is 0')]).toEqual([false, true]);
  });

  it('implied new: a typed --new outdoes a no', async () => {
    expect(await planned(['--new'], 'new = 0')).toEqual({ exitCode: 0, uploads: true, notices: '' });
  });

  it('implied new: beside another task a no is nothing to talk about', async () => {
    expect(await planned(['--replace-modified'], 'new = 0')).toEqual({ exitCode: 0, uploads: false, notices: '' });
  });
});
