// Retrievals that were written down before they were asked for, and of which no answer was seen: the vault knows which it heard of.

import type { Asking } from '../../journal/restore-plans.js';
import { Instant } from '../../model/clock.js';
import { READABLE_SECONDS } from '../../model/tier.js';
import type { Retrieval } from '../../vault/retrieving-port.js';

/** As much as Glacier lets the clocks of clients differ from its own. */
export const CLOCKS_DIFFER_SECONDS = 300;

/**
 * Whether one of them was asked for, by what the vault shows of it now. Also where nobody can tell: one of which nothing is
 * shown that is so new may be over since.
 */
export function wasAskedFor({ at }: Asking, retrieval: Retrieval, now: Instant): boolean {
  const isSince =
    retrieval.state !== 'none' && retrieval.requestedAt >= Instant.plusSeconds(at, -CLOCKS_DIFFER_SECONDS);
  if (isSince || retrieval.state === 'running' || retrieval.state === 'ready') return isSince;
  return now >= Instant.plusSeconds(at, READABLE_SECONDS);
}
