// The command config show.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPTION_NAMES, optionOf } from '../../src/cli/words/options.js';
import { eventsIn, typed } from './typed.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const CONFIG = join(mkdtempSync(join(tmpdir(), 'mtglacier-show-')), 'glacier.cfg');
writeFileSync(
  CONFIG,
  `# comment\nkey = AKIDEXAMPLEAKIDEXAMP\nsecret = ${SECRET}\nto-vault = photos\npartsize = 64\ndry-run\nconcurrency = 9\n`,
  { mode: 0o600 },
);
const WORDS = ['--config', CONFIG, '--concurrency', '8', '--filter', '+*.jpg  -', '--exclude', 'a b'];
const ENVIRONMENT = { MTGLACIER_CONCURRENCY: '7', MTGLACIER_TIER: 'Bulk', PATH: '/bin' };

async function shown(...words: readonly string[]): Promise<Map<string, string[]>> {
  const { exitCode, stdout } = await typed(['config', 'show', ...WORDS, ...words], ENVIRONMENT);
  expect(exitCode).toBe(0);
  return new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
      .map(([name = '', ...cells]) => [name, cells]),
  );
}

describe('config show', () => {
  it('config show: tells every option, as it would be written', async () => {
    const found = await shown();
    expect([...found.keys()]).toEqual(OPTION_NAMES);
    expect(found.get('concurrency')).toEqual(['8']);
    expect(found.get('vault')).toEqual(['photos']);
    expect(found.get('partsize')).toEqual(['64']);
    expect(found.get('segment-size')).toEqual(['16']);
    expect(found.get('dry-run')).toEqual(['1']);
    expect(found.get('new')).toEqual(['0']);
    expect(found.get('dir')).toEqual(['(not set)']);
    expect(found.get('include')).toEqual(['(not set)']);
    expect(found.get('exclude')).toEqual(['a b']);
  });

  it('config show: with --origin tells where each value came from', async () => {
    const found = await shown('--origin');
    expect(found.get('concurrency')).toEqual(['8', 'command line (--concurrency)']);
    expect(found.get('tier')).toEqual(['Bulk', 'environment (MTGLACIER_TIER)']);
    expect(found.get('vault')).toEqual(['photos', `${CONFIG}:4`]);
    expect(found.get('dry-run')).toEqual(['1', `${CONFIG}:6`]);
    expect(found.get('timeout')).toEqual(['180', 'default']);
  });

  it('config show: no secret is shown, in no form', async () => {
    for (const more of [[], ['--origin'], ['--json']]) {
      const { stdout, stderr } = await typed(['config', 'show', ...WORDS, ...more]);
      expect(stdout).toContain('(hidden)');
      for (const name of OPTION_NAMES.filter((one) => optionOf(one).secret === true)) expect(stdout).toContain(name);
      expect(stdout + stderr).not.toMatch(/AKIDEXAMPLE|wJalr/);
    }
  });

  it('config show: with --json each option is an object', async () => {
    const { stdout } = await typed(['config', 'show', ...WORDS, '--json'], ENVIRONMENT);
    const options = eventsIn(stdout, 'option');
    expect(options.map(({ name }) => name)).toEqual(OPTION_NAMES);
    const one = (name: string) => options.find((option) => option['name'] === name);
    expect(one('tier')).toMatchObject({ value: 'Bulk', origin: 'environment', where: 'MTGLACIER_TIER' });
    expect(one('vault')).toMatchObject({ value: 'photos', origin: 'config', where: `${CONFIG}:4` });
    expect(one('partsize')).toMatchObject({ value: 64 });
    expect(one('new')).toMatchObject({ value: false, origin: 'default', where: null });
    expect(one('filter')).toMatchObject({ value: ['+*.jpg  -'], origin: 'command-line' });
    expect(one('dir')).toMatchObject({ value: null });
    expect(one('secret')).toMatchObject({ value: '(hidden)' });
  });

  it('config show: what the world makes of a value does not matter', async () => {
    const { exitCode, stdout } = await typed(['config', 'show', '--dir', '/nonexistent', '--journal', '/']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^dir +\/nonexistent$/m);
  });

  it('config show: other words are refused', async () => {
    const { exitCode, stderr } = await typed(['config', 'edit']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('ERROR: config does not know how to "edit"\nhint: type mtglacier config show\n');
  });
});

describe('glacier.cfg.example', () => {
  it('glacier.cfg.example: every option that it proposes is understood', async () => {
    const proposed = readFileSync('glacier.cfg.example', 'utf8').replace(/^# (?=[a-z-]+(?: = (?!\.\.\.).*)?$)/gm, '');
    const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-example-')), 'glacier.cfg');
    writeFileSync(file, proposed, { mode: 0o600 });
    const { exitCode, stdout } = await typed(['config', 'show', '--config', file, '--json']);
    const given = eventsIn(stdout, 'option').filter(({ origin }) => origin === 'config');
    expect(exitCode).toBe(0);
    expect(given.length).toBeGreaterThan(15);
  });
});
