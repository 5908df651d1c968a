// What a walk in a thread of its own is told, what it tells, and how it is kept from running ahead.

import type { PackedFailure, PackedFindings } from './packed-findings.js';

/** Plain, as all that crosses threads. */
export interface WalkOrders {
  readonly root: string;
  readonly follow: boolean;
  readonly concurrency: number;
  /** Names of encodings. */
  readonly filenames: string;
  readonly journal: string;
  /** What the thread's script makes the selection of; null selects everything. */
  readonly rules: unknown;
  readonly credits: Credits;
}

export type WalkNews =
  | { readonly news: 'found'; readonly batch: PackedFindings }
  | { readonly news: 'failed'; readonly failure: PackedFailure }
  | { readonly news: 'end' };

/** How many batches the thread may still give. */
export type Credits = Int32Array<SharedArrayBuffer>;

/** @param count batches that may wait to be taken */
export function newCredits(count: number): Credits {
  const credits = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  credits[0] = count;
  return credits;
}

/** Holds the thread until there is a credit, and takes it. Only one thread takes. */
export function takeCredit(credits: Credits): void {
  while (Atomics.load(credits, 0) === 0) Atomics.wait(credits, 0, 0);
  Atomics.sub(credits, 0, 1);
}

export function giveCredit(credits: Credits): void {
  Atomics.add(credits, 0, 1);
  Atomics.notify(credits, 0);
}
