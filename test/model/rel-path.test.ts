import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaths, printable, RelPath } from '../../src/model/rel-path.js';

describe('relative path', () => {
  it.each([
    'a',
    'a/b',
    '0',
    '...',
    '..x',
    '.hidden/..x/y..',
    ' lead trail ',
    'c/',
    'a\\b "q"',
    '\u2028',
    'a\u0000b',
    '-x',
  ])('%j is one', (text) => {
    expect(RelPath.parse(text)).toBe(text);
  });

  it.each(['', '/c', 'a//c', 'a/./b', './c', 'c/.', '..', '../c', 'a/..', 'a/../c', 'a\tb', 'a\nb', 'a\r', '\ud800x'])(
    '%j is refused',
    (text) => {
      expect(() => RelPath.parse(text)).toThrow('name ');
    },
  );

  it('sorts by the bytes of its UTF-8 form', () => {
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(Math.sign(byBytes(a, b)));
      }),
    );
    expect(Math.sign(comparePaths('\u{1f600}', '\uff5e'))).toBe(1);
    expect(Math.sign(comparePaths('a\u{1f600}', 'a\u{1f601}'))).toBe(-1);
  });

  it('lies within its directories and not within a directory that merely begins alike', () => {
    const path = RelPath.parse('a/b/c');
    expect(RelPath.isWithin(path, null)).toBe(true);
    expect(RelPath.isWithin(path, RelPath.parse('a/b'))).toBe(true);
    expect(RelPath.isWithin(RelPath.parse('a/bc'), RelPath.parse('a/b'))).toBe(false);
  });

  it('is shown without anything that could move a cursor or turn the text around', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});
