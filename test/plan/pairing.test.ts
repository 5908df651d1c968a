import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import type { LeftOutReason } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import type { Found } from '../../src/model/found.js';
import { comparePaths, RelPath } from '../../src/model/rel-path.js';
import { type Pair, pair } from '../../src/plan/pairing.js';
import { archive, file } from './archives.js';

const here = (path: string): Found => ({ kind: 'file', file: file(path) });
const unseen = (path: string): Found => ({
  kind: 'unseen',
  path: RelPath.parse(path),
  failure: new Failure('FILE_UNREADABLE', 'x'),
});
const leftOut = (name: string, why: Exclude<LeftOutReason, 'empty-directory'>): Found => {
  return { kind: 'left-out', name: RelPath.parse(name), why };
};
const emptied = (name: string, changedAt: number): Found => {
  const at = Instant.ofSeconds(changedAt);
  return { kind: 'left-out', name: RelPath.parse(name), why: 'empty-directory', changedAt: at };
};
const refused = (name: string): Found => ({ kind: 'refused', name, failure: new Failure('NAME_REFUSED', 'x') });

async function paired(here: Iterable<Found>, there: Iterable<string>, width = 2): Promise<string[]> {
  const all: string[] = [];
  const archives = [...there].map((path) => archive(path));
  for await (const pairs of pair(inBatches(here, width), inBatches(archives, width))) all.push(...pairs.map(briefly));
  return all;
}

async function* inBatches<T>(items: Iterable<T>, width: number): AsyncGenerator<readonly T[]> {
  const all = [...items];
  for (let at = 0; at < all.length; at += width) yield all.slice(at, at + width);
}

function briefly(found: Pair): string {
  switch (found.side) {
    case 'here':
      return `here ${found.here.path}`;
    case 'both':
      return `both ${found.here.path} ${found.there.path}`;
    case 'there':
    case 'unknown':
      return `${found.side} ${found.there.path}`;
    case 'aside':
      return `aside ${found.found.kind}`;
  }
}

test('pairing: here, there, and both, in the order of paths', async () => {
  expect(await paired(['a', 'c', 'd'].map(here), ['b', 'c', 'e'])).toEqual([
    'here a',
    'there b',
    'both c c',
    'here d',
    'there e',
  ]);
  expect(await paired([], ['a', 'b'])).toEqual(['there a', 'there b']);
  expect(await paired([here('a')], [])).toEqual(['here a']);
});

test('pairing: an empty file counts as none, other things in the place too', async () => {
  for (const why of ['empty-file', 'special-file', 'unfinished-download'] as const) {
    expect(await paired([leftOut('a', why)], ['a', 'a/b'])).toEqual(['aside left-out', 'there a', 'there a/b']);
  }
});

test('pairing: an emptied directory has none of its files, one that was never changed since is another directory', async () => {
  const there = ['a', 'a-b', 'a/b', 'a/c/d', 'b'];
  expect(await paired([emptied('a', 0)], there)).toEqual(['aside left-out', ...there.map((path) => `there ${path}`)]);
  expect(await paired([emptied('a', -1)], there)).toEqual([
    'aside left-out',
    'unknown a',
    'there a-b',
    'unknown a/b',
    'unknown a/c/d',
    'there b',
  ]);
});

test('pairing: nothing is concluded behind a link that leads nowhere or was not followed', async () => {
  for (const why of ['dangling-link', 'link-to-directory', 'entered-already'] as const) {
    expect(await paired([leftOut('a', why)], ['a', 'a-b', 'a/b', 'b'])).toEqual([
      'aside left-out',
      'unknown a',
      'there a-b',
      'unknown a/b',
      'there b',
    ]);
  }
});

test('pairing: nothing is concluded at or below what was not seen', async () => {
  const there = ['a', 'a!', 'a/', 'a/x', 'a/\u{10ffff}\u{10ffff}', 'a0', 'b'];
  expect(await paired([unseen('a'), here('a!')], there)).toEqual([
    'aside unseen',
    'unknown a',
    'both a! a!',
    'unknown a/',
    'unknown a/x',
    'unknown a/\u{10ffff}\u{10ffff}',
    'there a0',
    'there b',
  ]);
});

test('pairing: an unseen directory comes where its content would', async () => {
  expect(await paired([here('a-b'), unseen('a'), here('b')], ['a-b', 'a/x'])).toEqual([
    'both a-b a-b',
    'aside unseen',
    'unknown a/x',
    'here b',
  ]);
});

test('pairing: a refused name hides no archive and has no place in the order', async () => {
  expect(await paired([here('b'), refused('a\tb'), here('c')], ['a', 'c'])).toEqual([
    'there a',
    'here b',
    'aside refused',
    'both c c',
  ]);
});

test('pairing: a side that is out of order is an error', async () => {
  await expect(paired([here('b'), here('a')], [])).rejects.toThrow('out of order: the walk gives "a" after "b"');
  await expect(paired([here('a'), here('a')], [])).rejects.toThrow('out of order');
  await expect(paired([here('b'), leftOut('a', 'empty-file')], [])).rejects.toThrow('out of order');
  await expect(paired([here('a/x'), unseen('a')], [])).rejects.toThrow('out of order');
  await expect(paired([here('a-b'), unseen('a'), unseen('a')], [])).rejects.toThrow('out of order');
  await expect(paired([], ['b', 'a'])).rejects.toThrow('out of order: the journal gives "a" after "b"');
  await expect(paired([here('z')], ['a', 'a'])).rejects.toThrow('out of order');
  await expect(paired([here('a')], ['a', 'a'])).rejects.toThrow('out of order: the journal gives "a" after "a"');
  await expect(paired([here('b')], ['b', 'a'])).rejects.toThrow('out of order: the journal gives "a" after "b"');
  await expect(paired([here('b'), here('c')], ['b', 'a', 'c'])).rejects.toThrow('out of order');
  await expect(paired([], ['\u{1f600}', '\uff5e'])).rejects.toThrow('out of order');
});

test('pairing: both sides are closed when the reader stops', async () => {
  const closed: string[] = [];
  async function* endless<T>(name: string, item: (path: string) => T): AsyncGenerator<readonly T[]> {
    try {
      for (let i = 1000; ; i++) yield [item(`${name}${i}`)];
    } finally {
      closed.push(name);
    }
  }
  for await (const _ of pair(
    endless('h', here),
    endless('t', (path) => archive(path)),
  ))
    break;
  expect(closed.sort()).toEqual(['h', 't']);
});

/** A directory tree as a walk would tell it, some of it unseen, and archives: beside a model that looks at all at once. */
const scenario = fc.record({
  files: fc.uniqueArray(path(), { maxLength: 12 }),
  there: fc.uniqueArray(path(), { maxLength: 12 }),
  hidden: fc.uniqueArray(path(), { maxLength: 4 }),
});

function path(): fc.Arbitrary<string> {
  const name = fc.constantFrom('a', 'a-', 'a0', 'b', '\uff5e', '\u{1f600}', 'a\u{1f600}');
  return fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
}

test('pairing: it says of every path what a look at both sides as sets says', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.boolean(), fc.integer({ min: 1, max: 5 }), async (tree, asDirectories, width) => {
      const { files, there, hidden } = tree;
      const isHidden = (path: string): boolean => hidden.some((h) => path === h || path.startsWith(`${h}/`));
      const seen = files.filter((f) => !isHidden(f) && !hidden.some((h) => h.startsWith(`${f}/`)));
      const outermost = hidden.filter((h) => !hidden.some((other) => h.startsWith(`${other}/`)));
      // An unseen directory stands after what lies between its name and its content, an unseen file before.
      const unseenKey = (h: string): string => (asDirectories ? `${h}/` : h);
      const walk = [
        ...seen.map((f) => ({ key: f, found: here(f) })),
        ...outermost.map((h) => ({ key: unseenKey(h), found: unseen(h) })),
      ].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
      const got = await paired(
        walk.map(({ found }) => found),
        [...there].sort(comparePaths),
        width,
      );

      const expected = [
        ...seen.map((f) => (there.includes(f) ? `both ${f} ${f}` : `here ${f}`)),
        ...there.filter((t) => !seen.includes(t)).map((t) => `${isHidden(t) ? 'unknown' : 'there'} ${t}`),
        ...outermost.map(() => 'aside unseen'),
      ];
      const settled = (lines: string[]): string[] =>
        // Of an unseen directory it was seen that it is no file: the archive of its very name may be known to be gone.
        lines
          .map((line) =>
            asDirectories && hidden.some((h) => line === `there ${h}`) ? line.replace('there', 'unknown') : line,
          )
          .sort();
      expect(settled(got)).toEqual(settled(expected));
      for (const line of got)
        if (line.startsWith('there') && !asDirectories) expect(isHidden(line.slice(6))).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
