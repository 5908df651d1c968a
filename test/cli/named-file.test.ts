import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileBelow, fileUnder, storableName } from '../../src/cli/words/named-file.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { contentOf } from '../disk/content.js';

const ENCODINGS = { filenames: UTF_8, journal: UTF_8 };

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'mtglacier-named-'));
  mkdirSync(join(home, 'kept', 'sub'), { recursive: true });
  writeFileSync(join(home, 'kept', 'sub', 'a.txt'), 'content');
  utimesSync(join(home, 'kept', 'sub', 'a.txt'), 1_500_000_000, 1_500_000_000);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (...names: string[]): string => join(home, ...names);

const refusal = (message: string) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) });

function refusalOf(deed: () => unknown): unknown {
  try {
    return deed();
  } catch (thrown) {
    return thrown;
  }
}

describe('a file below a directory', () => {
  it('is known by its way from there, with its size and time, and its content can be read', async () => {
    const { file, place } = fileBelow(at('kept/sub/a.txt'), at('kept'), ENCODINGS);
    expect(file).toMatchObject({ path: 'sub/a.txt', size: 7, mtime: 1_500_000_000 });
    expect(await contentOf(place, file)).toBe('content');
  });

  it.each([
    ['the same with dots and doubled slashes', 'kept/sub/../sub//a.txt', 'kept/./'],
    ['behind a linked directory', 'linked/a.txt', 'kept'],
    ['behind a link to the file', 'link.txt', 'kept'],
    ['below a link to the directory', 'kept/sub/a.txt', 'kept-too'],
  ])('has its real name: %s', (_, filename, dir) => {
    symlinkSync('kept/sub', at('linked'));
    symlinkSync('kept/sub/a.txt', at('link.txt'));
    symlinkSync('kept', at('kept-too'));
    expect(fileBelow(`${home}/${filename}`, `${home}/${dir}`, ENCODINGS).file.path).toBe('sub/a.txt');
  });

  it('is found below the root of the file system', () => {
    expect(fileBelow(at('kept/sub/a.txt'), '/', ENCODINGS).file.path).toBe(at('kept/sub/a.txt').slice(1));
  });

  it('must be inside, by its real name', () => {
    mkdirSync(at('kept-too'));
    writeFileSync(at('kept-too', 'b.txt'), 'b');
    symlinkSync(at('kept-too', 'b.txt'), at('kept', 'b.txt'));
    for (const filename of [at('kept-too/b.txt'), at('kept/b.txt'), at('kept/../kept-too/b.txt')]) {
      expect(refusalOf(() => fileBelow(filename, at('kept'), ENCODINGS))).toEqual(refusal('is not in --dir'));
    }
    expect(refusalOf(() => fileBelow(at('kept'), at('kept'), ENCODINGS))).toEqual(refusal('is not in --dir'));
  });

  it('with a name that no journal can hold is refused', () => {
    writeFileSync(at('kept', 'a\tb'), 'x');
    expect(refusalOf(() => fileBelow(at('kept/a\tb'), at('kept'), ENCODINGS))).toEqual(refusal('contains a TAB'));
  });

  it('has its name decoded and found in the encoding of the disk', async () => {
    const koi8 = { filenames: await loadEncoding('KOI8-R'), journal: UTF_8 };
    writeFileSync(Buffer.concat([Buffer.from(`${home}/kept/`), Buffer.from([0xd4, 0xc5, 0xd3, 0xd4])]), 'test');
    const { file, place } = fileBelow(at('kept', 'тест'), at('kept'), koi8);
    expect(file.path).toBe('тест');
    expect(await contentOf(place, file)).toBe('test');
    symlinkSync(Buffer.from([0xd4, 0xc5, 0xd3, 0xd4]), at('kept', 'link'));
    expect(refusalOf(() => fileBelow(at('kept/link'), at('kept'), ENCODINGS))).toEqual(refusal('not written in UTF-8'));
  });
});

describe('a file under another name', () => {
  it('has that name, and its own size and time', async () => {
    const { file, place } = fileUnder(at('kept/sub/a.txt'), 'x/y', ENCODINGS);
    expect(file).toMatchObject({ path: 'x/y', size: 7, mtime: 1_500_000_000 });
    expect(await contentOf(place, file)).toBe('content');
  });

  it.each([
    ['a directory', 'kept', 'is no regular file'],
    ['missing', 'kept/none', 'does not exist'],
    ['behind a file', 'kept/sub/a.txt/b', 'does not exist'],
    ['empty', 'empty', 'is empty, and no archive can be'],
    ['a link that leads nowhere', 'dangling', 'does not exist'],
  ])('is refused when it is %s', (_, filename, why) => {
    writeFileSync(at('empty'), '');
    symlinkSync('nowhere', at('dangling'));
    expect(refusalOf(() => fileUnder(at(filename), 'x', ENCODINGS))).toEqual(refusal(why));
  });
});

describe('a name to store under', () => {
  it.each(['a', 'a/b c', '...', '..x', 'a\\b', '-', ' ', '日本/😀'])('may be %j', (name) => {
    expect(storableName(name, UTF_8)).toBe(name);
  });

  it.each(['', '/a', 'a//b', './a', 'a/..', '..', 'a\nb', 'a\tb', 'a/', 'a\0b', 'x'.repeat(800)])(
    'may not be %j',
    (name) => {
      expect(refusalOf(() => storableName(name, UTF_8))).toEqual(refusal('name "'));
    },
  );

  it('must have a form in the encoding of the journal', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    expect(storableName('тест', koi8)).toBe('тест');
    expect(refusalOf(() => storableName('日本', koi8))).toEqual(refusal('cannot be written in'));
  });
});
