// Forms of the query protocols, taken apart.

import { describe, expect, test } from 'vitest';
import { listOf, mapOf, numbered, parseForm, required } from '../../../../src/edges/local-server/notices/form.js';

const form = parseForm(
  '/?Action=A&L.10=ten&L.2=two',
  Buffer.from('L.1=one&L.x=no&LL.1=no&M.2.k=b&M.2.v=2&M.1.k=a&M.1.v=%3C+%2B'),
);

describe('form', () => {
  test('a list is in the order of its numbers, wherever they stand', () => {
    expect(listOf(form, 'L')).toEqual(['one', 'two', 'ten']);
  });

  test('a map is made of pairs', () => {
    expect([...mapOf(form, 'M', 'k', 'v')]).toEqual([
      ['a', '< +'],
      ['b', '2'],
    ]);
  });

  test('what is not there is no list; what must be there is asked for', () => {
    expect(numbered(form, 'N')).toEqual([]);
    expect(required(form, 'Action')).toBe('A');
    expect(() => required(form, 'N')).toThrow(/must contain the parameter N/);
  });
});
