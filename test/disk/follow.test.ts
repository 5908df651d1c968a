// Links to directories that are followed: each directory once, under the first of its paths.

import { mkdirSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findings } from '../../src/disk/findings.js';
import { placeOf } from '../../src/disk/place.js';
import { comparePaths } from '../../src/model/rel-path.js';
import type { Selection } from '../../src/model/selection.js';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { briefly, TemporaryDirectory, walked } from './temporary-directory.js';

const followed = async (root: string): Promise<string[]> => (await walked(root, { follow: true })).map(briefly);

describe('walk that follows links', () => {
  it('enters a linked directory, and its own afterwards no more', async () => {
    using tree = new TemporaryDirectory();
    tree.put('real/x');
    symlinkSync('real', `${tree.path}/alias`);
    expect(await followed(tree.path)).toEqual(['file alias/x', 'entered-already real']);
  });

  it('which of several names wins is told by the order of paths, wherever the directory is', async () => {
    using tree = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    elsewhere.put('x');
    tree.put('b/y');
    for (const name of ['a', 'b/z', 'c']) symlinkSync(elsewhere.path, `${tree.path}/${name}`);
    expect(await followed(tree.path)).toEqual(['file a/x', 'file b/y', 'entered-already b/z', 'entered-already c']);
  });

  it('a loop ends, to the root, upwards and onto itself', async () => {
    using tree = new TemporaryDirectory();
    tree.put('d/e/x');
    symlinkSync('.', `${tree.path}/self`);
    symlinkSync('..', `${tree.path}/d/e/up`);
    symlinkSync('../..', `${tree.path}/d/e/root`);
    symlinkSync('loop', `${tree.path}/loop`);
    expect(await followed(tree.path)).toEqual([
      'entered-already d/e/root',
      'entered-already d/e/up',
      'file d/e/x',
      'dangling-link loop',
      'entered-already self',
    ]);
  });

  it('a loop around a link to the root ends too', async () => {
    using tree = new TemporaryDirectory();
    tree.put('kept/x');
    symlinkSync('..', `${tree.path}/kept/up`);
    symlinkSync('kept', `${tree.path}/link`);
    expect(await followed(`${tree.path}/link`)).toEqual([
      'entered-already up/kept',
      'entered-already up/link',
      'file x',
    ]);
  });

  it('files with several names are all given', async () => {
    using tree = new TemporaryDirectory();
    tree.put('f');
    symlinkSync('f', `${tree.path}/g`);
    expect(await followed(tree.path)).toEqual(['file f', 'file g']);
  });

  it('a linked directory stands at its name and a slash', async () => {
    using tree = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    elsewhere.put('x');
    symlinkSync(elsewhere.path, `${tree.path}/a`);
    for (const name of ['a-b', 'a.txt', 'a0']) tree.put(name);
    expect(await followed(tree.path)).toEqual(['file a-b', 'file a.txt', 'file a/x', 'file a0']);
  });

  it('an empty or unreadable linked directory, and a link that leads nowhere, are told', async () => {
    using tree = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    symlinkSync(elsewhere.path, `${tree.path}/empty`);
    symlinkSync('nowhere', `${tree.path}/gone`);
    expect(await followed(tree.path)).toEqual(['empty-directory empty', 'dangling-link gone']);
  });

  it('a directory of which nothing is selected under its first names is entered under a later one', async () => {
    using tree = new TemporaryDirectory();
    tree.put('releases/42/x');
    tree.put('releases/42/deep/y');
    symlinkSync('releases/42', `${tree.path}/current`);
    symlinkSync('nowhere', `${tree.path}/releases/42/log`);
    for (const [chosen, files] of [
      ['releases', ['file releases/42/deep/y', 'file releases/42/x']],
      ['current', ['file current/deep/y', 'file current/x']],
    ] as const) {
      const selection: Selection = { includes: (path) => path.startsWith(`${chosen}/`), enters: () => true };
      const found = await walked(tree.path, { follow: true, selection });
      expect(found.filter(({ kind }) => kind === 'file').map(briefly)).toEqual(files);
    }
  });

  it('a web of links in which nothing is selected ends soon', async () => {
    using tree = new TemporaryDirectory();
    const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
    for (const from of names) {
      tree.put(`${from}/x`);
      for (const to of names) symlinkSync(`../${to}`, `${tree.path}/${from}/${to}`);
    }
    const selection: Selection = { includes: () => false, enters: () => true };
    const found = await walked(tree.path, { follow: true, selection });
    expect(found.every(({ kind }) => kind === 'left-out')).toBe(true);
    expect(found.length).toBeLessThan(12 * 12 * 16);
  });

  it('names in another encoding are followed', async () => {
    using tree = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    const koi8 = await loadEncoding('KOI8-R');
    const bytes = (text: string): Buffer => Buffer.from(koi8.encode(text) as Uint8Array);
    mkdirSync(bytes(`${elsewhere.path}/цель`));
    writeFileSync(bytes(`${elsewhere.path}/цель/файл`), 'x');
    symlinkSync(bytes(`${elsewhere.path}/цель`), bytes(`${tree.path}/ссылка`));
    expect((await walked(tree.path, { follow: true }, koi8)).map(briefly)).toEqual(['file ссылка/файл']);
  });

  it('what changes between reading a directory and coming to it is unseen', () => {
    using tree = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    elsewhere.put('x');
    tree.put('a');
    symlinkSync('nowhere', `${tree.path}/b`);
    symlinkSync(elsewhere.path, `${tree.path}/c`);
    const change = (): void => {
      for (const name of ['b', 'c']) unlinkSync(`${tree.path}/${name}`);
      symlinkSync(elsewhere.path, `${tree.path}/b`);
    };
    const all: string[] = [];
    for (const found of findings(placeOf(tree.path), { follow: true })) {
      if (all.length === 0) change();
      all.push(briefly(found));
    }
    expect(all).toEqual(['file a', 'unseen b FILE_CHANGED', 'unseen c FILE_VANISHED']);
  });

  it('any tree with any links ends, in the order of paths, with each directory entered once', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'a-b');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const link = fc.record({ at: path, to: path });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { maxLength: 8 }),
        fc.array(link, { maxLength: 6 }),
        async (directories, links) => {
          using tree = new TemporaryDirectory();
          let unique = 0;
          for (const directory of directories) tree.put(`${directory}/only-${unique++}`);
          for (const { at, to } of links) {
            try {
              symlinkSync(`${tree.path}/${to}`, `${tree.path}/${at}`);
            } catch {
              // The name is taken, or its directory is not there.
            }
          }
          const found = await walked(tree.path, { follow: true });
          const files = found.flatMap((each) => (each.kind === 'file' ? [each.file.path] : []));
          expect(files).toEqual(files.toSorted(comparePaths));
          const names = files.map((file) => file.split('/').at(-1));
          expect(names).toHaveLength(directories.length);
          expect(new Set(names)).toEqual(new Set(directories.map((_, index) => `only-${index}`)));
          expect(await walked(tree.path, { follow: true })).toEqual(found);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('directories that are made anew under another name are not taken for those before', async () => {
    using tree = new TemporaryDirectory();
    mkdirSync(`${tree.path}/a`);
    expect(await followed(tree.path)).toEqual(['empty-directory a']);
    rmdirSync(`${tree.path}/a`);
    mkdirSync(`${tree.path}/b`);
    expect(await followed(tree.path)).toEqual(['empty-directory b']);
  });
});
