// The command sync.

import { planSync, sync } from '../../flows/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../../flows/sync-tally.js';
import { NOTHING_COMPARED, openCompared, readCompared } from '../../journal/compared.js';
import type { OpenJournal } from '../../journal/open.js';
import type { RunEvent } from '../../model/events.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { underFilters } from '../filtered-label.js';
import type { Summary } from '../reporter.js';
import { openDirectory, openJournalOfVault, openTransfer, readJournalOffline } from '../session.js';
import { leftoversTable, row } from '../summary-row.js';

type Context = CommandContext<'dir' | 'vault' | 'journal'>;

export const run: Run<'dir' | 'vault' | 'journal'> = async (context) => {
  const { settings, selection, halt, clock, report } = context;
  const directory = openDirectory(context);
  const request = requestOf(context);
  const tally = emptySyncTally();
  if (settings.dryRun) {
    const journal = await readJournalOffline(context, true);
    const compared = request.wanted.replaceModified ? await readCompared(settings.journal, report) : NOTHING_COMPARED;
    await planSync(request, { directory, journal, selection, compared, report }, tally, halt);
    return context.finish(summaryOf(tally, request, context));
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, true);
  const vault = connection.vaults.vault(settings.vault);
  await using compared = await openComparedFor(request, open, context);
  const ports = { ...open, vault, directory, selection, compared, clock, report };
  return await context.conclude(
    () => summaryOf(tally, request, context),
    () => sync(request, { ...ports, ...openTransfer(settings.dir, vault, context) }, tally, halt),
  );
};

function requestOf({ settings, origins, subjects, report }: Context): SyncRequest {
  const { new: wantsNew, replaceModified, deleteRemoved, detect, partsize, concurrency } = settings;
  const isNothingNamed = !wantsNew && !replaceModified && !deleteRemoved;
  // A `no` to new files is a word too: nothing is implied then.
  const isNewRefused = origins.new !== 'default' && !wantsNew;
  if (isNothingNamed && isNewRefused) report(nothingToDo(subjects.new));
  return {
    wanted: { new: wantsNew || (isNothingNamed && !isNewRefused), replaceModified, deleteRemoved, detect },
    partSize: partsize,
    width: concurrency,
    maxFiles: settings.maxNumberOfFiles ?? null,
    deleteEverything: settings.deleteEverything,
    foresee: true,
  };
}

/** What was compared before is of use only where changed files are looked for. */
async function openComparedFor({ wanted }: SyncRequest, { sidecars, journal }: OpenJournal, { report }: Context) {
  if (!wanted.replaceModified) return { ...NOTHING_COMPARED, async [Symbol.asyncDispose]() {} };
  return openCompared(sidecars.compared, journal.live, report);
}

function nothingToDo(subject: string): RunEvent {
  const message = `${subject} is 0, and no other task is named: there is nothing to do`;
  const hint = 'give --new, --replace-modified or --delete-removed';
  return { event: 'notice', topic: 'nothing-to-do', message, hint };
}

function summaryOf(tally: SyncTally, { wanted }: SyncRequest, { settings, selection }: Context): Summary {
  const { survey, deletions } = tally;
  const done = !settings.dryRun;
  const unchanged = survey.unchanged + tally.same;
  const stillToDo = survey.files - tally.stored - unchanged - survey.notWanted - tally.failed;
  return {
    tables: [
      {
        key: 'files',
        total: underFilters(
          selection,
          tally.limitReached ? 'files in the directory, up to the limit' : 'files in the directory',
        ),
        totalSoFar: underFilters(selection, 'files seen so far'),
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
        total: underFilters(selection, 'not kept'),
        rows: [
          row('leftOut', 'empty or special', survey.leftOut),
          row('refused', 'refused for their names', survey.refused),
          row('unseen', 'not readable', survey.unseen),
        ],
      },
      {
        key: 'archives',
        total: underFilters(selection, 'archives whose files are gone'),
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
