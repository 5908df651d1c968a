// Of several retrievals of one archive, the one that serves best.

import type { Retrieval } from './retrieving-port.js';

const RANK = { none: 0, failed: 1, running: 2, ready: 3 } as const satisfies Record<Retrieval['state'], number>;

/**
 * A ready one before a running, a running before a failed. Of two ready ones the one that is readable longest, where
 * unknown means for ever; of two running ones the one expected first, where unknown means never; of two failed ones the
 * one asked for last; else `b`.
 */
export function betterRetrieval(a: Retrieval, b: Retrieval): Retrieval {
  if (RANK[a.state] !== RANK[b.state]) return RANK[a.state] > RANK[b.state] ? a : b;
  return merit(a) > merit(b) ? a : b;
}

function merit(retrieval: Retrieval): number {
  if (retrieval.state === 'ready') return retrieval.readableUntil ?? Number.POSITIVE_INFINITY;
  if (retrieval.state === 'running') return -(retrieval.expected?.to ?? Number.POSITIVE_INFINITY);
  if (retrieval.state === 'failed') return retrieval.requestedAt;
  return 0;
}
