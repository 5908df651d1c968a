// The command purge-vault.

import { emptyPurgeTally, type PurgeTally, planPurge, purge } from '../../flows/deleting/purge.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { underFilters } from '../report/filtered-label.js';
import type { Summary } from '../report/reporter.js';
import { leftoversTable, row } from '../report/summary-row.js';
import { openJournalOfVault, readJournalOffline } from '../session.js';

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, selection, halt, clock, report } = context;
  const tally = emptyPurgeTally();
  if (settings.dryRun) {
    await using journal = await readJournalOffline(context, false);
    await planPurge({ journal, selection, report }, tally, halt);
    return context.finish(summaryOf(tally, context));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, false);
  const vault = connection.vaults.vault(settings.vault);
  return await context.conclude(
    () => summaryOf(tally, context),
    () => purge(settings.concurrency, { ...open, vault, selection, clock, report }, tally, halt),
  );
};

function summaryOf(
  tally: PurgeTally,
  { settings, selection }: Pick<CommandContext, 'settings' | 'selection'>,
): Summary {
  const { archives, deleted, deletedBytes, failed, leftovers } = tally;
  return {
    tables: [
      {
        key: 'archives',
        total: underFilters(selection, 'archives in the journal'),
        rows: [
          row('deleted', settings.dryRun ? 'would be deleted' : 'deleted', deleted, deletedBytes),
          row('failed', 'could not be deleted', failed),
          row('remaining', 'still in the vault', archives - deleted - failed),
        ],
      },
      leftoversTable(leftovers),
    ],
    outcome: { ...CLEAN, failed: failed + leftovers.failed },
    idle: archives === 0 ? 'Nothing to delete' : null,
    next: [],
  };
}
