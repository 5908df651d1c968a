import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TemporaryDirectory } from './temporary-directory.js';

const look = (root: string, path: string) => lookAt(placeOf(root), RelPath.parse(path));

test('look: a file comes with size and time, also through a link', () => {
  using tree = new TemporaryDirectory();
  utimesSync(tree.put('d/f', 'abc'), 5, 5);
  symlinkSync('d', `${tree.path}/l`);
  expect(look(tree.path, 'd/f')).toEqual({
    kind: 'file',
    file: { path: 'd/f', size: 3, mtime: 5, mtimeNs: 0, ctimeUs: expect.any(Number) },
  });
  expect(look(tree.path, 'l/f')).toMatchObject({ kind: 'file', file: { path: 'l/f' } });
});

test('look: an empty file is told from a missing one', () => {
  using tree = new TemporaryDirectory();
  tree.put('empty', '');
  expect(look(tree.path, 'empty')).toEqual({ kind: 'empty' });
  expect(look(tree.path, 'none')).toEqual({ kind: 'missing' });
  expect(look(tree.path, 'no/such/directory')).toEqual({ kind: 'missing' });
});

test('look: a name that no file can have is missing', () => {
  using tree = new TemporaryDirectory();
  tree.put('a');
  expect(look(tree.path, 'a/')).toEqual({ kind: 'missing' });
  expect(look(tree.path, 'a\0b')).toEqual({ kind: 'missing' });
});

test('look: what is in the place or in the way is told', () => {
  using tree = new TemporaryDirectory();
  mkdirSync(`${tree.path}/directory`);
  execFileSync('mkfifo', [`${tree.path}/pipe`]);
  tree.put('file');
  for (const name of ['directory', 'pipe', 'file/below']) expect(look(tree.path, name)).toEqual({ kind: 'other' });
});

test('look: nothing is concluded from a link that leads nowhere, on the way or in the place', () => {
  using tree = new TemporaryDirectory();
  tree.put('file');
  symlinkSync('not-mounted', `${tree.path}/disk`);
  symlinkSync('loop', `${tree.path}/loop`);
  symlinkSync('file/x', `${tree.path}/through`);
  for (const name of ['disk', 'disk/f', 'disk/d/f', 'loop', 'loop/f', 'through']) {
    expect(look(tree.path, name), name).toMatchObject({ kind: 'unseen', failure: { code: 'FILE_UNREADABLE' } });
  }
});

test('look: a name too long to be looked at is unseen', () => {
  using tree = new TemporaryDirectory();
  expect(look(tree.path, 'x'.repeat(256))).toMatchObject({ kind: 'unseen', failure: { code: 'FILE_UNREADABLE' } });
});
