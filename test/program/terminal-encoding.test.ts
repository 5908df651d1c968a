// Bytes of a terminal that does not write UTF-8, given to the built program by a shell.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { start } from './program.js';

/** `фото` in KOI8-R, which is no UTF-8, as printf takes it. */
const PHOTO = '\\306\\317\\324\\317';
const bytes = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.from([0xc6, 0xcf, 0xd4, 0xcf])]);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mtglacier-terminal-'));
  writeFileSync(bytes(`${folder}/koi8-`), 'terminal-encoding = KOI8-R\nvault = v\n', { mode: 0o600 });
  writeFileSync(bytes(`${folder}/utf8-`), 'vault = v\n', { mode: 0o600 });
});

/** The shell puts the bytes in the place of `@`, in the last word and in a variable. */
function typed(words: readonly string[], last: string, variable = 'NONE=') {
  const script = 'last=$(printf -- "$1"); export "$(printf -- "$2")"; shift 2; exec "$@" "$last"';
  const under = ['sh', '-c', script, 'sh', last.replace('@', PHOTO), variable.replace('@', PHOTO)];
  return start(words, { under, cwd: folder }).ended;
}

const SHOW = ['config', 'show', '--json'];

function valueOf(stdout: string, name: string): unknown {
  const events = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return events.find((event) => event['event'] === 'option' && event['name'] === name)?.['value'];
}

describe('terminal encoding', () => {
  it('terminal encoding: words and variables in KOI8-R are understood', async () => {
    const words = [...SHOW, '--terminal-encoding=KOI8-R', '--base-dir'];
    const { stdout, exitCode } = await typed(words, '@', 'MTGLACIER_JOURNAL=@');
    expect([exitCode, valueOf(stdout, 'base-dir'), valueOf(stdout, 'journal')]).toEqual([0, 'фото', 'фото']);
  });

  it('terminal encoding: a config is found by the bytes of its name, and can name the encoding', async () => {
    const { stdout } = await typed(SHOW, '--config=koi8-@');
    expect([valueOf(stdout, 'vault'), valueOf(stdout, 'terminal-encoding')]).toEqual(['v', 'KOI8-R']);
  });

  it('terminal encoding: the bytes of a config need not be text in it', async () => {
    expect(valueOf((await typed(SHOW, '--config=utf8-@')).stdout, 'vault')).toBe('v');
    expect(valueOf((await typed(['config', 'show'], '--json', 'MTGLACIER_CONFIG=utf8-@')).stdout, 'vault')).toBe('v');
  });

  it('terminal encoding: bytes that are no text in it are refused, with what to do', async () => {
    const { stderr, exitCode } = await typed(['config', 'show', '--base-dir'], '@');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not UTF-8 text\nhint: say how your terminal writes with --terminal-encoding');
  });

  it('terminal encoding: a journal below a directory whose name is not UTF-8 is not said to be missing', async () => {
    const script = 'cd "$(printf "$0")" && exec "$@"';
    mkdirSync(bytes(`${folder}/`));
    const { stderr, exitCode } = await start(['ls', '--journal', 'j'], {
      under: ['sh', '-c', script, PHOTO],
      cwd: folder,
    }).ended;
    expect(stderr).toBe(
      'ERROR: journal j is in a directory whose path is not UTF-8\nhint: keep the journal where the whole path is plain ASCII\n',
    );
    expect(exitCode).toBe(2);
  });
});
