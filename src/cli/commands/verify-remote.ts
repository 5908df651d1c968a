// The command verify-remote.

import type { Amount } from '../../flows/amount.js';
import { awaitedInventory } from '../../flows/inventories/inventory-standing.js';
import { verifyRemote } from '../../flows/inventories/verify-remote.js';
import {
  emptyVerifyTally,
  type VerifyPorts,
  type VerifyTally,
  type VerifyWriter,
} from '../../flows/inventories/verify-tally.js';
import type { ReadableJournal } from '../../journal/journal.js';
import { readRecords } from '../../journal/records.js';
import type { ReadyInventory } from '../../vault/inventory-port.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { COUNT_AS_REMOVED, notReadyYet, tellNewer } from '../report/inventory-news.js';
import { timeText } from '../report/quantities.js';
import type { Summary, SummaryRow } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { openJournalOfVault, readJournalOfVault } from '../session.js';

type Mandatory = 'vault' | 'journal';
type Context = CommandContext<Mandatory>;

export const run: Run<Mandatory> = async (context) => {
  const { settings, clock } = context;
  await using connection = await connect(context);
  if (settings.dryRun || !(settings.adopt || settings.forget)) {
    await using journal = await readJournalOfVault(context, connection);
    return await verify(journal, null, connection, context);
  }
  await using open = await openJournalOfVault(context, connection, false);
  return await verify(open.journal, { ...open, clock }, connection, context);
};

async function verify(
  journal: ReadableJournal,
  writer: VerifyWriter | null,
  connection: Connection,
  context: Context,
): Promise<ExitCode> {
  const { settings, encodings, selection, halt, report } = context;
  const vault = connection.vaults.vault(settings.vault);
  const standing = await awaitedInventory(vault, halt.soon);
  if (standing.ready === null) return context.finish(notReadyYet(standing.underWay, context));
  tellNewer(standing, context);
  const request = {
    ready: standing.ready,
    rules: { dialects: settings.decodeNames ?? [], encoding: encodings.journal },
    selection,
    adopt: settings.adopt,
    forget: settings.forget,
  };
  const ports: VerifyPorts = {
    vault,
    journal,
    readRecords: (take) => readRecords(settings.journal, { encoding: encodings.journal, signal: halt.soon }, take),
    report,
    writer,
  };
  const tally = emptyVerifyTally();
  return context.conclude(
    () => summaryOf(tally, standing.ready, context),
    () => verifyRemote(request, ports, tally, halt),
  );
}

function summaryOf(tally: VerifyTally, ready: ReadyInventory, context: Context): Summary {
  const { same, differing, missing, forgotten, newer, orphaned, adopted, setAside, goneSince, unreadable } = tally;
  const { dryRun } = context.settings;
  // What a dry run would repair is not repaired.
  const unrepaired = dryRun ? { missing: forgotten.count, orphaned: adopted.count } : { missing: 0, orphaned: 0 };
  return {
    tables: [
      {
        key: 'archives',
        total: 'archives in the journal',
        totalSoFar: 'archives seen so far',
        rows: [
          amountRow('same', 'as the journal says', same),
          amountRow('differing', 'not as the journal says', differing),
          amountRow('missing', 'missing in the vault', missing),
          amountRow('forgotten', `missing in the vault, ${dryRun ? 'would be forgotten' : 'forgotten'}`, forgotten),
          amountRow('newer', 'too new for this inventory', newer),
        ],
      },
      {
        key: 'others',
        total: 'archives that only the vault has',
        rows: [
          amountRow('orphaned', 'not in the journal', orphaned),
          amountRow('adopted', `${dryRun ? 'would be adopted' : 'adopted'} into the journal`, adopted),
          amountRow('setAside', 'with names that no journal can hold', setAside),
          amountRow('goneSince', 'deleted since the inventory was taken', goneSince),
        ],
      },
      { key: 'unreadable', total: UNREADABLE, rows: [row('unreadable', UNREADABLE, unreadable)] },
    ],
    outcome: {
      ...CLEAN,
      failed: orphaned.count + unrepaired.orphaned + setAside.count + unreadable,
      mismatches: differing.count + missing.count + unrepaired.missing,
    },
    next: [...takenText(tally, ready, context), ...repairs(tally, context)],
  };
}

const UNREADABLE = 'entries of the inventory that are no archives';

function amountRow(key: string, label: string, { count, size }: Amount): SummaryRow {
  return row(key, label, count, size);
}

function takenText({ takenAt }: VerifyTally, { format }: ReadyInventory, { clock }: Context): string[] {
  if (takenAt === null) return [];
  return [`The inventory was taken at ${timeText(takenAt, clock.now())}${format === 'CSV' ? ', or later' : ''}.`];
}

function repairs({ missing, orphaned, adopted }: VerifyTally, { settings }: Context): string[] {
  return [
    ...(adopted.count > 0 ? [COUNT_AS_REMOVED] : []),
    ...(orphaned.count > 0 && !settings.adopt ? ['Take what only the vault has into the journal with --adopt.'] : []),
    ...(missing.count > 0 && !settings.forget
      ? ['Note what is missing as deleted with --forget; a sync then stores again what is still in the directory.']
      : []),
  ];
}
