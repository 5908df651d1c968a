// Which bytes of a file somebody wants, before it is known how long the file is.

import type { ByteRange } from '../model/parts.js';

/** Bytes from `start` up to, not including, `end`, null being the end of the file; or so many last ones. */
export type WantedBytes = { readonly start: number; readonly end: number | null } | { readonly last: number };

/** Those of them that a file of `size` bytes has; null when it ends before they begin. */
export function wantedWithin(wanted: WantedBytes, size: number): ByteRange | null {
  if ('last' in wanted) return size === 0 ? null : { start: Math.max(0, size - wanted.last), end: size };
  const { start, end } = wanted;
  return start >= size ? null : { start, end: Math.min(end ?? size, size) };
}
