// The command sync.

import { openKeptDirectory } from '../../disk/kept-directory.js';
import { planSync, sync } from '../../flows/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../../flows/sync-tally.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { journalInside } from '../journal-inside.js';
import type { Summary } from '../reporter.js';
import { openJournalOfVault, openTransfer, readJournalOffline } from '../session.js';
import { leftoversTable, row } from '../summary-row.js';

type Context = CommandContext<'dir' | 'vault' | 'journal'>;

export const run: Run<'dir' | 'vault' | 'journal'> = async (context) => {
  const { settings, halt, clock, report } = context;
  const directory = openKeptDirectory(settings.dir, journalInside(settings.dir, settings.journal));
  const request = requestOf(context);
  const tally = emptySyncTally();
  if (settings.dryRun) {
    const journal = await readJournalOffline(context, true);
    await planSync(request, { directory, journal, report }, tally, halt);
    return context.finish(summaryOf(tally, request, 'dry-run'));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, true);
  const vault = connection.vaults.vault(settings.vault);
  const ports = { ...open, vault, directory, clock, report, ...openTransfer(settings.dir, vault, context) };
  return await context.conclude(
    () => summaryOf(tally, request, 'done'),
    () => sync(request, ports, tally, halt),
  );
};

function requestOf({ settings }: Context): SyncRequest {
  const { new: wantsNew, replaceModified, deleteRemoved, detect, partsize, concurrency } = settings;
  const isNothingNamed = !wantsNew && !replaceModified && !deleteRemoved;
  return {
    wanted: { new: wantsNew || isNothingNamed, replaceModified, deleteRemoved, detect },
    partSize: partsize,
    width: concurrency,
    maxFiles: settings.maxNumberOfFiles ?? null,
    deleteEverything: settings.deleteEverything,
    foresee: true,
  };
}

function summaryOf(tally: SyncTally, { wanted }: SyncRequest, mode: 'done' | 'dry-run'): Summary {
  const { survey, deletions } = tally;
  const done = mode === 'done';
  const unchanged = survey.unchanged + tally.same;
  const stillToDo = survey.files - tally.stored - unchanged - survey.notWanted - tally.failed;
  return {
    tables: [
      {
        key: 'files',
        total: tally.limitReached ? 'files in the directory, up to the limit' : 'files in the directory',
        totalSoFar: 'files seen so far',
        rows: [
          row('stored', 'stored', tally.stored, tally.storedBytes),
          row('unchanged', 'unchanged', unchanged),
          row('notWanted', wanted.new ? 'known, not compared' : 'not asked for', survey.notWanted),
          row('failed', 'could not be stored', tally.failed),
          row('remaining', done ? 'left for a later run' : 'would be stored or verified', stillToDo),
        ],
      },
      {
        key: 'notKept',
        total: 'not kept',
        rows: [
          row('leftOut', 'empty or special', survey.leftOut),
          row('refused', 'refused for their names', survey.refused),
          row('unseen', 'not readable', survey.unseen),
        ],
      },
      {
        key: 'archives',
        total: 'archives whose files are gone',
        rows: [
          row('deleted', 'deleted', deletions.deleted),
          row('failed', 'could not be deleted', deletions.failed),
          row('planned', 'would be deleted', deletions.planned),
          row('kept', 'kept', survey.missing - deletions.deleted - deletions.failed - deletions.planned),
        ],
      },
      leftoversTable(tally.leftovers),
    ],
    outcome: {
      ...CLEAN,
      failed: survey.refused + survey.unseen + tally.failed + deletions.failed + tally.leftovers.failed,
      limitReached: tally.limitReached,
    },
    next: [],
  };
}
