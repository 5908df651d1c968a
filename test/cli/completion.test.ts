// Completion: what bash offers, asked of a real one, and that the scripts for zsh and fish say all that the tables say.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { OPTION_NAMES, optionOf } from '../../src/cli/words/options.js';
import { typed } from './typed.js';

const home = mkdtempSync(join(tmpdir(), 'mtglacier-completion-'));
const DETECT = ['treehash', 'mtime', 'mtime-and-treehash', 'mtime-or-treehash', 'always-positive', 'size-only'];

beforeAll(async () => {
  writeFileSync(join(home, 'completion.bash'), (await typed(['completion', 'bash'])).stdout);
  mkdirSync(join(home, 'photos of 2024'));
  writeFileSync(join(home, 'photos.journal'), '');
});

afterAll(() => rmSync(home, { recursive: true }));

function bash(...words: readonly string[]): string {
  const env = { PATH: process.env['PATH'], HOME: home };
  return execFileSync('bash', ['--norc', '--noprofile', ...words], { cwd: home, env, encoding: 'utf8' });
}

/** What each line of words offers for its last word. The shell parts a word at =. */
function offers(...lines: readonly (readonly string[])[]): string[][] {
  const ask = `source completion.bash
    offer() { COMP_WORDS=(mtglacier "$@"); COMP_CWORD=$#; _mtglacier; printf '%s\\0' "\${COMPREPLY[@]}" ''; printf '\\1'; }
    ${lines.map((words) => `offer ${words.map((word) => `'${word}'`).join(' ')}`).join('\n')}`;
  return bash('-c', ask)
    .split('\u0001')
    .slice(0, -1)
    .map((offered) => offered.split('\0').filter((word) => word !== ''));
}

function offered(...words: readonly string[]): string[] {
  return offers(words)[0] ?? [];
}

describe('completion: bash', () => {
  it('completion: bash reads the script without a word', () => {
    expect(bash('-n', 'completion.bash')).toBe('');
    expect(bash('-c', 'source completion.bash; complete -p mtglacier mtglacier.pl')).toBe(
      'complete -F _mtglacier mtglacier\ncomplete -F _mtglacier mtglacier.pl\n',
    );
  });

  it('completion: the first word is a command', () => {
    expect(offered('').sort()).toEqual([...COMMANDS.map(({ name }) => name), 'help', 'version'].sort());
    expect(offered('restore')).toEqual(['restore', 'restore-completed']);
  });

  it('completion: every command is offered all of its options and no others', () => {
    const found = offers(...COMMANDS.map(({ name }) => [name, '--']));
    COMMANDS.forEach(({ uses }, index) => {
      expect(found[index]).toEqual([...uses.map((name) => `--${name}`), '--help']);
    });
  });

  it.each([
    [
      ['sync', '--de'],
      ['--delete-removed', '--detect', '--delete-everything'],
    ],
    [['sync', '-det'], ['-detect']],
    [['--journal', 'sync', 'ls', '--nu'], ['--null']],
    [['--from-dir', 'get', '-to-vault', 'rm', 'sync', '--fo'], ['--follow']],
    [['--journal', '=', 'sync', 'ls', '--nu'], ['--null']],
    [['--endpoint', 'http', ':', '//localhost', 'sync', '--fo'], ['--follow']],
    [['--repl'], ['--replace-modified']],
  ])('completion: after %j come the options %j', (words, options) => {
    expect(offered(...words)).toEqual(options);
  });

  it.each([
    [['sync', '--detect', ''], DETECT],
    [['sync', '-detect', 'mtime-o'], ['mtime-or-treehash']],
    [['sync', '--detect', '='], DETECT],
    [['sync', '--detect', '=', 'siz'], ['size-only']],
    [
      ['list-vaults', '--format', ''],
      ['for-humans', 'mtmsg'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['config', ''], ['show']],
    [['help', 'check'], ['check-local-hash']],
  ])('completion: after %j come the words %j', (words, choices) => {
    expect(offered(...words)).toEqual(choices);
  });

  it('completion: files and directories are completed where they are meant', () => {
    expect(offered('sync', '--journal', 'photos')).toEqual(['photos of 2024', 'photos.journal']);
    expect(offered('sync', '--dir', 'photos')).toEqual(['photos of 2024']);
    expect(offered('sync', '--to-dir', '=', 'ph')).toEqual(['photos of 2024']);
  });

  it('completion: where anything can stand nothing is offered', () => {
    expect(offered('sync', '--vault', '')).toEqual([]);
    expect(offered('sync', '')).toEqual([]);
    expect(offered('completion', 'bash', '')).toEqual([]);
  });
});

describe('completion: zsh and fish', () => {
  it('completion: zsh is told every command, option, choice and path', async () => {
    const { stdout } = await typed(['completion', 'zsh']);
    expect(stdout.startsWith('#compdef mtglacier mtglacier.pl\n')).toBe(true);
    const lines = stdout.split('\n').filter((line) => line.startsWith('    '));
    for (const { name, summary, uses } of COMMANDS) {
      expect(lines).toContain(`    '${name}:${summary}'`);
      expect(lines).toContain(`    ${name} '${uses.join(' ')}'`);
    }
    for (const name of OPTION_NAMES) {
      const { shape, words, names } = optionOf(name);
      const line = lines.find((one) => one.startsWith(`    ${name} `) && one.includes('--')) ?? '';
      expect(line).toMatch(/^ {4}[a-z-]+ '(?:[^'\\]|\\[[\]:\\]|'\\'')+'$/);
      expect(line).toContain(shape === null ? `--${name}[` : `--${name}=[`);
      if (words !== undefined) expect(line).toContain(`:(${words.join(' ')})'`);
      if (names !== undefined) expect(line).toContain(names === 'file' ? ':_files' : ':_directories');
    }
  });

  it('completion: fish is told every command, option, choice and path', async () => {
    const { stdout } = await typed(['completion', 'fish']);
    const lines = stdout.split('\n').filter((line) => line.startsWith('complete '));
    for (const line of lines) expect(line).toMatch(/^(?: ?(?:[\w.-]+|'(?:[^'\\]|\\['\\])*'))+$/);
    for (const { name, summary } of COMMANDS) {
      expect(lines).toContain(`complete -c mtglacier -n __mtglacier_awaits_command -a ${name} -d '${summary}'`);
    }
    for (const name of OPTION_NAMES) {
      const { shape, words, names } = optionOf(name);
      const line = lines.find((one) => one.includes(` -l ${name} `)) ?? '';
      const takers = COMMANDS.filter(({ uses }) => uses.includes(name)).map((command) => command.name);
      expect(line).toContain(`__mtglacier_is ${takers.join(' ')}'`);
      expect(/ -[xr] /.test(line)).toBe(shape !== null);
      if (words !== undefined) expect(line).toContain(` -a '${words.join(' ')}'`);
      if (names !== undefined) expect(line).toContain(names === 'file' ? ' -F ' : '__fish_complete_directories');
    }
  });

  it('completion: an unknown shell is refused, with those that are known', async () => {
    expect(await typed(['completion', 'tcsh'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'ERROR: there is no completion for the shell "tcsh"\nhint: known are bash, zsh, fish\n',
    });
    expect((await typed(['completion', 'bsh'])).stderr).toContain('did you mean bash?');
  });
});
