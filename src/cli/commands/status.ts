// The command status: how everything stands, by the journal alone or with what vault and directory tell.

import { openKeptDirectory } from '../../disk/kept-directory.js';
import { type JournalQuestions, journalStanding } from '../../flows/looking/journal-standing.js';
import { type VaultStanding, vaultStanding } from '../../flows/looking/vault-standing.js';
import { missingArchives } from '../../flows/retrieving/missing.js';
import type { Intent } from '../../journal/intents.js';
import type { ReadableJournal } from '../../journal/journal.js';
import { readLeft } from '../../journal/pending.js';
import { readRestorePlans } from '../../journal/restore-plans.js';
import type { Instant } from '../../model/clock.js';
import { Money } from '../../model/money.js';
import {
  type Amount,
  chargeFor,
  type DeletionOutlook,
  EARLY_DELETION_DAYS,
  NO_AMOUNT,
  plusOne,
} from '../../plan/early-deletion.js';
import type { Reckoning } from '../../plan/prices/reckoning.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { type ReadJournal, readJournal } from '../kept-journal.js';
import { type PricedPlace, placeOffline, reckoningFor } from '../quoting.js';
import type { Charge, Status } from '../report/status.js';
import { statusFields } from '../report/status-fields.js';
import { statusLines } from '../report/status-text.js';
import { readJournalOfVault } from '../session.js';

type Context = CommandContext<'journal'>;

export const run: Run<'journal'> = async (context) => {
  const { settings, halt, clock } = context;
  const named = withVault(context);
  const failures = { failed: 0 };
  await using connection = named === null ? null : await connect(context);
  await using journal = await journalOf(context, named, connection);
  const now = clock.now();
  const vault =
    named === null || connection === null
      ? null
      : {
          name: named.settings.vault,
          ...(await vaultStanding(connection.vaults.vault(named.settings.vault), now, halt)),
        };
  const reckoning = await reckoningFor(context, await placeOf(context, connection));
  const standing = await journalStanding(journal.live, questionsOf(now, vault, reckoning), halt);
  const status: Status = {
    journal: standing,
    left: await leftBeside(journal),
    restores: await readRestorePlans(settings.journal),
    vault,
    charge: chargeBy(reckoning, standing.deletion),
    missing: settings.dir === undefined ? null : await missingIn(settings.dir, journal, context, failures),
  };
  context.answer({ event: 'status', fields: statusFields(status), lines: statusLines(status, now) });
  return context.finish({ tables: [], outcome: { ...CLEAN, ...failures }, next: [], aside: true });
};

function withVault(context: Context): CommandContext<'journal' | 'vault'> | null {
  const { settings } = context;
  const { vault } = settings;
  return vault === undefined ? null : { ...context, settings: { ...settings, vault } };
}

async function journalOf(
  context: Context,
  named: CommandContext<'journal' | 'vault'> | null,
  connection: Connection | null,
): Promise<ReadJournal> {
  if (named === null || connection === null) return readJournal(context);
  return readJournalOfVault(named, connection);
}

async function placeOf(context: Context, connection: Connection | null): Promise<PricedPlace> {
  if (connection === null) return placeOffline(context);
  return { endpoint: connection.endpoint, region: connection.vaults.region, policy: null };
}

function questionsOf(now: Instant, vault: VaultStanding | null, reckoning: Reckoning): JournalQuestions {
  const ids = vault?.firstGone.flatMap(({ archiveId }) => archiveId ?? []) ?? [];
  const earlyDeletionDays = reckoning.by === 'table' ? reckoning.prices.earlyDeletionDays : EARLY_DELETION_DAYS;
  return { now, earlyDeletionDays, wanted: new Set(ids) };
}

function chargeBy(reckoning: Reckoning, deletion: DeletionOutlook): Charge {
  if (reckoning.by !== 'table') return { by: reckoning.by };
  const { prices, source } = reckoning;
  return { by: 'table', total: Money.ofAll([chargeFor(deletion, prices.storagePerGiBMonth)]), source };
}

async function leftBeside({ file, live }: ReadableJournal): Promise<Status['left']> {
  const { intents, possibleOrphans } = await readLeft(file, live);
  const uploads = intents.filter(({ progress }) => progress.step !== 'stored');
  return {
    uploads: uploads.reduce((sum: Amount, { file: { size } }: Intent) => plusOne(sum, size), NO_AMOUNT),
    deletions: intents.length - uploads.length,
    possibleOrphans: possibleOrphans.length,
  };
}

/** What could not be looked at is told, and counts as failed. */
async function missingIn(
  dir: string,
  journal: ReadableJournal,
  { selection, halt, report, encodings }: Context,
  failures: { failed: number },
): Promise<Status['missing']> {
  const directory = openKeptDirectory(dir, { encoding: encodings.filenames });
  const tally = { here: 0, failed: 0 };
  let missing = NO_AMOUNT;
  for await (const { size } of missingArchives({ directory, journal, selection, report }, tally, halt)) {
    missing = plusOne(missing, size);
  }
  failures.failed += tally.failed;
  return { directory: dir, ...missing };
}
