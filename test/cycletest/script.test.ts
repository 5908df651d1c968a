// The player of lives: what it reads, what it lets pass, and that it tells when a life goes wrong.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mismatch } from '../../cycletest/expectation.js';
import { Page } from '../../cycletest/page.js';
import { type PlayOptions, play, type Verdict } from '../../cycletest/play.js';
import { parseScript, type Step } from '../../cycletest/script.js';

function life(...lines: string[]): string {
  return ['# A title', '', 'Some prose.', '', '```console', ...lines, '```', ''].join('\n');
}

function stepsOf(markdown: string): Step[] {
  return parseScript(markdown).pieces.flatMap((piece) => ('step' in piece ? [piece.step] : []));
}

async function played(
  markdown: string,
  options: Partial<PlayOptions> = {},
): Promise<{ verdict: Verdict; text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'mtglacier-player-'));
  let text = '';
  const page = new Page({ write: (more) => void (text += more), isColoured: false });
  try {
    writeFileSync(join(folder, 'life.md'), markdown);
    const { signal } = new AbortController();
    const defaults = { awsVault: null, page, keepsBroken: false, limitMs: 20_000, signal };
    const verdict = await play(join(folder, 'life.md'), { ...defaults, ...options });
    page.verdict(verdict);
    return { verdict, text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('script', () => {
  it('script: a command, its output and its exit code', () => {
    expect(stepsOf(life('$ false', 'one', '', 'two', '[1]', '$ true'))).toEqual([
      { line: 6, command: 'false', expected: ['one', '', 'two'], exitCode: 1 },
      { line: 11, command: 'true', expected: [], exitCode: 0 },
    ]);
  });

  it('script: a backslash at the end of a command takes the next line in', () => {
    expect(stepsOf(life('$ echo one \\', '    two', 'one two'))).toEqual([
      { line: 6, command: 'echo one \\\n    two', expected: ['one two'], exitCode: 0 },
    ]);
  });

  it('script: lines that begin with > go on with the command, as the shell shows them', () => {
    expect(stepsOf(life('$ cat <<END', '> one', '>', '> END', 'one', '> two'))).toEqual([
      { line: 6, command: 'cat <<END\none\n\nEND', expected: ['one', '> two'], exitCode: 0 },
    ]);
  });

  it('script: other blocks are prose', () => {
    const { pieces } = parseScript('# T\n```sh\n$ rm -rf /\n```\n');
    expect(pieces.every((piece) => 'prose' in piece)).toBe(true);
  });

  it('script: the title is that of the document', () => {
    expect(parseScript(life()).title).toBe('A title');
  });

  it('script: "local only" below the title speaks of all', () => {
    const { localOnly, pieces } = parseScript(life('$ true').replace('Some', '<!-- local only -->\nSome'));
    expect(localOnly).toBe(true);
    expect(pieces.some((piece) => 'prose' in piece && piece.prose.includes('<!--'))).toBe(false);
  });

  it('script: "local only" below a heading speaks of its part', () => {
    const part = (name: string, note: string): string => `## ${name}\n${note}\n\`\`\`console\n$ ${name}\n\`\`\`\n`;
    const script = parseScript(`# T\n${part('one', '')}${part('two', '<!-- local only -->')}${part('three', '')}`);
    expect(script.localOnly).toBe(false);
    expect(script.pieces.flatMap((piece) => ('step' in piece && piece.localOnly ? [piece.step.command] : []))).toEqual([
      'two',
    ]);
  });
});

describe('expectation', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['one'], ['one']],
    [['took … s (…)'], ['took 3 s (fast)']],
    [['…'], []],
    [['…'], ['one', 'two']],
    [['one', '…'], ['one']],
    [
      ['…', 'two', '…', 'four'],
      ['one', 'two', 'three', 'two', 'four', 'four'],
    ],
    [
      ['…', '…', 'x'],
      ['x', 'x'],
    ],
  ])('expectation: %j lets %j pass', (expected, printed) => {
    expect(mismatch(expected, printed)).toBeNull();
  });

  it.each<[readonly string[], readonly string[], number]>([
    [['one'], [], 0],
    [[], ['one'], 0],
    [['one'], ['one', 'two'], 1],
    [['one', 'two', 'three'], ['one', 'tow', 'three'], 1],
    [['…', 'last'], ['one', 'two'], 1],
    [['a.c'], ['abc'], 0],
    [['took … s'], ['took 3 seconds'], 0],
  ])('expectation: %j against %j fails at line %d', (expected, printed, at) => {
    expect(mismatch(expected, printed)).toEqual({ at });
  });

  it('expectation: many gaps and many lines take no time', () => {
    const expected = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? '…' : 'x'));
    const printed = [...Array.from({ length: 2000 }, () => 'x'), 'y'];
    expect(mismatch([...expected, 'z'], printed)).not.toBeNull();
  });
});

describe('play', () => {
  it('play: a life that goes as it says', async () => {
    const { verdict, text } = await played(
      life('$ x=1', '$ echo "$x"; exit_code() { return 3; }; exit_code', '1', '[3]'),
    );
    expect(verdict).toMatchObject({ title: 'A title', commands: 2, outcome: { is: 'as it should' } });
    expect(text).toContain('Some prose.\n\n    $ x=1\n');
    expect(text).toContain('\n    1\n    [3]\n');
    expect(text).toMatch(/AS IT SHOULD {2}2 commands in \d+\.\d s\n/);
  });

  it('play: other output is told with the line where it parts', async () => {
    const { verdict, text } = await played(life('$ echo one; echo two', 'one', 'three', '$ echo never'));
    expect(verdict.outcome).toMatchObject({ is: 'broken', step: { line: 6 }, mismatch: { at: 1 } });
    expect(verdict.commands).toBe(1);
    expect(text).toContain('NOT AS IT SHOULD');
    expect(text).toContain('    | one\n  > | three\nit ended with 0 and printed:\n    | one\n    | two\n');
    expect(text).not.toContain('never');
  });

  it('play: another exit code is told', async () => {
    const { verdict, text } = await played(life('$ false'));
    expect(verdict.outcome).toMatchObject({ is: 'broken', mismatch: null, ran: { exitCode: 1 } });
    expect(text).toContain('was to end with 0 and to print nothing\nit ended with 1 and printed nothing\n');
  });

  it('play: standard error is output too, in its place', async () => {
    const { verdict } = await played(life('$ echo one; echo two >&2; echo three', 'one', 'two', 'three'));
    expect(verdict.outcome.is).toBe('as it should');
  });

  it('play: output without a line end keeps its place', async () => {
    const { verdict } = await played(life('$ printf one', 'one', '$ printf "two\\n\\n"', 'two', ''));
    expect(verdict.outcome.is).toBe('as it should');
  });

  it('play: a command that does not end is given up', async () => {
    const { verdict, text } = await played(life('$ echo begun; sleep 1000'), { limitMs: 500 });
    expect(verdict.outcome).toMatchObject({ is: 'broken', ran: { lines: ['begun'], exitCode: null } });
    expect(text).toContain('it did not end');
  });

  it('play: a command that ends the shell is told', async () => {
    const { verdict } = await played(life('$ echo bye; exit 0', 'bye', '$ true'));
    expect(verdict.outcome).toMatchObject({ is: 'broken', ran: { exitCode: null } });
  });

  it('play: what a life leaves running ends with it, and its folder goes', async () => {
    const { verdict, text } = await played(life('$ (trap "" TERM; sleep 1000) & echo $!; pwd', '…'));
    expect(verdict.outcome.is).toBe('as it should');
    const [, pid = '', folder = ''] = /^ {4}(\d+)\n {4}(\/.+)$/m.exec(text) ?? [];
    expect(existsSync(folder)).toBe(false);
    await expect.poll(() => isAlive(Number(pid))).toBe(false);
  });

  it('play: the folder of a life that went wrong can be kept', async () => {
    const { verdict, text } = await played(life('$ echo here > file; false'), { keepsBroken: true });
    const left = verdict.outcome.is === 'broken' ? verdict.outcome.left : null;
    expect(existsSync(join(left as string, 'file'))).toBe(true);
    expect(text).toContain(`All that it left is in ${left}`);
    rmSync(left as string, { recursive: true });
  });

  it('play: no credentials of whoever plays get in', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'someone';
    const { text } = await played(life('$ env; cd; pwd', '…'));
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    expect(text).not.toContain('someone');
    expect(text).toMatch(/\n {4}\/.*mtglacier-life-\w+\n/);
  });

  it('play: a part that needs a local vault is left out at AWS, and a life that does is skipped', async () => {
    const markdown = `${life('$ echo $VAULT', 'mine')}## Local\n<!-- local only -->\n\`\`\`console\n$ false\n\`\`\`\n`;
    const some = await played(markdown, { awsVault: 'mine' });
    expect(some.verdict).toMatchObject({ commands: 1, outcome: { is: 'as it should' } });
    const none = await played(`# T\n<!-- local only -->\n${life('$ false')}`, { awsVault: 'mine' });
    expect(none.verdict).toMatchObject({ commands: 0, outcome: { is: 'skipped', needs: 'a local vault' } });
    expect(none.text).toContain('SKIPPED');
  });

  it('play: a life is skipped with what it needs where that is not installed', async () => {
    const needing = (what: string): string => `# T\n<!-- needs ${what} -->\n${life('$ echo played', 'played')}`;
    const missing = await played(needing('no-such-program --version'));
    expect(missing.verdict).toMatchObject({ commands: 0, outcome: { is: 'skipped' } });
    expect(missing.text).toContain('SKIPPED  T: it needs no-such-program --version\n');
    const present = await played(needing('test -f glacier.cfg && mtglacier version'));
    expect(present.verdict).toMatchObject({ commands: 1, outcome: { is: 'as it should' } });
  });

  it('play: an interrupt ends it', async () => {
    const interrupt = new AbortController();
    const playing = played(life('$ kill -STOP $$'), { signal: interrupt.signal });
    interrupt.abort(new Error('interrupted'));
    await expect(playing).rejects.toThrow('interrupted');
  });
});

describe('table', () => {
  it('table: a row for each life, and one sentence for all', () => {
    let text = '';
    const page = new Page({ write: (more) => void (text += more), isColoured: false });
    const step = { line: 7, command: 'false', expected: [], exitCode: 0 };
    const broken = { is: 'broken', step, ran: { lines: [], exitCode: 1 }, mismatch: null, left: null } as const;
    page.table(
      [
        { file: 'a.md', title: 'Good', commands: 5, durationMs: 1234, outcome: { is: 'as it should' } },
        { file: 'other.md', title: 'Not good', commands: 12, durationMs: 62_000, outcome: broken },
        {
          file: 'c.md',
          title: 'Not here',
          commands: 0,
          durationMs: 0,
          outcome: { is: 'skipped', needs: 'a local vault' },
        },
      ],
      'local vaults',
    );
    expect(text.split('\n').slice(1)).toEqual([
      '3 lives, played on local vaults',
      '─'.repeat(80),
      '',
      '  Good      a.md        5 commands   1.2 s  as it should',
      '  Not good  other.md   12 commands  62.0 s  NOT AS IT SHOULD, line 7',
      '  Not here  c.md      skipped: it needs a local vault',
      '',
      '1 of 3 did not go as they should.',
      '',
    ]);
  });
});

/** A process that has ended counts as gone also where nobody has collected it yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
