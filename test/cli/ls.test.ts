// The command ls, on journals written for the purpose.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { eventsIn, typed } from './typed.js';

const HASH = 'a'.repeat(64);
const MARCH = 1_330_000_000;

function created(id: string, size: number, mtime: number | 'NONE', path: string): string {
  return ['B', 1_373_350_000, 'CREATED', id, size, mtime, HASH, path].join('\t');
}

const LINES = [
  created('ID-OLD', 10, MARCH - 5, '2012/sea.jpg'),
  created('ID-SEA', 2048, MARCH, '2012/sea.jpg'),
  created('ID-ICE', 1, 'NONE', '2012/ice/ice.jpg'),
  created('ID-GONE', 1, 5, '2012/gone.jpg'),
  `B\t1373350001\tDELETED\tID-GONE\t2012/gone.jpg`,
  created('ID-ODD', 3, MARCH, '2012.txt'),
  created('ID-ESC', 4, MARCH, 'bad \u001b[31m'),
];

function journalOf(bytes: string | Uint8Array): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-ls-')), 'j');
  writeFileSync(file, bytes);
  return file;
}

const journal = journalOf(`${LINES.join('\n')}\n`);

/** As the program shows it, in the time zone of whoever runs the tests. */
function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (number: number): string => `${number}`.padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function ls(...words: readonly string[]) {
  return typed(['ls', '--journal', journal, ...words]);
}

async function names(...words: readonly string[]): Promise<string[]> {
  return (await ls('--null', ...words)).stdout.split('\0').slice(0, -1);
}

describe('ls', () => {
  it('ls: shows size, time and name of the latest versions by path, and the totals apart', async () => {
    const { exitCode, stdout, stderr } = await ls();
    const time = localTime(MARCH);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `       3 B  ${time}  2012.txt`,
      '       1 B  -                 2012/ice/ice.jpg',
      `   2.0 KiB  ${time}  2012/sea.jpg`,
      `       4 B  ${time}  "bad \\u001b[31m"`,
      '',
    ]);
    expect(stderr).toMatch(/^ls took .*\n {2}files +4 +2\.0 KiB\nOK DONE\n$/);
  });

  it('ls: with --all-versions the oldest comes first, with its id', async () => {
    const { stdout } = await ls('--all-versions', '2012/sea.jpg');
    expect(stdout.split('\n')).toEqual([
      `      10 B  ${localTime(MARCH - 5)}  ID-OLD  2012/sea.jpg`,
      `   2.0 KiB  ${localTime(MARCH)}  ID-SEA  2012/sea.jpg`,
      '',
    ]);
  });

  it.each([
    [['2012'], ['2012/ice/ice.jpg', '2012/sea.jpg']],
    [['./2012/'], ['2012/ice/ice.jpg', '2012/sea.jpg']],
    [['2012/ice'], ['2012/ice/ice.jpg']],
    [['2012/sea.jpg'], ['2012/sea.jpg']],
    [['.'], ['2012.txt', '2012/ice/ice.jpg', '2012/sea.jpg', 'bad \u001b[31m']],
    [
      ['--filter', '+*.jpg -'],
      ['2012/ice/ice.jpg', '2012/sea.jpg'],
    ],
    [['2012', '--exclude', 'ice/'], ['2012/sea.jpg']],
    [['--all-versions', '2012/sea.jpg'], ['2012/sea.jpg']],
  ])('ls: %j lists %j', async (words, paths) => {
    expect(await names(...words)).toEqual(paths);
  });

  it.each([
    ['2013', 'nothing in .* is named "2013" or lies below it'],
    ['2012/sea', 'nothing in .* is named "2012/sea" or lies below it'],
  ])('ls: a path that matches nothing (%s) fails and says so', async (path, message) => {
    const { exitCode, stdout, stderr } = await ls(path);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`ERROR: ${message}\nhint: `));
  });

  it.each(['/', '/2012', '../x'])('ls: the path %s is no path of a journal', async (path) => {
    const { exitCode, stderr } = await ls(path);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('relative');
  });

  it('ls: a journal in which nothing is selected is no failure', async () => {
    expect(await ls('--filter', '-')).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('ls: with --json each archive is an object with all that the journal knows', async () => {
    const archives = eventsIn((await ls('--json', '--all-versions')).stdout, 'archive');
    expect(archives.map(({ archiveId }) => archiveId)).toEqual(['ID-ODD', 'ID-ICE', 'ID-OLD', 'ID-SEA', 'ID-ESC']);
    expect(archives[3]).toMatchObject({
      path: '2012/sea.jpg',
      size: 2048,
      treeHash: HASH,
      mtime: '2012-02-23T12:26:40Z',
      createdAt: '2013-07-09T06:06:40Z',
    });
    expect(archives[1]).toMatchObject({ mtime: null });
    const [summary] = eventsIn((await ls('--json')).stdout, 'summary');
    expect(summary).toMatchObject({ exitCode: 0, counts: { archives: { total: { count: 4, size: 2056 } } } });
  });

  it('ls: --null gives the bytes that names have on disk, whatever the encoding of the journal', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const text = `${created('ID', 1, 1, 'тест/файл')}\n`;
    const file = journalOf(koi8.encode(text) ?? '');
    const options = ['--journal', file, '--journal-encoding', 'KOI8-R', '--null'];
    expect((await typed(['ls', ...options])).stdout).toBe('тест/файл\0');
    const { bytes } = await typed(['ls', ...options, '--filenames-encoding', 'CP1251']);
    expect((await loadEncoding('CP1251')).decode(bytes)).toBe('тест/файл\0');
  });

  it('ls: a name that the disk cannot have is told, and the others are listed', async () => {
    const file = journalOf(`${created('A', 1, 1, 'ñ')}\n${created('B', 1, 1, 'тест')}\n`);
    const { exitCode, bytes, stderr } = await typed([
      'ls',
      '--journal',
      file,
      '--null',
      '--filenames-encoding',
      'KOI8-R',
    ]);
    expect(exitCode).toBe(3);
    expect([...bytes]).toEqual([0xd4, 0xc5, 0xd3, 0xd4, 0]);
    expect(stderr).toContain('ERROR: name "ñ" cannot be written in KOI8-R');
  });

  it('ls: a journal that is not there is told, exit code 2', async () => {
    expect(await typed(['ls', '--journal', '/nonexistent/j'])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
