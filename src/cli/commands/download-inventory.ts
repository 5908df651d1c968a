// The command download-inventory.

import {
  type DownloadInventoryTally,
  downloadInventory,
  emptyDownloadInventoryTally,
} from '../../flows/inventories/download-inventory.js';
import { awaitedInventory } from '../../flows/inventories/inventory-standing.js';
import { assertMayBind, type Binding, bindNewJournal } from '../../journal/binding.js';
import { type NewJournal, writeNewJournal } from '../../journal/new-journal.js';
import { setAsideFile, writeSetAside } from '../../journal/set-aside.js';
import type { NameSource } from '../../model/archive-naming.js';
import { DIALECTS } from '../../model/foreign-descriptions.js';
import { printable } from '../../model/rel-path.js';
import type { ReadyInventory } from '../../vault/inventory-port.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { COUNT_AS_REMOVED, notReadyYet, tellNewer } from '../report/inventory-news.js';
import { timestamp } from '../report/quantities.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { describeVault } from '../session.js';

type Mandatory = 'vault' | 'new-journal';
type Context = CommandContext<Mandatory>;

export const run: Run<Mandatory> = async (context) => {
  const { settings, encodings, halt } = context;
  // Refuses a journal that is there before anybody is asked anything.
  await using journal = await writeNewJournal(settings.newJournal, { encoding: encodings.journal });
  await using connection = await connect(context);
  const wanted = await describeVault(context, connection);
  await assertMayBind(settings.newJournal, wanted);
  const standing = await awaitedInventory(connection.vaults.vault(settings.vault), halt.soon);
  if (standing.ready === null) return context.finish(notReadyYet(standing.underWay, context));
  tellNewer(standing, context);
  return await download(standing.ready, journal, wanted, connection, context);
};

async function download(
  ready: ReadyInventory,
  journal: NewJournal,
  wanted: Binding,
  connection: Connection,
  context: Context,
): Promise<ExitCode> {
  const { settings, encodings, halt, report } = context;
  await using setAside = await writeSetAside(settings.newJournal);
  const vault = connection.vaults.vault(settings.vault);
  const request = { ready, rules: { dialects: settings.decodeNames ?? [], encoding: encodings.journal } };
  // What lies beside it must not speak of the journal that it takes the place of, not for a moment.
  const bound: Pick<NewJournal, 'add' | 'finish'> = {
    add: (archive) => journal.add(archive),
    async finish() {
      await bindNewJournal(settings.newJournal, wanted);
      await journal.finish();
    },
  };
  const tally = emptyDownloadInventoryTally();
  return await context.conclude(
    () => summaryOf(tally),
    async () => {
      await downloadInventory(request, { vault, journal: bound, setAside, report }, tally, halt);
      context.recordBeside(settings.newJournal);
      answerDownloaded(ready, tally, context);
      await tellOdd(tally, context);
    },
  );
}

function answerDownloaded(
  { jobId, format }: ReadyInventory,
  { takenAt }: DownloadInventoryTally,
  context: Context,
): void {
  context.answer({
    event: 'inventory',
    fields: {
      state: 'downloaded',
      jobId,
      format,
      takenAt: takenAt === null ? null : timestamp(takenAt),
      journal: context.settings.newJournal,
    },
    lines: [format === null ? 'Downloaded inventory' : `Downloaded inventory in ${format} format`],
  });
}

/** What the owner of the journal should know besides the counts. */
async function tellOdd(tally: DownloadInventoryTally, { settings, report }: Context): Promise<void> {
  const aside = tally.setAside.count + tally.unreadable;
  if (aside > 0) {
    const file = printable(await setAsideFile(settings.newJournal));
    const message = `${aside} entries of the inventory are not in the journal: ${file} has all that is known of them`;
    const hint = 'docs/inventory.md tells how to put them into the journal under names of your own';
    report({ event: 'notice', topic: 'set-aside', message, hint });
  }
  if (tally.wrapped > 0) {
    const message = `${tally.wrapped} archives were compressed or encrypted by the program that stored them`;
    const hint = 'what comes back is that form: the program, or one that knows its form, must unpack it';
    report({ event: 'notice', topic: 'wrapped-content', message, hint });
  }
  tellExplicable(tally, report);
}

function tellExplicable({ explicable, named }: DownloadInventoryTally, report: Context['report']): void {
  const found = DIALECTS.filter((dialect) => explicable[dialect] > 0);
  if (found.length === 0) return;
  const counts = found.map((dialect) => `${dialect} ${explicable[dialect]}`).join(', ');
  report({
    event: 'notice',
    topic: 'names-in-other-dialects',
    message: `of the ${named['archive-id'].count} archives that go by their ids, other programs named some: ${counts}`,
    hint: `to have those names, make another journal with --decode-names ${found.join(',')} (docs/inventory.md)`,
  });
}

const LABELS: Readonly<Record<NameSource, string>> = {
  mt2: 'with their names and times',
  mt1: 'with their names and times, from early betas',
  fastglacier: 'with the names that FastGlacier gave',
  cloudberry: 'with the names that CloudBerry gave',
  qnap: 'with the names that QNAP gave',
  plain: 'described by their names alone',
  'archive-id': 'named by their archive ids',
};

function summaryOf({ named, setAside, unreadable }: DownloadInventoryTally): Summary {
  const sources = Object.keys(LABELS) as NameSource[];
  return {
    tables: [
      {
        key: 'archives',
        total: 'archives in the inventory',
        totalSoFar: 'archives seen so far',
        rows: [
          ...sources.map((source) => row(keyOf(source), LABELS[source], named[source].count, named[source].size)),
          row('setAside', 'set aside, not in the journal', setAside.count, setAside.size),
        ],
      },
      { key: 'unreadable', total: UNREADABLE, rows: [row('unreadable', UNREADABLE, unreadable)] },
    ],
    outcome: { ...CLEAN, failed: setAside.count + unreadable },
    next: DIALECTS.some((dialect) => named[dialect].count > 0) ? [COUNT_AS_REMOVED] : [],
  };
}

const UNREADABLE = 'entries that are no archives';

function keyOf(source: NameSource): string {
  return source === 'archive-id' ? 'archiveId' : source;
}
