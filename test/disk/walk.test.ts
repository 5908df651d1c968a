import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEntries, readEntriesSoon } from '../../src/disk/directory-entries.js';
import { findings, nameRules } from '../../src/disk/findings.js';
import { placeOf } from '../../src/disk/place.js';
import type { Entry } from '../../src/disk/sorted-entries.js';
import { walk } from '../../src/disk/walk.js';
import type { Found } from '../../src/model/found.js';
import { briefly, TemporaryDirectory, walked } from './temporary-directory.js';

const seen = async (root: string): Promise<string[]> => (await walked(root)).map(briefly);

test('walk: files come with path, size and the second of their time', async () => {
  using tree = new TemporaryDirectory();
  utimesSync(tree.put('a/b', 'five!'), 1_700_000_000.75, 1_700_000_000.75);
  expect(await walked(tree.path)).toMatchObject([
    { kind: 'file', file: { path: 'a/b', size: 5, mtime: 1_700_000_000 } },
  ]);
});

test('walk: the last nanosecond of a second belongs to that second, also before 1970', async () => {
  using tree = new TemporaryDirectory();
  execFileSync('touch', ['-d', '@1700000000.999999999', tree.put('late')]);
  execFileSync('touch', ['-d', '@-1.5', tree.put('old')]);
  const times = (await walked(tree.path)).map((found) => found.kind === 'file' && found.file.mtime);
  expect(times).toEqual([1_700_000_000, -2]);
});

test('walk: a directory stands at its name and a slash', async () => {
  using tree = new TemporaryDirectory();
  for (const name of ['a/x', 'a.txt', 'a-b', 'a0', 'a-b.d/y']) tree.put(name);
  expect(await seen(tree.path)).toEqual(['file a-b', 'file a-b.d/y', 'file a.txt', 'file a/x', 'file a0']);
});

test('walk: characters beyond U+FFFF come after all others', async () => {
  using tree = new TemporaryDirectory();
  for (const name of ['\u{1f600}', '\uff5e', '\ud7ff', 'z', '\ufffd', 'é']) tree.put(name);
  expect(await seen(tree.path)).toEqual(['z', 'é', '\ud7ff', '\uff5e', '\ufffd', '\u{1f600}'].map((n) => `file ${n}`));
});

test('walk: files come in the order of the bytes of their paths, each once', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'b', '-', '.', '0', ' ', 'é', '\uff5e', '\u{1f600}', '\ufeff'),
    minLength: 1,
    maxLength: 3,
  });
  const path = fc
    .array(
      name.filter((n) => !/^\.\.?$/.test(n)),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 25 }), async (paths) => {
      using tree = new TemporaryDirectory();
      const files = paths.filter((a) => !paths.some((b) => b.startsWith(`${a}/`)));
      for (const file of files) tree.put(file);
      const sorted = files.map((file) => Buffer.from(file)).sort((a, b) => a.compare(b));
      expect(await seen(tree.path)).toEqual(sorted.map((file) => `file ${file.toString()}`));
    }),
    { numRuns: 60 },
  );
});

test('walk: awkward names are files like any other', async () => {
  using tree = new TemporaryDirectory();
  const names = [
    ' lead',
    '-rf',
    '...',
    '..x',
    '"quo\'te"',
    'back\\slash',
    'x'.repeat(255),
    'Ж'.repeat(127),
    '\u0001',
    '~',
    '\u2028',
    '\ufeffbom',
  ];
  for (const name of names) tree.put(name);
  expect((await seen(tree.path)).sort()).toEqual(names.map((name) => `file ${name}`).sort());
});

test('walk: a deep tree is walked to its end', async () => {
  using tree = new TemporaryDirectory();
  const deep = Array.from({ length: 1500 }, () => 'd').join('/');
  tree.put(`${deep}/f`);
  expect(await seen(tree.path)).toEqual([`file ${deep}/f`]);
});

test('walk: what cannot be kept is left out, with the reason', async () => {
  using tree = new TemporaryDirectory();
  using elsewhere = new TemporaryDirectory();
  elsewhere.put('target');
  tree.put('a-empty', '');
  mkdirSync(`${tree.path}/b-nothing`);
  symlinkSync(elsewhere.path, `${tree.path}/c-linked`);
  symlinkSync('nowhere', `${tree.path}/d-dangling`);
  symlinkSync('e-loop', `${tree.path}/e-loop`);
  symlinkSync('a-empty/x', `${tree.path}/f-through-file`);
  execFileSync('mkfifo', [`${tree.path}/g-pipe`]);
  symlinkSync('/dev/null', `${tree.path}/h-device`);
  symlinkSync('a-empty', `${tree.path}/i-link-to-empty`);
  symlinkSync('.', `${tree.path}/j-self`);
  symlinkSync(`${elsewhere.path}/target`, `${tree.path}/k-linked-file`);
  expect(await seen(tree.path)).toEqual([
    'empty-file a-empty',
    'empty-directory b-nothing',
    'link-to-directory c-linked',
    'dangling-link d-dangling',
    'dangling-link e-loop',
    'dangling-link f-through-file',
    'special-file g-pipe',
    'special-file h-device',
    'empty-file i-link-to-empty',
    'link-to-directory j-self',
    'file k-linked-file',
  ]);
});

test('walk: unfinished downloads are left out', async () => {
  using tree = new TemporaryDirectory();
  const key = '0123456789abcdef'.repeat(2);
  tree.put('a/.mtglacier-123-0123456789ab.part');
  tree.put(`a/.mtglacier-${key}.landed`);
  tree.put(`a/.mtglacier-${key}.part`);
  tree.put(`b/.mtglacier-${key}x.part`);
  tree.put(`b/.mtglacier-${key}.parts`);
  tree.put('b/.mtglacier-x.part');
  expect(await seen(tree.path)).toEqual([
    `unfinished-download a/.mtglacier-${key}.landed`,
    `unfinished-download a/.mtglacier-${key}.part`,
    'unfinished-download a/.mtglacier-123-0123456789ab.part',
    `file b/.mtglacier-${key}.parts`,
    `file b/.mtglacier-${key}x.part`,
    'file b/.mtglacier-x.part',
  ]);
});

test('walk: names with TAB, CR or LF are refused, directories with all below them', async () => {
  using tree = new TemporaryDirectory();
  for (const name of ['d/a\tb', 'd/a\nb', 'd\r/below', 'ok']) tree.put(name);
  const all = await walked(tree.path);
  expect(all.map(briefly)).toEqual(['refused d\r', 'refused d/a\tb', 'refused d/a\nb', 'file ok']);
  const [first] = all as [Extract<Found, { kind: 'refused' }>];
  expect(first.failure).toMatchObject({ code: 'NAME_REFUSED', message: expect.stringContaining('"d\\r"') });
});

test('walk: names that are not UTF-8 are refused and shown with their bytes', async () => {
  using tree = new TemporaryDirectory();
  const root = Buffer.from(`${tree.path}/`);
  const bytes = {
    'caf\\xe9': 'caf\xe9',
    'half \\xed\\xa0\\x80': 'half \xed\xa0\x80',
    'long \\xc0\\xaf': 'long \xc0\xaf',
    'é\\xc3': '\xc3\xa9\xc3',
  };
  for (const name of Object.values(bytes)) writeFileSync(Buffer.concat([root, Buffer.from(name, 'latin1')]), 'x');
  mkdirSync(Buffer.concat([root, Buffer.from('dir\xff', 'latin1')]));
  writeFileSync(Buffer.concat([root, Buffer.from('dir\xff/below', 'latin1')]), 'x');
  tree.put('really \ufffd');
  expect((await seen(tree.path)).sort()).toEqual(
    [...Object.keys(bytes).map((name) => `refused ${name}`), 'refused dir\\xff', 'file really \ufffd'].sort(),
  );
  for (const found of await walked(tree.path)) {
    if (found.kind === 'refused') expect(found.failure.message).toBe(`name ${found.name} is not UTF-8`);
  }
});

/** Changes the tree once the walk has given its first finding: the root's entries have been read by then. */
function changedMeanwhile(root: string, change: () => void): string[] {
  const all: string[] = [];
  for (const found of findings(placeOf(root), {})) {
    if (all.length === 0) change();
    all.push(briefly(found));
  }
  return all;
}

test('walk: a file that vanishes meanwhile is unseen', () => {
  using tree = new TemporaryDirectory();
  const [, b] = [tree.put('a'), tree.put('b')];
  expect(changedMeanwhile(tree.path, () => unlinkSync(b))).toEqual(['file a', 'unseen b FILE_VANISHED']);
});

test('walk: a directory that vanishes meanwhile is unseen', () => {
  using tree = new TemporaryDirectory();
  tree.put('a');
  tree.put('b/x');
  const remove = (): void => rmSync(`${tree.path}/b`, { recursive: true });
  expect(changedMeanwhile(tree.path, remove)).toEqual(['file a', 'unseen b FILE_VANISHED']);
});

test('walk: a directory that cannot be read is unseen and the walk goes on', () => {
  using tree = new TemporaryDirectory();
  tree.put('a');
  mkdirSync(`${tree.path}/b`);
  tree.put('c');
  const spoil = (): void => {
    rmdirSync(`${tree.path}/b`);
    symlinkSync('b', `${tree.path}/b`);
  };
  expect(changedMeanwhile(tree.path, spoil)).toEqual(['file a', 'unseen b FILE_UNREADABLE', 'file c']);
});

test('walk: a directory that has become a file, and a file that has become a directory, are unseen', () => {
  using tree = new TemporaryDirectory();
  for (const name of ['a', 'b/x', 'c']) tree.put(name);
  const swap = (): void => {
    renameSync(`${tree.path}/b`, `${tree.path}/d`);
    renameSync(`${tree.path}/c`, `${tree.path}/b`);
    renameSync(`${tree.path}/d`, `${tree.path}/c`);
  };
  expect(changedMeanwhile(tree.path, swap)).toEqual(['file a', 'unseen b FILE_UNREADABLE', 'unseen c FILE_CHANGED']);
});

test('walk: what lies deeper than the system can name is unseen', async () => {
  using tree = new TemporaryDirectory();
  const half = Array.from({ length: 10 }, () => 'n'.repeat(250)).join('/');
  tree.put(`lower/${half}/f`);
  tree.put(`upper/${half}/f`);
  renameSync(`${tree.path}/lower`, `${tree.path}/upper/${half}/lower`);
  const all = await walked(tree.path);
  expect(all.map((found) => found.kind)).toEqual(['file', 'unseen']);
  // Cleaned up from inside, because no name is long enough to do it from here.
  renameSync(`${tree.path}/upper/${half}/lower`, `${tree.path}/lower`);
});

test('walk: a link whose target cannot be looked at is unseen', async () => {
  using tree = new TemporaryDirectory();
  symlinkSync('x'.repeat(300), `${tree.path}/l`);
  expect(await seen(tree.path)).toEqual(['unseen l FILE_UNREADABLE']);
});

test('walk: the root may be a link', async () => {
  using tree = new TemporaryDirectory();
  tree.put('real/f');
  symlinkSync('real', `${tree.path}/link`);
  expect(await seen(`${tree.path}/link`)).toEqual(['file f']);
});

test("walk: a root that is no readable directory is the user's mistake", async () => {
  using tree = new TemporaryDirectory();
  const file = tree.put('file');
  await expect(walked(file)).rejects.toMatchObject({ code: 'USAGE' });
  await expect(walked(`${tree.path}/missing`)).rejects.toMatchObject({ code: 'USAGE' });
});

test('walk: it stops when it is told to', async () => {
  using tree = new TemporaryDirectory();
  for (let i = 0; i < 1001; i++) tree.put(`${i}`);
  const stop = new AbortController();
  const all = walk(placeOf(tree.path), {}, stop.signal);
  await all.next();
  stop.abort();
  await expect(all.next()).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('walk: others get their turn while a large tree is walked', async () => {
  using tree = new TemporaryDirectory();
  for (let i = 0; i < 5000; i++) tree.put(`d${i % 10}/${i}`);
  let turns = 0;
  let waiting = setImmediate(function again() {
    turns++;
    waiting = setImmediate(again);
  });
  for (let round = 0; round < 20; round++) await walked(tree.path);
  clearImmediate(waiting);
  expect(turns).toBeGreaterThan(3);
});

test('walk: the names of a directory that is large for the system are read like others', async () => {
  using tree = new TemporaryDirectory();
  for (const name of ['b', 'a/x', 'a-b', '\uff5e', '\u{1f600}', 'really \ufffd', 'bad\t', '']) {
    if (name !== '') tree.put(name);
    const rules = nameRules(placeOf(tree.path), {});
    const directory = { location: tree.path, path: null };
    const read = (size: bigint): Entry[] | null => {
      const entries = readEntries({ ...directory, size }, rules);
      return entries === null ? null : [...entries];
    };
    const soon = await readEntriesSoon({ ...directory, size: LARGE }, rules);
    expect(read(LARGE)).toEqual(read(0n));
    expect(soon === null ? null : [...soon]).toEqual(read(0n));
  }
  writeFileSync(Buffer.from(`${tree.path}/\xff`, 'latin1'), 'x');
  const rules = nameRules(placeOf(tree.path), {});
  const entries = readEntries({ location: tree.path, path: null, size: LARGE }, rules);
  expect([...(entries ?? [])].map(({ kind }) => kind)).toContain('not-text');
  expect([...(entries ?? [])].map(({ key }) => key)).toContain('really \ufffd');
  using empty = new TemporaryDirectory();
  expect(readEntries({ location: empty.path, path: null, size: LARGE }, rules)).toBeNull();
  expect(() => readEntries({ location: `${empty.path}/none`, path: null, size: LARGE }, rules)).toThrow('ENOENT');
});

/** Bytes of a directory with a hundred thousand names or so. */
const LARGE = 4_000_000n;
