import { describe, expect, it } from 'vitest';
import { shownWantedBytes, wantedBytes } from '../../src/cli/words/wanted-bytes.js';
import { Failure } from '../../src/model/failure.js';
import { type WantedBytes, wantedWithin } from '../../src/plan/wanted-bytes.js';

const [K, M, G] = [1024, 1024 ** 2, 1024 ** 3];

const FORMS: readonly [string, WantedBytes, string][] = [
  ['0-1G', { start: 0, end: G }, '0-1G'],
  ['1G+512M', { start: G, end: G + 512 * M }, '1G-1536M'],
  ['3M-', { start: 3 * M, end: null }, '3M-'],
  ['0-', { start: 0, end: null }, '0-'],
  ['-1M', { last: M }, '-1M'],
  ['5-6', { start: 5, end: 6 }, '5B-6B'],
  ['1.5K-2KiB', { start: 1.5 * K, end: 2 * K }, '1536B-2K'],
  ['7+1', { start: 7, end: 8 }, '7B-8B'],
  [
    '9007199254740990-9007199254740991',
    { start: 2 ** 53 - 2, end: 2 ** 53 - 1 },
    '9007199254740990B-9007199254740991B',
  ],
];

const NONE = [
  '',
  '-',
  '+',
  '5',
  '5-5',
  '6-5',
  '0+0',
  '-0',
  '+5',
  '5+',
  '-5-',
  '1-2-3',
  '1+2+3',
  '1-2+3',
  'a-b',
  '1MB-2MB',
];
const TOO_FAR = ['0-9007199254740992', '0-99999P', '9007199254740991+1', '-9007199254740992'];

describe('wanted bytes', () => {
  it.each(FORMS)('wanted bytes: %s', (text, wanted, shown) => {
    expect(wantedBytes(text, '--range')).toEqual(wanted);
    expect(shownWantedBytes(wanted)).toBe(shown);
    expect(wantedBytes(shown, '--range'), 'what is shown can be typed').toEqual(wanted);
  });

  it.each([...NONE, ...TOO_FAR])('wanted bytes: %j is no range', (text) => {
    const thrown = caught(() => wantedBytes(text, '--range'));
    expect(thrown.code).toBe('USAGE');
    expect(thrown.message).toMatch(/^--range must be a range of bytes that is not empty, not /);
    expect(thrown.hint).toContain('END is not included');
  });

  it('wanted bytes: of a file as many as it has, and none where it ends before', () => {
    expect(wantedWithin({ start: 0, end: 100 }, 10)).toEqual({ start: 0, end: 10 });
    expect(wantedWithin({ start: 3, end: null }, 10)).toEqual({ start: 3, end: 10 });
    expect(wantedWithin({ start: 9, end: 10 }, 10)).toEqual({ start: 9, end: 10 });
    expect(wantedWithin({ start: 10, end: 11 }, 10)).toBe(null);
    expect(wantedWithin({ last: 3 }, 10)).toEqual({ start: 7, end: 10 });
    expect(wantedWithin({ last: 11 }, 10)).toEqual({ start: 0, end: 10 });
    expect(wantedWithin({ last: 1 }, 0)).toBe(null);
  });
});

function caught(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it was taken');
}
