// The command restore-completed.

import { Budget } from '../../flows/budget.js';
import { emptyHomeTally } from '../../flows/retrieving/bring-home.js';
import { endPlan, planFor, planOfWhatIsUnderWay } from '../../flows/retrieving/plan-book.js';
import {
  emptyRestoreCompletedTally,
  planRestoreCompleted,
  type RestoreCompletedTally,
  restoreCompleted,
} from '../../flows/retrieving/restore-completed.js';
import { asFailure, Failure } from '../../model/failure.js';
import { Money } from '../../model/money.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { openDirectory } from '../directory.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { fetchRequestOf } from '../fetch-request.js';
import { fileLanesOf } from '../file-lanes.js';
import { openMoving } from '../moving.js';
import { underFilters } from '../report/filtered-label.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { termsOf } from '../retrieving/accepting.js';
import { announcing } from '../retrieving/announcing.js';
import { homeSummary } from '../retrieving/home-summary.js';
import { journalLender, waitForPlan } from '../retrieving/waiting.js';
import { afterLimit, limitedBy, runLimitsOf } from '../run-limits.js';
import { readJournalOffline, readJournalOfVault } from '../session.js';
import { expectation, whenToReturn } from '../words/expectation.js';

type Mandatory = 'dir' | 'vault' | 'journal';
type Context = CommandContext<Mandatory>;

export const run: Run<Mandatory> = async (context) => {
  const { settings, selection, halt, report } = context;
  const directory = openDirectory(context);
  const request = { ...fetchRequestOf(settings), files: fileLanesOf(context) };
  const tally = emptyRestoreCompletedTally();
  if (settings.dryRun) {
    await using journal = await readJournalOffline(context, false);
    await planRestoreCompleted({ directory, journal, selection, report }, tally, halt);
    return context.finish(summaryOf(tally, context));
  }
  await using connection = await connect(context);
  if (settings.wait) return await fetchAndWait(context, connection);
  const limits = runLimitsOf(context);
  await using journal = await readJournalOfVault(context, connection);
  const vault = connection.vaults.vault(settings.vault);
  context.recordBeside(settings.journal);
  await using moving = await openMoving(directory.place, { connection, name: settings.vault }, context);
  const { transfer, engine } = moving;
  const ports = { vault, directory, journal, selection, transfer, engine, report };
  return await context.conclude(
    () => summaryOf(tally, context),
    async () => {
      await restoreCompleted({ ...request, limits }, ports, tally, halt);
      assertSomethingWasAskedFor(tally);
      if (isAllHere(tally)) await endPlanOf(context, connection);
    },
  );
};

async function fetchAndWait(context: Context, connection: Connection): Promise<ExitCode> {
  const { settings, selection, clock } = context;
  context.recordBeside(settings.journal);
  const tally = emptyHomeTally();
  const plan = planOfWhatIsUnderWay(termsOf(context), clock.now());
  const budget = new Budget(null, runLimitsOf(context));
  const whileWriting = journalLender(context, connection);
  const reckoning = { costOf: () => Money.NOTHING, policy: { strategy: 'none' } } as const;
  return context.conclude(
    () => homeSummary(tally, underFilters(selection, 'files in the journal'), clock.now()),
    () =>
      announcing(context, tally, () =>
        waitForPlan(plan, reckoning, { context, connection, tally, whileWriting, budget }),
      ),
  );
}

function isAllHere({ waiting, notRequested, left, failed }: RestoreCompletedTally): boolean {
  return waiting + notRequested + left + failed === 0;
}

/** An accepted restore that has come to its end is no longer waited for. While others write it stays as it is. */
async function endPlanOf(context: Context, connection: Connection): Promise<void> {
  const plan = await planFor(context.settings.journal, termsOf(context));
  if (plan === null) return;
  await journalLender(
    context,
    connection,
  )(({ file }) => endPlan(file, plan)).catch((thrown: unknown) => {
    if (asFailure(thrown).code !== 'JOURNAL_LOCKED') throw thrown;
  });
}

/** Nothing ready is no success, and waiting for what nobody asked for would never end. */
function assertSomethingWasAskedFor({ restored, waiting, failed, left, notRequested }: RestoreCompletedTally): void {
  if (notRequested === 0 || restored + waiting + failed + left > 0) return;
  const what = notRequested === 1 ? 'the missing file has not' : `none of the ${notRequested} missing files has`;
  throw new Failure('JOB_NOT_FOUND', `${what} been asked for`, {
    hint: 'ask for them with mtglacier restore; retrievals are kept for a day once they are ready',
  });
}

function summaryOf(tally: RestoreCompletedTally, { settings, selection, clock }: CommandContext<Mandatory>): Summary {
  const { restored, restoredBytes, waiting, notRequested, here, failed, mismatches, left, limit, readyAt } = tally;
  return {
    tables: [
      {
        key: 'files',
        total: underFilters(selection, 'files in the journal'),
        totalSoFar: underFilters(selection, 'files seen so far'),
        rows: [
          row('restored', 'restored and verified', restored, restoredBytes),
          row('remaining', 'ready, left for a later run', left),
          row('waiting', 'requested, not ready yet', waiting),
          row(
            'notRequested',
            settings.dryRun ? 'missing, would be fetched if ready' : 'missing, not requested',
            notRequested,
          ),
          row('here', 'here already', here),
          row('failed', 'could not be restored', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed, mismatches, waiting, ...limitedBy(limit) },
    idle: restored + waiting + notRequested + failed + left === 0 ? 'Nothing to restore' : null,
    next: [
      ...afterLimit(limit),
      ...(waiting > 0
        ? [
            expectation(restored > 0 ? 'The others' : 'The retrievals', readyAt, clock.now()),
            `Run the same command again ${whenToReturn(readyAt, clock.now())}.`,
          ]
        : []),
      ...(restored + waiting > 0 && notRequested > 0 ? ['Ask for the rest with mtglacier restore.'] : []),
    ],
  };
}
