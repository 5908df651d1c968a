// What the commands open before they work: a journal that belongs to the vault.

import { type Binding, bindJournal, checkBinding, checkBindingOffline, readBinding } from '../journal/binding.js';
import { type OpenJournal, openForWriting } from '../journal/open.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';
import { assertKeptEncodings, encodingsOf, journalOptions, type ReadJournal, readJournal } from './kept-journal.js';

type WithJournal = CommandContext<'vault' | 'journal'>;

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
