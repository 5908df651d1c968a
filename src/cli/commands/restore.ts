// The command restore.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import { Budget } from '../../flows/budget.js';
import { emptyHomeTally } from '../../flows/retrieving/bring-home.js';
import { acceptPlan } from '../../flows/retrieving/plan-book.js';
import { emptyRestoreTally, planRestore, type RestoreTally, restore } from '../../flows/retrieving/restore.js';
import { Money } from '../../model/money.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { openDirectory } from '../directory.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { costBy, placeOfConnection, placeOffline, tellQuote } from '../quoting.js';
import { underFilters } from '../report/filtered-label.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { accept, limitsOf, quoteMissing } from '../retrieving/accepting.js';
import { announcing } from '../retrieving/announcing.js';
import { ALLOWED_BY, homeSummary } from '../retrieving/home-summary.js';
import { journalLender, waitForPlan } from '../retrieving/waiting.js';
import { runLimitsOf } from '../run-limits.js';
import { openJournalOfVault, readJournalOffline, readJournalOfVault } from '../session.js';
import { expectation } from '../words/expectation.js';
import type { OptionName } from '../words/options.js';

type Context = CommandContext<'dir' | 'vault' | 'journal'>;

export const run: Run<'dir' | 'vault' | 'journal'> = async (context) => {
  const { settings } = context;
  const directory = openDirectory(context);
  if (settings.dryRun) return dryRun(context, directory);
  await using connection = await connect(context);
  if (settings.quote) return await quote(context, connection, directory);
  return settings.wait
    ? await restoreAndWait(context, connection, directory)
    : await ask(context, connection, directory);
};

async function dryRun(context: Context, directory: KeptDirectory): Promise<ExitCode> {
  const { selection, halt, clock, report, settings } = context;
  await using journal = await readJournalOffline(context, false);
  const quoted = await quoteMissing(context, await placeOffline(context), journal, directory);
  const limits = { allowed: { ...limitsOf(context), cost: Money.MOST }, costOf: costBy(quoted, settings.tier) };
  const tally = emptyRestoreTally();
  await planRestore(limits, { directory, journal, selection, clock, report }, tally, halt);
  tellQuote(context, quoted);
  return context.finish(summaryOf(tally, context));
}

async function quote(context: Context, connection: Connection, directory: KeptDirectory): Promise<ExitCode> {
  const place = await placeOfConnection(context, connection);
  await using journal = await readJournalOfVault(context, connection);
  tellQuote(context, await quoteMissing(context, place, journal, directory));
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
}

/** Asks for what may be asked for now, and says when to come back. */
async function ask(context: Context, connection: Connection, directory: KeptDirectory): Promise<ExitCode> {
  const { settings, selection, halt, clock, report } = context;
  const accepted = await accept(context, connection, directory, 'anew');
  await using open = await openJournalOfVault(context, connection, false);
  const vault = connection.vaults.vault(settings.vault);
  const tally = emptyRestoreTally();
  const request = { ...accepted, width: settings.concurrency };
  return await context.conclude(
    () => summaryOf(tally, context),
    async () => {
      await restore(request, { ...open, vault, directory, selection, clock, report }, tally, halt);
    },
  );
}

async function restoreAndWait(context: Context, connection: Connection, directory: KeptDirectory): Promise<ExitCode> {
  const { settings, selection, clock } = context;
  const accepted = await accept(context, connection, directory, 'go on');
  context.recordBeside(settings.journal);
  const tally = emptyHomeTally();
  const budget = new Budget(null, runLimitsOf(context));
  const whileWriting = journalLender(context, connection);
  return context.conclude(
    () => homeSummary(tally, underFilters(selection, 'files in the journal'), clock.now()),
    () =>
      announcing(context, tally, async () => {
        const plan = await whileWriting(({ file }) => acceptPlan(file, accepted.wanted, clock.now()));
        await waitForPlan(plan, accepted, { context, connection, tally, whileWriting, budget });
      }),
  );
}

function summaryOf(tally: RestoreTally, { settings, selection, clock }: Context): Summary {
  const { requested, requestedBytes, underWay, noted, later, here, givenUp, left, exhausted, readyAt } = tally;
  const failed = tally.failed + givenUp;
  const waiting = settings.dryRun ? 0 : requested + underWay + noted + later;
  const limit = exhausted === null ? null : ALLOWED_BY[exhausted];
  return {
    tables: [
      {
        key: 'files',
        total: underFilters(selection, 'files in the journal'),
        totalSoFar: underFilters(selection, 'files seen so far'),
        rows: [
          row('requested', settings.dryRun ? 'would be requested' : 'requested', requested, requestedBytes),
          row('underWay', 'requested before, under way or ready', underWay + noted),
          row('later', 'to be requested when there is room', later),
          row('remaining', 'missing, beyond the limit', left),
          row('here', 'here already', here),
          row('failed', 'could not be requested', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed, waiting, limitReached: limit !== null, limit },
    idle: requested + failed + later === 0 ? 'Nothing to restore' : null,
    next: [
      ...((requested > 0 || readyAt !== null) && !settings.dryRun
        ? [expectation('The retrievals', readyAt, clock.now())]
        : []),
      ...(waiting > 0
        ? ['Fetch what is ready with mtglacier restore-completed, or leave the rest to mtglacier watch.']
        : []),
      ...(limit !== null ? [`More files are missing: ${howToGoOn(limit, failed)}`] : []),
    ],
  };
}

/** Files that fail each time would use up the limit each time. */
function howToGoOn(limit: OptionName, failed: number): string {
  if (failed === 0) return `run it again, or raise --${limit}.`;
  return `raise --${limit}, as files that fail count too.`;
}
