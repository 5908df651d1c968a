// The command rm: deletes single archives.

import {
  emptyForgetNamedTally,
  type ForgetNamedTally,
  forgetNamed,
  planForgetNamed,
} from '../../flows/deleting/forget-named.js';
import { type Naming, namedArchives } from '../../flows/named-archives.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { openJournalOfVault, readJournalOffline } from '../session.js';

type Context = CommandContext<'vault' | 'journal'>;

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, halt, clock, report } = context;
  const unknown = { failed: 0 };
  const tally = emptyForgetNamedTally();
  if (settings.dryRun) {
    await using journal = await readJournalOffline(context, false);
    const archives = await namedArchives(namingOf(context), journal.live, unknown, report);
    planForgetNamed(archives, { journal, report }, tally);
    return context.finish(summaryOf(tally, unknown.failed, 'would be deleted'));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, false);
  const vault = connection.vaults.vault(settings.vault);
  return await context.conclude(
    () => summaryOf(tally, unknown.failed, 'deleted'),
    async () => {
      const archives = await namedArchives(namingOf(context), open.journal.live, unknown, report);
      await forgetNamed(archives, settings.concurrency, { ...open, vault, clock, report }, tally, halt);
    },
  );
};

function namingOf(context: Context): Naming {
  const { settings } = context;
  return {
    names: context.positionals('NAME'),
    ids: settings.id.map(({ value }) => value),
    allVersions: settings.allVersions,
    wholeDirectory: 'mtglacier purge-vault with --filter deletes what is below a directory',
  };
}

function summaryOf({ deleted, deletedBytes, failed }: ForgetNamedTally, unknown: number, verb: string): Summary {
  return {
    tables: [
      {
        key: 'archives',
        total: 'archives that were named',
        rows: [
          row('deleted', verb, deleted, deletedBytes),
          row('unknown', 'not in the journal', unknown),
          row('failed', 'could not be deleted', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed: failed + unknown },
    next: [],
  };
}
