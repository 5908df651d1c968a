// The command purge-vault.

import { emptyPurgeTally, type PurgeTally, planPurge, purge } from '../../flows/purge.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import type { Summary } from '../reporter.js';
import { openJournalOfVault, readJournalOffline } from '../session.js';
import { leftoversTable, row } from '../summary-row.js';

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, halt, clock, report } = context;
  const tally = emptyPurgeTally();
  if (settings.dryRun) {
    await planPurge({ journal: await readJournalOffline(context, false), report }, tally, halt);
    return context.finish(summaryOf(tally, 'would be deleted', 0));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, false);
  const vault = connection.vaults.vault(settings.vault);
  return await context.conclude(
    () => summaryOf(tally, 'deleted', open.journal.live.count),
    () => purge(settings.concurrency, { ...open, vault, clock, report }, tally, halt),
  );
};

function summaryOf({ deleted, deletedBytes, failed, leftovers }: PurgeTally, verb: string, alive: number): Summary {
  return {
    tables: [
      {
        key: 'archives',
        total: 'archives in the journal',
        rows: [
          row('deleted', verb, deleted, deletedBytes),
          row('failed', 'could not be deleted', failed),
          row('remaining', 'still in the vault', alive - failed),
        ],
      },
      leftoversTable(leftovers),
    ],
    outcome: { ...CLEAN, failed: failed + leftovers.failed },
    next: [],
  };
}
