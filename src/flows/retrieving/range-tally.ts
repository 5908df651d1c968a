// What became of the ranges that some bytes of an archive are brought from.

import type { ByteRange } from '../../model/parts.js';
import type { Expected } from '../../vault/retrieving-port.js';
import type { Proof } from './pour-range.js';

/** Counts ranges that the vault is asked for; each is in exactly one of the counts. */
export interface RangeTally {
  got: number;
  gotBytes: number;
  /** Ready, and not fetched, because others are not. */
  ready: number;
  readyBytes: number;
  cutShort: number;
  requested: number;
  requestedBytes: number;
  /** Asked for before, and not ready yet. */
  waiting: number;
  waitingBytes: number;
  failed: number;
  /** Of `failed`: the vault gave other content than the journal says. */
  mismatches: number;
  /** Whose word the bytes were held against; null as long as none were brought. */
  proof: Proof | null;
  readyAt: Expected | null;
}

export function emptyRangeTally(): RangeTally {
  const bytes = { gotBytes: 0, readyBytes: 0, requestedBytes: 0, waitingBytes: 0 };
  const counts = { got: 0, ready: 0, cutShort: 0, requested: 0, waiting: 0, failed: 0, mismatches: 0 };
  return { ...counts, ...bytes, proof: null, readyAt: null };
}

export function countRange(
  tally: RangeTally,
  what: 'got' | 'ready' | 'requested' | 'waiting',
  { start, end }: ByteRange,
): void {
  tally[what]++;
  tally[`${what}Bytes`] += end - start;
}
