// Names that are not UTF-8 on disk: walked, looked at, read, landed.

import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openKeptDirectory } from '../../src/disk/kept-directory.js';
import { openLanding } from '../../src/disk/landing.js';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { openSource } from '../../src/disk/source.js';
import { Instant } from '../../src/model/clock.js';
import { RelPath } from '../../src/model/rel-path.js';
import { loadEncoding, type TextEncoding } from '../../src/model/text-encoding.js';
import { contentOf } from './content.js';
import { briefly, TemporaryDirectory, walked } from './temporary-directory.js';

const [KOI8, LATIN, EUC_JP] = await Promise.all([
  loadEncoding('KOI8-R'),
  loadEncoding('ISO-8859-1'),
  loadEncoding('EUC-JP'),
]);

function bytesOf(text: string, encoding: TextEncoding): Buffer {
  const bytes = encoding.encode(text);
  if (bytes === null) throw new Error(`no form: ${text}`);
  return Buffer.from(bytes);
}

/** A tree whose names stand in an encoding. */
class EncodedTree extends TemporaryDirectory {
  readonly encoding: TextEncoding;

  constructor(encoding: TextEncoding) {
    super();
    this.encoding = encoding;
  }

  at(name: string): Buffer {
    return bytesOf(`${this.path}/${name}`, this.encoding);
  }

  override put(name: string, content: string | Uint8Array = 'x'): string {
    const directory = name.split('/').slice(0, -1).join('/');
    mkdirSync(this.at(directory), { recursive: true });
    writeFileSync(this.at(name), content);
    return name;
  }
}

const names = (path: string | Buffer): string[] =>
  readdirSync(path, { encoding: 'buffer' }).map((name) => name.toString('latin1'));

describe('names in another encoding', () => {
  it('are walked, looked at and read, in the order of their text', async () => {
    using tree = new EncodedTree(KOI8);
    const place = placeOf(tree.path, KOI8);
    // In KOI8-R the byte of `б` comes before that of `а` of the other case, and `ю` before all.
    for (const name of ['ю', 'а/б', 'Б', 'ascii']) tree.put(name, `content of ${name}`);
    expect((await walked(tree.path, {}, KOI8)).map(briefly)).toEqual(['file ascii', 'file Б', 'file а/б', 'file ю']);
    const looked = lookAt(place, RelPath.parse('а/б'));
    if (looked.kind !== 'file') throw new Error(`not a file but ${looked.kind}`);
    expect(await contentOf(place, looked.file)).toBe('content of а/б');
    expect(lookAt(place, RelPath.parse('а/в'))).toEqual({ kind: 'missing' });
    expect(lookAt(place, RelPath.parse('ю/в'))).toEqual({ kind: 'other' });
  });

  it('are landed in their bytes, directories too, and the hidden file goes', async () => {
    using tree = new EncodedTree(KOI8);
    const place = placeOf(tree.path, KOI8);
    {
      await using landing = await openLanding(place, RelPath.parse('новый/путь/файл'), 3);
      await landing.write(Buffer.from('abc'), 0);
      expect(names(tree.at('новый/путь'))).toEqual([expect.stringMatching(/^\.mtglacier-/)]);
      await landing.finish(Instant.ofSeconds(1_000_000_000));
    }
    expect(names(tree.path)).toEqual(['\xce\xcf\xd7\xd9\xca']);
    expect(names(tree.at('новый/путь'))).toEqual([bytesOf('файл', KOI8).toString('latin1')]);
    expect(readFileSync(tree.at('новый/путь/файл'), 'utf8')).toBe('abc');
    expect(statSync(tree.at('новый/путь/файл')).mtimeMs).toBe(1_000_000_000_000);
    await expect(openLanding(place, RelPath.parse('новый/путь/файл'), 3)).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    });
    await expect(openLanding(place, RelPath.parse('новый/путь/файл/х'), 3)).rejects.toMatchObject({
      message: '"новый/путь/файл" is a file where "новый/путь/файл/х" needs a directory',
    });
  });

  it('are landed within the root only, whatever bytes a link leads through', async () => {
    using tree = new EncodedTree(KOI8);
    using outside = new EncodedTree(KOI8);
    mkdirSync(outside.at('чужой'));
    symlinkSync(outside.at('чужой'), tree.at('ссылка'));
    mkdirSync(tree.at('свой'));
    symlinkSync(tree.at('свой'), tree.at('сюда'));
    const place = placeOf(tree.path, KOI8);
    await expect(openLanding(place, RelPath.parse('ссылка/файл'), 1)).rejects.toMatchObject({
      code: 'NAME_REFUSED',
      message: expect.stringContaining('/чужой"') as string,
    });
    await using landing = await openLanding(place, RelPath.parse('сюда/файл'), 1);
    await landing.write(Buffer.from('x'), 0);
    await landing.finish(null);
    expect(names(tree.at('свой'))).toEqual([bytesOf('файл', KOI8).toString('latin1')]);
    expect(names(outside.at('чужой'))).toEqual([]);
  });

  it('stand also in the root', async () => {
    using tree = new EncodedTree(KOI8);
    tree.put('корень/файл');
    const directory = openKeptDirectory(`${tree.path}/корень`, { encoding: KOI8 });
    expect(directory.inPlace()).toBe(true);
    expect(directory.look(RelPath.parse('файл')).kind).toBe('file');
    expect((await walked(`${tree.path}/корень`, {}, KOI8)).map(briefly)).toEqual(['file файл']);
    expect(() => openKeptDirectory(`${tree.path}/корень`, { encoding: LATIN })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('ISO-8859-1') as string }),
    );
    expect(() => openKeptDirectory(`${tree.path}/корень`)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('come back as the bytes that they were, any of them', async () => {
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'))
      .filter((text) => !/[\0\t\n\r/]|^\.\.?$/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { maxLength: 12 }), async (raw) => {
        using tree = new TemporaryDirectory();
        for (const each of raw) writeFileSync(Buffer.from(`${tree.path}/${each}`, 'latin1'), 'x');
        const place = placeOf(tree.path, KOI8);
        const found = await walked(tree.path, {}, KOI8);
        const back = found.map((each) => {
          if (each.kind !== 'file') throw new Error(briefly(each));
          expect(lookAt(place, each.file.path).kind).toBe('file');
          return bytesOf(each.file.path, KOI8).toString('latin1');
        });
        expect(back.toSorted()).toEqual(raw.toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

describe('names in an encoding that was given by mistake', () => {
  it('are not taken for missing where a file has them in UTF-8', () => {
    using tree = new TemporaryDirectory();
    tree.put('д/тест');
    symlinkSync('nowhere', `${tree.path}/ascii`);
    const place = placeOf(tree.path, KOI8);
    expect(lookAt(place, RelPath.parse('д/тест'))).toMatchObject({
      kind: 'unseen',
      failure: {
        code: 'NAME_REFUSED',
        message: '"д/тест" is there with its name in UTF-8, not in KOI8-R',
        hint: expect.stringContaining('--filenames-encoding') as string,
      },
    });
    expect(lookAt(place, RelPath.parse('д/где/то'))).toMatchObject({
      failure: { message: '"д" is there with its name in UTF-8, not in KOI8-R' },
    });
    expect(lookAt(place, RelPath.parse('тест'))).toEqual({ kind: 'missing' });
    expect(lookAt(place, RelPath.parse('ascii'))).toMatchObject({ failure: { code: 'FILE_UNREADABLE' } });
  });
});

describe('names without a form', () => {
  it('on disk: what is no text of the encoding is refused and told how to name the right one', async () => {
    using tree = new EncodedTree(KOI8);
    tree.put('тест');
    tree.put('ascii');
    const [refused, file] = await walked(tree.path);
    expect(file).toMatchObject({ kind: 'file', file: { path: 'ascii' } });
    expect(refused).toMatchObject({
      kind: 'refused',
      name: '\\xd4\\xc5\\xd3\\xd4',
      failure: {
        code: 'NAME_REFUSED',
        message: 'name \\xd4\\xc5\\xd3\\xd4 is not UTF-8',
        hint: expect.stringContaining('--filenames-encoding') as string,
      },
    });
    const japanese = await walked(tree.path, {}, EUC_JP);
    expect(japanese.map((found) => found.kind)).toEqual(['file', 'file']);
    writeFileSync(Buffer.from(`${tree.path}/\xc6\xfc\xcb`, 'latin1'), 'x');
    const half = await walked(tree.path, {}, EUC_JP);
    expect(half.find(({ kind }) => kind === 'refused')).toMatchObject({
      kind: 'refused',
      name: '日\\xcb',
      failure: { message: 'name 日\\xcb is not EUC-JP' },
    });
  });

  it('in the journal: refused before anything is sent, directories with all below them, and the walk goes on', async () => {
    using tree = new TemporaryDirectory();
    for (const name of ['a', 'д/below', 'é/below', 'я', 'ё']) tree.put(name);
    const found = await walked(tree.path, { journalEncoding: KOI8 });
    expect(found.map(briefly)).toEqual(['file a', 'refused é', 'file д/below', 'file я', 'file ё']);
    expect(found.find(({ kind }) => kind === 'refused')).toMatchObject({
      failure: {
        code: 'NAME_REFUSED',
        message: 'name "é" cannot be written in KOI8-R, the encoding of the journal',
        hint: expect.stringContaining('rename') as string,
      },
    });
  });

  it('from the journal: looking concludes nothing, and nothing is landed', async () => {
    using tree = new TemporaryDirectory();
    const place = placeOf(tree.path, LATIN);
    const due = {
      code: 'NAME_REFUSED',
      message: 'name "тест/a" cannot be written in ISO-8859-1, the encoding of file names',
      hint: expect.stringContaining('--filenames-encoding') as string,
    };
    const path = RelPath.parse('тест/a');
    expect(lookAt(place, path)).toMatchObject({ kind: 'unseen', failure: due });
    await expect(openLanding(place, path, 1)).rejects.toMatchObject(due);
    expect(() => openSource(place, { path, size: 1, mtime: Instant.ofSeconds(0) })).toThrow(
      expect.objectContaining(due),
    );
    expect(lookAt(place, RelPath.parse('a/'))).toEqual({ kind: 'missing' });
    expect(names(tree.path)).toEqual([]);
  });
});
