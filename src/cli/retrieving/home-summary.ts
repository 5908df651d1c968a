// What is said at the end of a run that waited for retrievals.

import type { HomeTally } from '../../flows/retrieving/bring-home.js';
import type { Instant } from '../../model/clock.js';
import type { Exhausted } from '../../plan/allowance.js';
import { CLEAN } from '../exit-codes.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { afterLimit, limitedBy } from '../run-limits.js';
import { expectation } from '../words/expectation.js';
import type { OptionName } from '../words/options.js';

/** The options that say what a restore may ask for. */
export const ALLOWED_BY = {
  files: 'max-number-of-files',
  bytes: 'max-bytes',
  cost: 'max-cost',
} as const satisfies Record<Exhausted, OptionName>;

/**
 * @param total what the files add up to
 * @param by what accepts nothing itself, as `watch` does, has done all when all that was accepted has come, and cannot
 * have more by running again
 */
export function homeSummary(
  tally: HomeTally,
  total: string,
  now: Instant,
  by: 'restore' | 'watch' = 'restore',
): Summary {
  const { restored, restoredBytes, waiting, here, failed, mismatches, left, exhausted, limit, readyAt } = tally;
  const { requested, requestedBytes, again, againBytes } = tally;
  const stopped = limit === null && left > 0 && exhausted !== null ? ALLOWED_BY[exhausted] : null;
  return {
    tables: [
      {
        key: 'files',
        total,
        totalSoFar: 'files seen so far',
        rows: [
          row('restored', 'restored and verified', restored, restoredBytes),
          row('waiting', 'under way, or to be asked for', waiting),
          row('remaining', 'missing, beyond what was accepted', left),
          row('here', 'here already', here),
          row('failed', 'could not be restored', failed),
        ],
      },
      {
        key: 'retrievals',
        total: 'retrievals requested',
        rows: [
          row('requested', 'requested', requested, requestedBytes),
          row('again', 'requested again: gone before they were fetched, or failed', again, againBytes),
        ],
      },
    ],
    outcome: {
      ...CLEAN,
      failed,
      mismatches,
      waiting,
      ...limitedBy(limit),
      ...(stopped === null || by === 'watch' ? {} : { limitReached: true, limit: stopped }),
    },
    idle: restored + waiting + failed + left === 0 ? 'Nothing to restore' : null,
    next: [
      ...afterLimit(limit),
      ...(waiting > 0 ? [expectation('The others', readyAt, now)] : []),
      ...(waiting > 0 && limit === null ? [HOW_TO_GO_ON[by]] : []),
      ...(stopped === null ? [] : [howToHaveMore(stopped, by)]),
    ],
  };
}

const HOW_TO_GO_ON = {
  restore: 'Run the same command again, or mtglacier watch: it goes on where this run stopped.',
  watch: 'Run the same command again: it goes on where this run stopped.',
} as const;

function howToHaveMore(stopped: OptionName, by: 'restore' | 'watch'): string {
  if (by === 'watch') return `More files are missing than --${stopped} let in: accept more with mtglacier restore.`;
  return `More files are missing: run it again, or raise --${stopped}.`;
}
