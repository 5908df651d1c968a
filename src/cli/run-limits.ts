// How much a run may do and for how long, as the options say it, and what is said when a limit ends it.

import type { Limit, RunLimits } from '../flows/budget.js';
import type { CommandContext } from './command-context.js';
import type { OptionName } from './words/options.js';

/** The options that set them. */
const LIMIT_OPTION = {
  files: 'max-number-of-files',
  transfer: 'max-transfer',
  duration: 'max-duration',
} as const satisfies Record<Limit, OptionName>;

/** The time of the run begins to pass with this call. */
export function runLimitsOf({ settings, report }: Pick<CommandContext, 'settings' | 'report'>): RunLimits {
  const { maxTransfer = null, maxDuration = null } = settings;
  const told = new Set<Limit>();
  return {
    transfer: maxTransfer,
    timeUp: maxDuration === null ? null : AbortSignal.timeout(maxDuration),
    onReached(limit) {
      if (told.has(limit)) return;
      told.add(limit);
      const message = `the limit of --${LIMIT_OPTION[limit]} is reached: nothing new is begun, and what is in flight ends`;
      report({ event: 'notice', topic: 'limit-reached', message, hint: null });
    },
  };
}

/** For the outcome of a run. */
export function limitedBy(limit: Limit | null) {
  return { limitReached: limit !== null, limit: limit === null ? null : LIMIT_OPTION[limit] };
}

/** What to know next, as the summary has it. */
export function afterLimit(limit: Limit | null): readonly string[] {
  if (limit === null) return [];
  return [`Ended by --${LIMIT_OPTION[limit]}: run the same command again, and it goes on.`];
}
