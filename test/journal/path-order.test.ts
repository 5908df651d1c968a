// Entries in the order of their paths, whatever paths there are.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareEntries, lengthForArchive, placeAt, writeArchive } from '../../src/journal/index/entry.js';
import { sortEntries } from '../../src/journal/index/path-order.js';
import type { RelPath } from '../../src/model/rel-path.js';
import { comparePaths } from '../../src/model/rel-path.js';
import { archive } from './records.js';

function sortedPlaces(paths: readonly string[]): number[] {
  const archives = paths.map((path) => archive('A', 'x', { path: path as RelPath }));
  const bytes = Buffer.alloc(archives.reduce((sum, one) => sum + lengthForArchive(one), 0));
  const entries = new Uint32Array(paths.length);
  let at = 0;
  archives.forEach((one, place) => {
    entries[place] = at;
    at += writeArchive(one, place, bytes, at);
  });
  sortEntries(bytes, entries);
  for (let i = 1; i < entries.length; i++) {
    expect(compareEntries(bytes, entries[i - 1] as number, bytes, entries[i] as number)).toBeLessThan(0);
  }
  return Array.from(entries, (entry) => placeAt(bytes, entry));
}

function expected(paths: readonly string[]): number[] {
  return paths.map((_, i) => i).sort((a, b) => comparePaths(paths[a] as string, paths[b] as string) || a - b);
}

test('path order: that of the walk, and of the journal for one path', () => {
  const sign = fc.constantFrom('a', 'b', '/', '\0', '\u007f', 'é', '\uffff', '\ue000', '😀');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: sign, maxLength: 20 }), { maxLength: 60 }), (paths) => {
      expect(sortedPlaces(paths)).toEqual(expected(paths));
    }),
    { numRuns: 500 },
  );
});

test('path order: many paths that are alike for long, or in order already, or all the same', () => {
  const many = (pathOf: (i: number) => string): string[] => Array.from({ length: 20_000 }, (_, i) => pathOf(i));
  for (const paths of [
    many((i) => `photos/${(i * 7919) % 20_000}`),
    many((i) => String(i).padStart(8, '0')),
    many((i) => String(99_999 - i)),
    many(() => 'same'),
    many((i) => 'ab'.slice(i % 3)),
  ]) {
    expect(sortedPlaces(paths)).toEqual(expected(paths));
  }
  const long = Array.from({ length: 40 }, (_, i) => `${'x'.repeat(200_000)}${(i * 7) % 40}`);
  expect(sortedPlaces(long)).toEqual(expected(long));
});
