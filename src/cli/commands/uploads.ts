// The command uploads: lists, goes on with and drops unfinished uploads.

import { openKeptDirectory } from '../../disk/kept-directory.js';
import { type DropTally, dropUploads, emptyDropTally, planDropUploads } from '../../flows/storing/drop-uploads.js';
import {
  emptyResumeTally,
  planResumeUploads,
  type ResumeTally,
  resumeUploads,
} from '../../flows/storing/resume-uploads.js';
import { unfinishedUploads, type WhichUploads } from '../../flows/storing/unfinished-uploads.js';
import { readIntents } from '../../journal/pending.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { openMoving } from '../moving.js';
import { withJournal } from '../optional-journal.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { uploadAnswer } from '../report/upload-text.js';
import { openJournalOfVault, readJournalOfVault } from '../session.js';

type Context = CommandContext<'vault'>;

export const run: Run<'vault'> = async (context) => {
  const { settings } = context;
  await using connection = await connect(context);
  if (settings.abort) return await abort(context, connection);
  return await (settings.resume ? resume(context, connection) : list(context, connection));
};

function whichOf({ settings }: Context): WhichUploads {
  const ids = settings.id.map(({ value }) => value);
  return settings.all || ids.length === 0 ? 'all' : { ids };
}

async function list(context: Context, connection: Connection): Promise<ExitCode> {
  const { settings, halt, clock, report } = context;
  const vault = connection.vaults.vault(settings.vault);
  const left = await intentsBeside(context, connection);
  let count = 0;
  for await (const upload of unfinishedUploads(whichOf(context), { vault, left: left ?? [] }, halt)) {
    count++;
    context.answer(uploadAnswer(upload, left !== null, clock.now()));
  }
  if (count === 0) {
    const message = `there are no unfinished uploads in vault ${settings.vault}`;
    report({ event: 'notice', topic: 'no-uploads', message, hint: null });
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
}

/** What the journal has begun, also before its first line; null without a journal. */
async function intentsBeside(context: Context, connection: Connection) {
  const named = withJournal(context);
  if (named === null) return null;
  await using journal = await readJournalOfVault(named, connection, true);
  return await readIntents(journal.file, journal.live);
}

async function abort(context: Context, connection: Connection): Promise<ExitCode> {
  const { settings, halt, report } = context;
  const vault = connection.vaults.vault(settings.vault);
  const which = whichOf(context);
  const tally = emptyDropTally();
  if (settings.dryRun) {
    const left = (await intentsBeside(context, connection)) ?? [];
    await planDropUploads(which, { vault, left, report }, tally, halt);
    return context.finish(summaryOfDrop(tally, 'would be dropped'));
  }
  const named = withJournal(context);
  await using open = named === null ? null : await openJournalOfVault(named, connection, true);
  const ports = { vault, intents: open?.intents ?? null, report };
  return await context.conclude(
    () => summaryOfDrop(tally, 'dropped'),
    () => dropUploads(which, settings.concurrency, ports, tally, halt),
  );
}

function summaryOfDrop({ dropped, failed }: DropTally, verb: string): Summary {
  const rows = [row('dropped', verb, dropped), row('failed', 'could not be dropped', failed)];
  return { tables: [{ key: 'uploads', total: 'uploads', rows }], outcome: { ...CLEAN, failed }, next: [] };
}

async function resume(context: Context, connection: Connection): Promise<ExitCode> {
  const { settings, halt, clock, report, encodings } = context;
  const named = withJournal(context);
  if (named === null || settings.dir === undefined)
    throw new Error('uploads --resume was given no journal or directory');
  const directory = openKeptDirectory(settings.dir, { encoding: encodings.filenames });
  const vault = connection.vaults.vault(settings.vault);
  const which = whichOf(context);
  const tally = emptyResumeTally();
  if (settings.dryRun) {
    await using journal = await readJournalOfVault(named, connection, true);
    const left = await readIntents(journal.file, journal.live);
    const holder = { ...journal, canHold: (path: string) => encodings.journal.encode(path) !== null };
    await planResumeUploads(which, { vault, directory, journal: holder, left, report }, tally, halt);
    return context.finish(summaryOfResume(tally, 'would be gone on with'));
  }
  await using open = await openJournalOfVault(named, connection, true);
  await using moving = await openMoving(directory.place, { connection, name: settings.vault }, context);
  const { transfer, engine } = moving;
  const ports = { ...open, vault, directory, transfer, engine, clock, report };
  return await context.conclude(
    () => summaryOfResume(tally, 'brought to their end'),
    () => resumeUploads(which, settings.concurrency, ports, tally, halt),
  );
}

function summaryOfResume({ stored, storedBytes, failed }: ResumeTally, verb: string): Summary {
  const rows = [row('stored', verb, stored, storedBytes), row('failed', 'left alone', failed)];
  return { tables: [{ key: 'uploads', total: 'uploads', rows }], outcome: { ...CLEAN, failed }, next: [] };
}
