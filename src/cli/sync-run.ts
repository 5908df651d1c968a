// The command sync on a directory that is open.

import type { KeptDirectory } from '../disk/kept-directory.js';
import { planSync, sync } from '../flows/storing/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../flows/storing/sync-tally.js';
import { NOTHING_COMPARED, openCompared, readCompared } from '../journal/compared.js';
import type { OpenJournal } from '../journal/open.js';
import type { RunEvent } from '../model/events.js';
import type { Selection } from '../model/selection.js';
import type { CommandContext } from './command-context.js';
import { connect } from './connection.js';
import { CLEAN, type ExitCode } from './exit-codes.js';
import { storingLanesOf } from './file-lanes.js';
import { openMoving } from './moving.js';
import { underFilters } from './report/filtered-label.js';
import type { Summary, SummaryTable } from './report/reporter.js';
import { leftoversTable, row } from './report/summary-row.js';
import { afterLimit, limitedBy, runLimitsOf } from './run-limits.js';
import { openJournalOfVault, readJournalOffline } from './session.js';

type Context = CommandContext<'dir' | 'vault' | 'journal'>;

export async function syncDirectory(directory: KeptDirectory, context: Context): Promise<ExitCode> {
  const { settings, selection, halt, clock, report } = context;
  const request = requestOf(context);
  const tally = emptySyncTally();
  if (settings.dryRun) {
    await using journal = await readJournalOffline(context, true);
    const compared = request.wanted.replaceModified ? await readCompared(settings.journal, report) : NOTHING_COMPARED;
    await planSync(request, { directory, journal, selection, compared, report }, tally, halt);
    return context.finish(summaryOf(tally, request, context));
  }
  const limits = runLimitsOf(context);
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, true);
  const vault = connection.vaults.vault(settings.vault);
  await using compared = await openComparedFor(request, open, context);
  await using moving = await openMoving(directory.place, { connection, name: settings.vault }, context);
  const { transfer, engine } = moving;
  const ports = { ...open, vault, directory, selection, compared, transfer, engine, clock, report };
  return await context.conclude(
    () => summaryOf(tally, request, context),
    () => sync({ ...request, limits }, ports, tally, halt),
  );
}

function requestOf(context: Context): SyncRequest {
  const { settings, origins, subjects, report } = context;
  const { new: wantsNew, replaceModified, deleteRemoved, detect, partsize, concurrency } = settings;
  const isNothingNamed = !wantsNew && !replaceModified && !deleteRemoved;
  // A `no` to new files is a word too: nothing is implied then.
  const isNewRefused = origins.new !== 'default' && !wantsNew;
  if (isNothingNamed && isNewRefused) report(nothingToDo(subjects.new));
  return {
    wanted: { new: wantsNew || (isNothingNamed && !isNewRefused), replaceModified, deleteRemoved, detect },
    partSize: partsize,
    width: concurrency,
    files: storingLanesOf(context),
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

function summaryOf(tally: SyncTally, request: SyncRequest, context: Context): Summary {
  const { survey, deletions, leftovers } = tally;
  const { selection } = context;
  return {
    tables: [
      filesTable(tally, request, context),
      notKeptTable(survey, selection),
      archivesTable(tally, selection),
      leftoversTable(leftovers),
    ],
    outcome: {
      ...CLEAN,
      failed: survey.refused + survey.unseen + tally.failed + deletions.failed + leftovers.failed,
      ...limitedBy(tally.limit),
      limitReached: tally.limitReached,
    },
    next: whatNext(tally),
  };
}

/** Files that fail each time would use up the limit of their number each time. */
function whatNext({ limit, limitReached, failed }: SyncTally): readonly string[] {
  if (limit === 'transfer' || limit === 'duration') return afterLimit(limit);
  if (!limitReached || failed === 0) return [];
  return ['More is to be stored: raise --max-number-of-files, as files that fail count too.'];
}

function filesTable(tally: SyncTally, { wanted }: SyncRequest, { settings, selection }: Context): SummaryTable {
  const { survey, stored, storedBytes, same, failed, limitReached } = tally;
  const total = limitReached ? 'files in the directory, up to the limit' : 'files in the directory';
  const unchanged = survey.unchanged + same;
  const stillToDo = survey.files - stored - unchanged - survey.notWanted - failed;
  return {
    key: 'files',
    total: underFilters(selection, total),
    totalSoFar: underFilters(selection, 'files seen so far'),
    rows: [
      row('stored', 'stored', stored, storedBytes),
      row('unchanged', 'unchanged', unchanged),
      row('notWanted', wanted.new ? 'known, not compared' : 'not asked for', survey.notWanted),
      row('failed', 'could not be stored', failed),
      row('remaining', settings.dryRun ? 'would be stored or verified' : 'left for a later run', stillToDo),
    ],
  };
}

function notKeptTable({ leftOut, refused, unseen }: SyncTally['survey'], selection: Selection): SummaryTable {
  return {
    key: 'notKept',
    total: underFilters(selection, 'not kept'),
    rows: [
      row('leftOut', 'empty or special', leftOut),
      row('refused', 'refused for their names', refused),
      row('unseen', 'not readable', unseen),
    ],
  };
}

function archivesTable({ survey, deletions }: SyncTally, selection: Selection): SummaryTable {
  const { deleted, failed, planned } = deletions;
  return {
    key: 'archives',
    total: underFilters(selection, 'archives whose files are gone'),
    rows: [
      row('deleted', 'deleted', deleted),
      row('failed', 'could not be deleted', failed),
      row('planned', 'would be deleted', planned),
      row('kept', 'kept', survey.missing - deleted - failed - planned),
    ],
  };
}
