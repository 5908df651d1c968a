// One look at all that is missing, as those who take part in it know it: what is asked for, by which rules, with what result.

import type { Journal } from '../../journal/journal.js';
import type { Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { Failure } from '../../model/failure.js';
import type { Spending } from '../../plan/allowance.js';
import type { HourlyShare } from '../../plan/pacing.js';
import type { Retrieving } from '../../vault/retrieving-port.js';
import type { MissingPorts, MissingTally } from './missing.js';
import type { PlanAccount } from './plan-book.js';
import type { UnderWay } from './under-way.js';

export interface RoundPorts extends MissingPorts {
  readonly vault: Pick<Retrieving, 'requestRetrieval' | 'retrievals'>;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** What a round asks for, and by which rules. The guarding objects change with it. */
export interface RoundRequest {
  readonly account: PlanAccount;
  readonly underWay: UnderWay;
  readonly spending: Spending;
  readonly share: HourlyShare;
  /** Bytes that may be under way at once. */
  readonly room: number;
  /** Bytes of the largest archive that the account's own policy ever lets be retrieved in this tier. */
  readonly largest: number;
  readonly width: number;
  /** What the archives that are asked for now are counted under. */
  readonly wave: number;
  /** Whether all must be looked at, or only until there is no more room. */
  readonly scope: 'all' | 'while there is room';
  /** Where is told what cannot be restored at all: nowhere when it has been told before. */
  readonly reportMissing: Report;
}

/** Every archive that was come upon is in exactly one of the counts, or settled before. */
export interface RoundTally extends MissingTally {
  /** For the first time in this run. */
  requested: number;
  requestedBytes: number;
  /** Again, because it was gone before it was fetched, or had failed. */
  again: number;
  againBytes: number;
  /** Could not be asked for, and are not tried again in this run; `failed` are those that cannot be restored anyway. */
  givenUp: number;
  /** Under way by the vault's word, this round's not among them. */
  underWay: number;
  /** Under way by the journal's word alone: somebody asked for it in the last 24 hours, and the vault shows nothing. */
  noted: number;
  /** When the first of those may be asked for again. */
  notedUntil: Instant | null;
  /** Beyond what the plan allows. */
  left: number;
  /** To be asked for when there is room again. */
  later: number;
  /** Why the vault takes no more for now: NO_CAPACITY, RETRIEVAL_POLICY. */
  refused: Failure | null;
}

export function emptyRoundTally(): RoundTally {
  const seen = { here: 0, failed: 0, underWay: 0, noted: 0, left: 0, later: 0 };
  return {
    ...seen,
    requested: 0,
    requestedBytes: 0,
    again: 0,
    againBytes: 0,
    givenUp: 0,
    notedUntil: null,
    refused: null,
  };
}
