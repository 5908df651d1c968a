// The command restore.

import { emptyRestoreTally, planRestore, type RestoreTally, restore } from '../../flows/restore.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { openDirectory } from '../directory.js';
import { CLEAN } from '../exit-codes.js';
import { underFilters } from '../report/filtered-label.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { limitedBy } from '../run-limits.js';
import { openJournalOfVault, readJournalOffline } from '../session.js';
import { expectation } from '../words/expectation.js';

type Mandatory = 'dir' | 'vault' | 'journal' | 'max-number-of-files';

export const run: Run<Mandatory> = async (context) => {
  const { settings, selection, halt, clock, report } = context;
  const directory = openDirectory(context);
  const request = { tier: settings.tier, width: settings.concurrency, maxFiles: settings.maxNumberOfFiles };
  const tally = emptyRestoreTally();
  if (settings.dryRun) {
    await using journal = await readJournalOffline(context, false);
    await planRestore(request, { directory, journal, selection, clock, report }, tally, halt);
    return context.finish(summaryOf(tally, context));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, false);
  const vault = connection.vaults.vault(settings.vault);
  return await context.conclude(
    () => summaryOf(tally, context),
    () => restore(request, { ...open, vault, directory, selection, clock, report }, tally, halt),
  );
};

function summaryOf(tally: RestoreTally, { settings, selection, clock }: CommandContext<Mandatory>): Summary {
  const { requested, requestedBytes, underWay, here, failed, limitReached, readyAt } = tally;
  const verb = settings.dryRun ? 'would be requested' : 'requested';
  return {
    tables: [
      {
        key: 'files',
        total: underFilters(selection, limitReached ? 'files in the journal, up to the limit' : 'files in the journal'),
        totalSoFar: underFilters(selection, 'files seen so far'),
        rows: [
          row('requested', verb, requested, requestedBytes),
          row('underWay', 'requested before, under way or ready', underWay),
          row('here', 'here already', here),
          row('failed', 'could not be requested', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed, ...limitedBy(limitReached ? 'files' : null) },
    idle: requested + failed === 0 ? 'Nothing to restore' : null,
    next: [
      ...(requested > 0 && !settings.dryRun ? [expectation('The retrievals', readyAt, clock.now())] : []),
      ...(requested + underWay > 0 && !settings.dryRun
        ? ['Fetch what is ready with mtglacier restore-completed.']
        : []),
      ...(limitReached ? [`More files are missing: ${howToGoOn(failed)}`] : []),
    ],
  };
}

/** Files that fail each time would use up the limit each time. */
function howToGoOn(failed: number): string {
  if (failed === 0) return 'run it again, or raise --max-number-of-files.';
  return 'raise --max-number-of-files, as files that fail count too.';
}
