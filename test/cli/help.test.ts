// The help: complete, narrow, and with examples that can be typed.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { FIRST_STEPS } from '../../src/cli/program-text.js';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { OPTION_NAMES, optionOf } from '../../src/cli/words/options.js';
import { typed } from './typed.js';

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

/** The words that reach the program when a shell is given this line. */
function wordsOf(example: string): string[] {
  const home = mkdtempSync(join(tmpdir(), 'mtglacier-example-'));
  mkdirSync(join(home, '.config', 'fish', 'completions'), { recursive: true });
  const shell = `
    mtglacier() { printf '%s\\0' "$@" >> words; }
    tar() { :; }
    xargs() { :; }
    ${example}`;
  const env = { PATH: process.env['PATH'], HOME: home };
  execFileSync('bash', ['-eu', '-o', 'pipefail', '-c', shell], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return readFileSync(join(home, 'words'), 'utf8').split('\0').slice(0, -1);
}

const EXAMPLES = COMMANDS.flatMap(({ name, examples }) => examples.map((example) => [name, example] as const));

describe('help', () => {
  it('help: of the program names every command in its group, the environment and every exit code', async () => {
    const { exitCode, stdout } = await typed(['help']);
    expect(exitCode).toBe(0);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const group of new Set(COMMANDS.map((command) => command.group))) expect(stdout).toContain(`\n${group}:\n`);
    for (const word of ['help [COMMAND]', 'version', 'MTGLACIER_CONFIG', '--config']) expect(stdout).toContain(word);
    const codes = stdout.slice(stdout.indexOf('Exit codes:'));
    for (const code of Object.values(EXIT)) expect(codes).toMatch(new RegExp(`\\b${code}\\b`));
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'help: of %s names its options with their defaults, gives an example and fits 80 columns',
    async (name, command) => {
      const { exitCode, stdout } = await typed([name, '--help']);
      expect(exitCode).toBe(0);
      expect((await typed(['help', name])).stdout).toBe(stdout);
      const unwrapped = stdout.replace(/\s+/g, ' ');
      for (const option of command.listed ?? command.uses) {
        const { help, shownDefault } = optionOf(option);
        expect(stdout).toContain(`  --${option} `);
        expect(unwrapped).toContain(help);
        if (shownDefault !== undefined) expect(unwrapped).toContain(`(default: ${shownDefault})`);
      }
      for (const { name: word, help } of command.positionals) expect(unwrapped).toContain(` ${word} ${help} `);
      if (command.mandatory.length > 0) expect(stdout).toContain('\nMandatory:\n');
      expect(stdout).toMatch(/\nExamples?:\n {2}\S/);
      expect(unwrapped).toContain('MTGLACIER_JOURNAL');
      expect(widest(stdout)).toBeLessThanOrEqual(80);
    },
  );

  it('help: of config does not list the options of all other commands, though it takes them', async () => {
    const { stdout } = await typed(['help', 'config']);
    expect(stdout).not.toContain('  --partsize');
    expect(stdout).toContain('Takes every option');
  });

  it('help: whatever takes filters explains their rules', async () => {
    for (const { name, uses, listed } of COMMANDS) {
      const explains = /The\s+first\s+rule\s+that\s+matches\s+decides/.test((await typed(['help', name])).stdout);
      expect([name, explains]).toEqual([name, (listed ?? uses).includes('filter')]);
    }
  });

  it('help: every command has an example', () => {
    for (const { name } of COMMANDS) expect(EXAMPLES.map(([command]) => command)).toContain(name);
  });

  it.each(EXAMPLES)('help: the example for %s can be typed: %s', (name, example) => {
    const request = readCommandLine(wordsOf(example), COMMANDS);
    expect(request).toMatchObject({ ask: 'run', command: { name } });
  });

  it.each(FIRST_STEPS)('help: the first step can be typed: %s', (step) => {
    expect(readCommandLine(wordsOf(step), COMMANDS).ask).toBe('run');
  });

  it('help: every option belongs to some command, whose help lists it', () => {
    for (const option of OPTION_NAMES) {
      const isIgnored = optionOf(option).help.startsWith('of no effect');
      const listing = COMMANDS.filter(({ uses, listed }) => (isIgnored ? uses : (listed ?? uses)).includes(option));
      expect([option, listing.length]).not.toEqual([option, 0]);
    }
  });

  it('help: every mandatory option of a command is one that it takes', () => {
    for (const { uses, mandatory } of COMMANDS) for (const option of mandatory) expect(uses).toContain(option);
  });

  it('help: lines are ASCII, so that every terminal encoding can show them', async () => {
    for (const argv of [[], ...COMMANDS.map(({ name }) => [name])]) {
      expect((await typed(['help', ...argv])).stdout).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });
});
