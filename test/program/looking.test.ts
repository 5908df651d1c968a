// What the built program prints, where it goes to a pipe or to a terminal of another encoding.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { start } from './program.js';

const home = mkdtempSync(join(tmpdir(), 'mtglacier-looking-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function journalOf(paths: readonly string[]): string {
  const file = join(home, `${paths.length}.journal`);
  const lines = paths.map((path, at) => `B\t1373350000\tCREATED\tID${at}\t1\t1330000000\t${'a'.repeat(64)}\t${path}\n`);
  writeFileSync(file, lines.join(''));
  return file;
}

/** As a shell runs it: `$@` stands for the program and its words. */
function inShell(line: string, ...args: readonly string[]) {
  return start(args, { under: ['bash', '-c', line, 'bash'] }).ended;
}

describe('looking', () => {
  it('looking: a reader that has seen enough ends the listing, without a word of complaint', async () => {
    const journal = journalOf(Array.from({ length: 40_000 }, (_, at) => `file ${at}`));
    const { stdout, stderr } = await inShell('"$@" | head -n 1; echo "${PIPESTATUS[0]}"', 'ls', '--journal', journal);
    expect(stdout).toMatch(/^ +1 B {2}\S+ \S+ {2}file 0\n0\n$/);
    expect(stderr).toMatch(/^ls took .*\n {2}files +\d+ .*\nOK DONE\n$/);
    expect(stderr).not.toContain(' 40000 ');
  });

  it('looking: names go through xargs -0 whole', async () => {
    const journal = journalOf(['a b', "it's", '"quoted"', '-x', '日本']);
    const { stdout } = await inShell('"$@" | xargs -0 -n 1 printf "[%s]"', 'ls', '--null', '--journal', journal);
    expect(stdout).toBe('["quoted"][-x][a b][it\'s][日本]');
  });

  it('looking: a terminal of another encoding gets its bytes, and an escape for what it lacks', async () => {
    const journal = journalOf(['тест/файл ñ 😀.txt', 'и ещё']);
    const line = '"$@" | od -An -v -tx1 | tr -d " \\n"';
    const { stdout } = await inShell(line, 'ls', '--journal', journal, '--terminal-encoding', 'KOI8-R');
    const text = (await loadEncoding('KOI8-R')).decode(Buffer.from(stdout, 'hex')) ?? '';
    expect(text.split('\n').map((row) => row.slice(30))).toEqual(['и ещё', 'тест/файл \\u{f1} \\u{1f600}.txt', '']);
  });
});
