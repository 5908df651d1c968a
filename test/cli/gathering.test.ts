// What was said, in whatever encoding.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { gather } from '../../src/cli/words/gathering.js';
import { loadEncoding } from '../../src/model/text-encoding.js';

async function gathered(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const draft = readCommandLine(argv, COMMANDS);
  if (draft.ask !== 'run') throw new Error(`asks for ${draft.ask}`);
  return gather({ argv, environment, commands: COMMANDS }, draft);
}

async function configFile(text: string, encoding: string, name = 'glacier.cfg'): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-gathering-')), name);
  writeFileSync(file, (await loadEncoding(encoding)).encode(text) ?? '', { mode: 0o600 });
  return file;
}

/** What a KOI8-R terminal would show of these letters, which Node takes for UTF-8. */
async function seenInKoi8(text: string): Promise<string> {
  return (await loadEncoding('KOI8-R')).decode(Buffer.from(text)) ?? '';
}

describe('gathering', () => {
  it('gathering: everything is UTF-8 where nothing else is said', async () => {
    const { typed, encodings } = await gathered(['sync', '--journal', 'фото']);
    expect(typed.get('journal')).toBe('фото');
    expect(Object.values(encodings).map(({ name }) => name)).toEqual(['UTF-8', 'UTF-8', 'UTF-8', 'UTF-8']);
  });

  it('gathering: words and variables are read as the terminal writes them', async () => {
    const { typed, environment, request } = await gathered(
      ['get', '--terminal-encoding=KOI8-R', '--journal', 'фото', 'имя'],
      { MTGLACIER_DIR: 'кот' },
    );
    expect(typed.get('journal')).toBe(await seenInKoi8('фото'));
    expect(request.positionals.get('NAME')).toEqual([await seenInKoi8('имя')]);
    expect(environment.get('dir')?.text).toBe(await seenInKoi8('кот'));
  });

  it.each([
    ['the command line', ['--terminal-encoding', 'KOI8-R'], {}, ''],
    ['the environment', [], { MTGLACIER_TERMINAL_ENCODING: 'KOI8-R' }, ''],
    ['the config', [], {}, 'terminal-encoding = KOI8-R'],
  ])('gathering: %s can say how the terminal writes', async (_, words, environment, config) => {
    const argv = ['sync', '--config', await configFile(config, 'UTF-8'), '--journal', 'фото', ...words];
    expect((await gathered(argv, environment)).typed.get('journal')).toBe(await seenInKoi8('фото'));
  });

  it.each([
    ['the command line', ['--config-encoding', 'KOI8-R'], {}, ''],
    ['the environment', [], { MTGLACIER_CONFIG_ENCODING: 'KOI8-R' }, ''],
    ['the config itself', [], {}, 'config-encoding = KOI8-R'],
  ])('gathering: %s can say how the config is written', async (_, words, environment, line) => {
    const file = await configFile(`dir = /фото\n${line}`, 'KOI8-R');
    const { config } = await gathered(['sync', '--config', file, ...words], environment);
    expect(config.get('dir')?.text).toBe('/фото');
  });

  it('gathering: the command line outdoes the config about the encoding of the config', async () => {
    const file = await configFile('dir = /фото\nconfig-encoding = cp1251', 'KOI8-R');
    const { config } = await gathered(['sync', '--config', file, '--config-encoding=KOI8-R']);
    expect(config.get('dir')?.text).toBe('/фото');
  });

  it('gathering: a variable names the config, the command line another', async () => {
    const one = await configFile('vault = one', 'UTF-8');
    const other = await configFile('vault = other', 'UTF-8');
    expect((await gathered(['sync'], { MTGLACIER_CONFIG: one })).config.get('vault')?.text).toBe('one');
    const both = await gathered(['sync', '--config', other], { MTGLACIER_CONFIG: one });
    expect(both.config.get('vault')?.text).toBe('other');
  });

  it('gathering: the bytes of the path to the config depend on no encoding', async () => {
    const file = await configFile('vault = v\nterminal-encoding = KOI8-R', 'UTF-8', 'конфиг');
    expect((await gathered(['sync', '--config', file])).config.get('vault')?.text).toBe('v');
    expect((await gathered(['sync'], { MTGLACIER_CONFIG: file })).config.get('vault')?.text).toBe('v');
  });

  it('gathering: each encoding that is unknown is told with its place, all at once', async () => {
    const file = await configFile('journal-encoding = nosuch', 'UTF-8');
    const argv = ['sync', '--config', file, '--filenames-encoding=klingon'];
    await expect(gathered(argv, { MTGLACIER_TERMINAL_ENCODING: 'UTF-16' })).rejects.toThrow(
      /^--filenames-encoding: .*klingon.*\n.*glacier\.cfg:1: journal-encoding: .*nosuch.*\nMTGLACIER_TERMINAL_ENCODING: .*UTF-16/,
    );
  });

  it('gathering: a config that is no text of its encoding is refused', async () => {
    const file = await configFile('dir = /фото', 'KOI8-R');
    await expect(gathered(['sync', '--config', file])).rejects.toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining('it is not UTF-8 text') }),
    );
  });

  it('gathering: a command that reads no config is not stopped by one', async () => {
    const { typed } = await gathered(['completion', 'bash'], { MTGLACIER_CONFIG: '/does/not/exist' });
    expect(typed.size).toBe(0);
  });
});
