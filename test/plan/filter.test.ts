import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, decisionOf, type FilterRule, parseFilter, selectionOf } from '../../src/plan/filter.js';

interface Row {
  readonly filter: string;
  readonly path: string;
  readonly included: boolean;
  readonly prune: boolean;
}
const ROWS = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/filter.json'), 'utf8')) as readonly Row[];

/** Written from the words of the reference alone, with no thought of speed: tries everything. */
function matchesPlainly(pattern: string, path: string): boolean {
  if (pattern.startsWith('!')) return !matchesRest(pattern.slice(1), path);
  return matchesRest(pattern, path);
}

function matchesRest(pattern: string, path: string): boolean {
  if (pattern === '') return true;
  const characters = Array.from(path);
  const isTied = pattern.slice(0, -1).includes('/');
  const isComponentStart = (at: number): boolean => at === 0 || characters[at - 1] === '/';
  const starts = isTied
    ? [0, 1]
    : characters.flatMap((_, at) => (isComponentStart(at) ? [at] : [])).concat(endOf(path));
  return starts.some((start) => fits(Array.from(pattern), characters.slice(start), pattern.endsWith('/')));
}

/** A component, which is empty, begins behind the slash of a directory. */
const endOf = (path: string): number[] => (path.endsWith('/') ? [Array.from(path).length] : []);

function fits(pattern: string[], path: string[], isPrefix: boolean): boolean {
  if (pattern.length === 0) return isPrefix || path.length === 0;
  const rests = path.map((_, at) => path.slice(at)).concat([[]]);
  if (pattern.slice(0, 4).join('') === '/**/') {
    if (path[0] !== '/') return false;
    const after = rests.filter((_, at) => at > 0 && path[at - 1] === '/');
    return after.some((rest) => fits(pattern.slice(4), rest, isPrefix));
  }
  if (pattern[0] === '*' && pattern[1] === '*') return rests.some((rest) => fits(pattern.slice(2), rest, isPrefix));
  if (pattern[0] === '*') {
    const within = rests.filter((_, at) => !path.slice(0, at).includes('/'));
    return within.some((rest) => fits(pattern.slice(1), rest, isPrefix));
  }
  const isMatch = pattern[0] === '?' ? path.length > 0 && path[0] !== '/' : pattern[0] === path[0];
  return isMatch && fits(pattern.slice(1), path.slice(1), isPrefix);
}

function decidePlainly(rules: readonly FilterRule[], path: string): Decision {
  const index = rules.findIndex(({ pattern }) => matchesPlainly(pattern, `/${path}`));
  const rule = rules[index];
  if (rule === undefined) return { included: true, pruned: false };
  const { action, pattern } = rule;
  const isSure = pattern === '' || pattern.endsWith('/') || pattern.endsWith('**');
  const isFirstOfItsKind = !rules.slice(0, index).some((before) => before.action === 'include');
  const pruned = action === 'exclude' && isSure && !pattern.startsWith('!') && isFirstOfItsKind;
  return { included: action === 'include', pruned };
}

const components = fc.array(fc.stringMatching(/^[ab!.+*?[é😀]{1,3}$/u), { minLength: 1, maxLength: 4 });
const somePath = fc.tuple(components, fc.constantFrom('', '/')).map(([names, end]) => `${names.join('/')}${end}`);
const somePattern = fc
  .array(fc.constantFrom('a', 'b', '/', '*', '**', '?', '/**/', '!', '.', '+', '[', 'é', '😀'), { maxLength: 8 })
  .map((parts) => parts.join(''));
const someRule = fc.record({ action: fc.constantFrom('include' as const, 'exclude' as const), pattern: somePattern });

/** Patterns that are made of the path, so that they match more often than not. */
const related = somePath.chain((path) => {
  const bit = (character: string) => fc.constantFrom(character, character, character, '?', '*', '**', '');
  const pattern = fc
    .tuple(fc.constantFrom('', '/', '**/', '!'), ...Array.from(path).map(bit))
    .map((bits) => bits.join(''));
  return fc.tuple(pattern, fc.constant(path));
});

const excludes = (pattern: string, path: string): boolean => {
  return !selectionOf([{ action: 'exclude', pattern }]).includes(path);
};

describe('filter: what mt-aws-glacier 1.120 decided', () => {
  it.each(ROWS)('$filter of $path', ({ filter, path, included, prune }) => {
    expect(decisionOf(parseFilter(filter))(path)).toEqual({ included, pruned: prune });
  });

  it('a directory in the table is pruned when it is not entered', () => {
    const directories = ROWS.filter(({ path }) => path.endsWith('/'));
    expect(directories.length).toBeGreaterThan(5);
    for (const { filter, path, prune } of directories) {
      expect(selectionOf(parseFilter(filter)).enters(path.slice(0, -1)), `${filter} of ${path}`).toBe(!prune);
    }
  });
});

describe('filter: patterns', () => {
  it('agree with a matcher that follows the words of the reference and tries everything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(somePattern, somePath), related), ([pattern, path]) => {
        const rules = [{ action: 'exclude' as const, pattern }];
        expect(decisionOf(rules)(path)).toEqual(decidePlainly(rules, path));
      }),
      { numRuns: 4000 },
    );
  });

  it('decide in lists as the first that matches', () => {
    fc.assert(
      fc.property(fc.array(someRule, { maxLength: 5 }), somePath, (rules, path) => {
        expect(decisionOf(rules)(path)).toEqual(decidePlainly(rules, path));
      }),
      { numRuns: 1000 },
    );
  });

  it('that prune a directory exclude everything below it', () => {
    fc.assert(
      fc.property(fc.array(someRule, { maxLength: 4 }), somePath, somePath, (rules, above, below) => {
        const selection = selectionOf(rules);
        const directory = above.replace(/\/$/, '');
        if (!selection.enters(directory)) expect(selection.includes(`${directory}/${below}`)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    // A lonely slash is in every path, two in a row in none.
    ['/', 'a', true],
    ['//', 'a', false],
    ['a//b', 'a/b', false],
    ['//a', 'a', false],
    ['*/', 'a', true],
    ['**/', 'a', true],
    ['/*', 'a', true],
    ['/*', 'a/b', false],
    ['/*/', 'a', false],
    ['/*/', 'a/b', true],
    ['/**', 'a/b', true],
    // The slash at the root may be the pattern's own, or not.
    ['*/b', 'b', true],
    ['*/b', 'a/b', true],
    ['*/b', 'a/a/b', false],
    ['?/b', 'b', false],
    ['?/b', 'a/b', true],
    ['a/b', 'x/a/b', false],
    ['a/', 'x/a/y', true],
    ['/a/', 'x/a/y', false],
    ['a', 'a/b', false],
    ['a', 'x/a', true],
    ['**a', 'x/ya', true],
    ['a**', 'x/ay/z', true],
    ['a**b', 'x/ay/zb', true],
    ['/a/**/b', 'a/b', true],
    ['/a/**/**/b', 'a/b', false],
    ['/a/**/**/b', 'a/x/b', true],
    ['/a/***/b', 'a/b', false],
    ['/a/***/b', 'a/x/y/b', true],
    ['a/**b', 'a/b', true],
    ['a/*b', 'a/x/b', false],
    ['?', 'é', true],
    ['?', '😀', true],
    ['??', '😀', false],
    ['????????????', 'абвгдежзийкл', true],
    ['a.b', 'axb', false],
    ['(a|b)+$^\\', '(a|b)+$^\\', true],
    ['A', 'a', false],
    ['!a', 'a', false],
    ['!a', 'b', true],
    ['!!a', '!a', false],
    ['!!a', 'a', true],
    ['!', 'a', false],
    ['a b', 'x/a b', true],
    [' ', 'a', false],
    ['*', 'two\nlines', true],
  ])('%j matches %j: %j', (pattern, path, expected) => {
    expect(excludes(pattern, path)).toBe(expected);
  });

  it('of any make are judged in no time, whatever the path', () => {
    const long = `${'a'.repeat(200)}/`.repeat(20);
    const hostile = [
      '**a'.repeat(500),
      '*a'.repeat(500),
      '/**/a'.repeat(200),
      `${'**'.repeat(2000)}b`,
      '?*'.repeat(300),
    ];
    const started = performance.now();
    for (const pattern of [...hostile, ...hostile.map((pattern) => `${pattern}b`), '**a**b', '*a*b', '**/*b', '*/*']) {
      expect(typeof excludes(pattern, long)).toBe('boolean');
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('filter: the rules of one value', () => {
  const include = (pattern: string) => ({ action: 'include', pattern });
  const exclude = (pattern: string) => ({ action: 'exclude', pattern });

  it.each([
    ['-', [exclude('')]],
    ['+', [include('')]],
    ['-  ', [exclude('')]],
    ['+*.jpg -', [include('*.jpg'), exclude('')]],
    ['+ *.jpg  \t -\ta/ ', [include('*.jpg'), exclude('a/')]],
    ['+-x', [include('-x')]],
    ['+ -', [include('-')]],
    ['+ - -', [include('-'), exclude('')]],
    ['- +x -y', [exclude('+x'), exclude('y')]],
    ['--', [exclude('-')]],
    ['+a-b', [include('a-b')]],
    ['-!/data/ +*.gz -', [exclude('!/data/'), include('*.gz'), exclude('')]],
    ['+a\u00a0-\u3000b', [include('a'), exclude('b')]],
    ['+\ufeff', [include('\ufeff')]],
  ])('%j', (value, rules) => {
    expect(parseFilter(value)).toEqual(rules);
  });

  it.each([
    ['', 'holds no rule'],
    ['x', '"x"'],
    [' +x', '" +x"'],
    ['+a b -c', '"b -c"'],
    ['+a\u001b[31m b', '"b"'],
  ])('%j is refused with what is left over', (value, shown) => {
    const failure = expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(shown) });
    expect(() => parseFilter(value)).toThrow(failure);
  });

  it('are the same whether given in one value or in many', () => {
    const word = somePattern.filter((pattern) => pattern !== '' && !/^[+-]/.test(pattern));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('+', '-'), word), { minLength: 1, maxLength: 5 }), (signed) => {
        const each = signed.map(([sign, pattern]) => `${sign}${pattern}`);
        expect(parseFilter(each.join(' '))).toEqual(each.flatMap((value) => parseFilter(value)));
      }),
    );
  });
});
