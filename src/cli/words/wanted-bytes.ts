// How people say which bytes of a file they want: 0-1G, 1G+512M, 3M-, and the last ones as -1M.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { WantedBytes } from '../../plan/wanted-bytes.js';
import { bytesIn, shownSize } from './amounts.js';
import type { Parser } from './option-values.js';

const FORM = /^([^+-]*)([+-])([^+-]*)$/;

export const wantedBytes: Parser<WantedBytes> = (given, subject) => {
  const [, first = '', sign, second = ''] = FORM.exec(given) ?? [];
  const wanted = sign === '+' ? startAndLength(first, second) : sign === '-' ? startAndEnd(first, second) : null;
  if (wanted !== null) return wanted;
  throw new Failure('USAGE', `${subject} must be a range of bytes that is not empty, not ${printable(given)}`, {
    hint: 'write START-END (END is not included), START+LENGTH, START- or, for the last ones, -LENGTH: 0-1G, 1G+512M, 3M-',
  });
};

function startAndLength(first: string, second: string): WantedBytes | null {
  const [start, length] = [amountIn(first), amountIn(second)];
  return start === null || length === null ? null : lawful(start, start + length);
}

function startAndEnd(first: string, second: string): WantedBytes | null {
  const [start, end] = [amountIn(first), amountIn(second)];
  if (first === '') return end === null || end === 0 ? null : { last: end };
  if (start === null) return null;
  if (second === '') return { start, end: null };
  return end === null ? null : lawful(start, end);
}

function lawful(start: number, end: number): WantedBytes | null {
  return start < end && end <= Number.MAX_SAFE_INTEGER ? { start, end } : null;
}

/** Offsets are counted exactly, so a number without a unit is bytes. Null for what is no amount. */
function amountIn(given: string): number | null {
  const bytes = /^\d{1,16}$/.test(given) ? Number(given) : bytesIn(given);
  return bytes !== null && bytes <= Number.MAX_SAFE_INTEGER ? bytes : null;
}

/** As it can be read again. */
export function shownWantedBytes(wanted: WantedBytes): string {
  if ('last' in wanted) return `-${shownSize(wanted.last)}`;
  return `${shownOffset(wanted.start)}-${wanted.end === null ? '' : shownSize(wanted.end)}`;
}

function shownOffset(offset: number): string {
  return offset === 0 ? '0' : shownSize(offset);
}
