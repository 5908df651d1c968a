// The entries of one directory: in the order of the bytes of their keys, however many they are.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, SortedEntries } from '../../src/disk/sorted-entries.js';

const KINDS = ['directory', 'link', 'file', 'special', 'unfinished', 'not-text', 'unsafe'] as const;

function sorted(entries: readonly Entry[]): SortedEntries {
  const all = new SortedEntries();
  for (const entry of entries) all.add(entry);
  return all;
}

function plainly(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

const unit = fc.constantFrom('a', 'b', '-', '.', '0', '\n', 'é', '\ufffd', '\uff5e', '\u{1f600}');
const key = fc
  .tuple(fc.string({ unit, minLength: 1, maxLength: 4 }), fc.constantFrom('', '/'))
  .map((parts) => parts.join(''));

test('sorted entries: any come in the order of the bytes of their keys', () => {
  const entry = fc.record({ key, kind: fc.constantFrom(...KINDS) });
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: (one) => one.key, maxLength: 40 }), (entries) => {
      expect([...sorted(entries)]).toEqual(plainly(entries));
    }),
  );
});

/** In no order; some with surrogates, and now and then a whole stretch without. */
function many(count: number): Entry[] {
  return Array.from({ length: count }, (_, index): Entry => {
    const number = (index * 7919) % count;
    const name = `${['é', '\uff5e', '\u{1f600}', 'plain'][number % 4]}-${number.toString(36)}${number % 5 === 0 ? '\n' : ''}`;
    return { key: number % 3 === 0 ? `${name}/` : name, kind: KINDS[number % KINDS.length] ?? 'file' };
  });
}

test.each([16_383, 16_384, 16_385, 100_003])('sorted entries: %i of them are as well in order, each once', (count) => {
  const entries = many(count);
  const all = sorted(entries);
  const expected = plainly(entries);
  const written = (all: Iterable<Entry>): string => [...all].map(({ key, kind }) => `${key} ${kind}`).join('|');
  expect(written(all)).toBe(written(expected));
  expect(written(all)).toBe(written(expected));
});

test('sorted entries: they may be read twice at a time', () => {
  const entries = many(40_000);
  const all = sorted(entries);
  const [ahead, behind] = [all[Symbol.iterator](), all[Symbol.iterator]()];
  for (let i = 0; i < 20_000; i++) ahead.next();
  const [first] = plainly(entries);
  expect(behind.next().value).toEqual(first);
});
