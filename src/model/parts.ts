// How a large archive is cut: part sizes that Glacier allows, and the ranges they give.

import { Failure } from './failure.js';

/** Bytes. */
export const MIB = 1024 * 1024;

/** Up to so many bytes a file is small: one request, whose time is spent waiting for an answer. */
export const SMALL_MAX = 1024 * 1024;

/** Source: Glacier developer guide, "Quick Facts" of multipart uploads. Bytes, except the count. */
export const LIMITS = {
  partSizeMin: MIB,
  partSizeMax: 4096 * MIB,
  partCount: 10_000,
  wholeUploadMax: 4096 * MIB,
} as const;

/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The range of all of it. */
export function wholeOf({ size }: { readonly size: number }): ByteRange {
  return { start: 0, end: size };
}

/**
 * Smallest lawful part size that is at least `wanted` and keeps the part count lawful. Bytes.
 * Source: Glacier developer guide, "Uploading Large Archives in Parts": 1 MiB times a power of two, 10,000 parts.
 * @param wanted a lawful part size
 * @throws Failure FILE_TOO_LARGE
 */
export function partSizeFor(size: number, wanted: number): number {
  let partSize = wanted;
  while (Math.ceil(size / partSize) > LIMITS.partCount) partSize *= 2;
  if (partSize > LIMITS.partSizeMax) {
    throw new Failure('FILE_TOO_LARGE', `${size} bytes are more than one archive can hold (10,000 parts of 4 GiB)`);
  }
  return partSize;
}

/** Whether Glacier takes parts of this many bytes. */
export function isPartSize(size: number): boolean {
  return size >= LIMITS.partSizeMin && size <= LIMITS.partSizeMax && Number.isInteger(Math.log2(size));
}

/** The ranges of `size` bytes in steps of `step`, in order; the last may be shorter. None when `size` is 0. */
export function* rangesOf(size: number, step: number): Generator<ByteRange> {
  for (let start = 0; start < size; start += step) yield { start, end: Math.min(start + step, size) };
}
