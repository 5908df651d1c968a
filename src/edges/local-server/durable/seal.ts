// The checksum with which a line of a log and a small file of JSON end: CRC-32 of the bytes before it.

import { crc32 } from 'node:zlib';

/** What stands before the sum, and after it. */
export interface SealForm {
  readonly before: Buffer;
  readonly after: Buffer;
}

const SUM_SIZE = 8;
const [ZERO, NINE, A, F] = ['0', '9', 'a', 'f'].map((digit) => digit.charCodeAt(0)) as [number, number, number, number];

/** Bytes of a whole seal. */
export function sealSizeOf({ before, after }: SealForm): number {
  return before.length + SUM_SIZE + after.length;
}

/** The seal of a text: what has to follow it. */
export function sealOf(text: string, { before, after }: SealForm): string {
  return `${before.toString()}${crc32(text).toString(16).padStart(SUM_SIZE, '0')}${after.toString()}`;
}

/** Whether the bytes from `start` up to, not including, `end` end with their seal. Makes no strings: logs are long. */
export function isSealed(bytes: Buffer, form: SealForm, start: number, end: number): boolean {
  const at = end - sealSizeOf(form);
  if (at < start || !hasSealForm(bytes, form, end)) return false;
  return sumAt(bytes, at + form.before.length) === crc32(bytes.subarray(start, at));
}

/** Whether what ends at `end` looks like a seal, be it the right one or not. */
export function hasSealForm(bytes: Buffer, form: SealForm, end: number): boolean {
  const at = end - sealSizeOf(form);
  return stands(bytes, form.before, at) && stands(bytes, form.after, end - form.after.length);
}

function stands(bytes: Buffer, wanted: Buffer, at: number): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** NaN when it is none: eight digits, small letters. */
function sumAt(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = at; i < at + SUM_SIZE; i++) sum = sum * 16 + digitOf(bytes[i] ?? 0);
  return sum;
}

function digitOf(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  return byte >= A && byte <= F ? byte - A + 10 : Number.NaN;
}
