// What the commands open before they work: the directory, and a journal that belongs to the vault.

import { type KeptDirectory, openKeptDirectory } from '../disk/kept-directory.js';
import { type Binding, bindJournal, checkBinding, checkBindingOffline, readBinding } from '../journal/binding.js';
import { expectedArchives } from '../journal/expected-archives.js';
import { type OpenJournal, openForWriting } from '../journal/open.js';
import { EVERYTHING } from '../model/selection.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';
import { journalInside } from './journal-inside.js';
import { assertKeptEncodings, encodingsOf, journalOptions, type ReadJournal, readJournal } from './kept-journal.js';
import { filterRules } from './words/filter-rules.js';

type WithJournal = CommandContext<'vault' | 'journal'>;

/** The kept directory, as far as the filters let it be seen. @throws Failure USAGE */
export function openDirectory(context: CommandContext<'dir' | 'journal'>): KeptDirectory {
  const { settings, encodings, selection } = context;
  const rules = selection === EVERYTHING ? null : filterRules(settings);
  tellFewThreads(context);
  return openKeptDirectory(settings.dir, {
    encoding: encodings.filenames,
    journalEncoding: encodings.journal,
    selection,
    follow: settings.follow,
    concurrency: settings.walkConcurrency,
    isOwn: journalInside(settings.dir, settings.journal),
    thread: { url: new URL('./walk-thread.js', import.meta.url), rules },
  });
}

/**
 * Lets the walk of the directory begin, where it is one of many files, while the vault is asked and the journal opened.
 * What it finds is looked at when that has been done, and forgotten where it was not. To be closed.
 */
export async function beginWalk(
  { settings }: CommandContext<'dir' | 'journal'>,
  directory: KeptDirectory,
): Promise<AsyncDisposable> {
  return directory.beginWalk(await expectedArchives(settings.journal));
}

/**
 * Looks wait for threads of Node's pool: four, unless the environment says otherwise. Loading the program has started it
 * already, so that nothing can be said to it any more.
 */
function tellFewThreads({ settings, subjects, report }: CommandContext<'dir' | 'journal'>): void {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  if (settings.walkConcurrency <= threads) return;
  const message = `${subjects.walkConcurrency} ${settings.walkConcurrency}: no more than ${threads} answers of the file system are waited for at once`;
  const hint = `set UV_THREADPOOL_SIZE=${settings.walkConcurrency} in the environment`;
  report({ event: 'notice', topic: 'few-threads', message, hint });
}

/**
 * Opens the journal for this run to write, once the vault has been found and is the journal's own.
 * @param create whether a journal that does not exist is an empty one
 */
export async function openJournalOfVault(
  context: WithJournal,
  connection: Connection,
  create: boolean,
): Promise<OpenJournal> {
  const { settings } = context;
  const wanted = await describeVault(context, connection);
  const options = { create, ...journalOptions(context) };
  await assertKeptEncodings(context);
  const open = await openForWriting(settings.journal, options, context.report);
  try {
    await bindJournal(open, wanted, settings.rebindJournal);
    context.recordBeside(settings.journal);
    return open;
  } catch (thrown) {
    await open[Symbol.asyncDispose]();
    throw thrown;
  }
}

/**
 * The journal to read, once the vault has been found and is the journal's own.
 * @param create whether a journal that does not exist is an empty one
 */
export async function readJournalOfVault(
  context: WithJournal,
  connection: Connection,
  create = false,
): Promise<ReadJournal> {
  const { journal: file, rebindJournal } = context.settings;
  const wanted = await describeVault(context, connection);
  const journal = await readJournal(context, create);
  try {
    const terms = { rebind: rebindJournal, vacant: journal.live.count === 0 };
    checkBinding(file, rebindJournal ? null : await readBinding(file), wanted, terms);
    return journal;
  } catch (thrown) {
    await journal[Symbol.asyncDispose]();
    throw thrown;
  }
}

/**
 * The journal to read without asking the vault, for a dry run.
 * @param create whether a journal that does not exist is an empty one
 */
export async function readJournalOffline(context: WithJournal, create: boolean): Promise<ReadJournal> {
  const { journal: file, vault, region, rebindJournal } = context.settings;
  const found = rebindJournal ? null : await readBinding(file);
  if (found !== null) checkBindingOffline(file, found, { vault, region: region ?? found.region });
  return readJournal(context, create);
}

/** What this run's journal of the vault is to be bound to. @throws Failure VAULT_NOT_FOUND */
export async function describeVault(
  context: Pick<CommandContext<'vault'>, 'settings' | 'encodings' | 'origins' | 'halt'>,
  { vaults, endpoint }: Connection,
): Promise<Binding> {
  const { name, arn, createdAt } = await vaults.vaults.describe(context.settings.vault, context.halt.soon);
  return { vault: name, arn, createdAt, endpoint, region: vaults.region, ...encodingsOf(context) };
}
