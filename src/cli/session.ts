// What the commands open before they work: a journal that belongs to the vault, and a transfer that can be trusted.

import { type Binding, bindJournal, checkBinding, checkBindingOffline, readBinding } from '../journal/binding.js';
import type { ReadableJournal } from '../journal/journal.js';
import { MemoryArchives } from '../journal/memory-archives.js';
import { type OpenJournal, openForReading, openForWriting } from '../journal/open.js';
import type { Report } from '../model/events.js';
import { asFailure } from '../model/failure.js';
import { type HashEngine, nodeEngine } from '../model/hash-engine.js';
import { selfTest } from '../model/tree-hash.js';
import { createInlineTransfer } from '../transfer/inline.js';
import type { Transfer } from '../transfer/port.js';
import type { Vault } from '../vault/port.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';

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
  const open = await openForWriting(settings.journal, { create }, context.report);
  try {
    await bindJournal(open, wanted, settings.rebindJournal);
    context.recordBeside(settings.journal);
    return open;
  } catch (thrown) {
    await open[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** The journal to read, once the vault has been found and is the journal's own. */
export async function readJournalOfVault(context: WithJournal, connection: Connection): Promise<ReadableJournal> {
  const { journal: file, rebindJournal } = context.settings;
  const wanted = await describeVault(context, connection);
  const journal = await openForReading(file, context.report);
  const terms = { rebind: rebindJournal, vacant: journal.live.count === 0 };
  checkBinding(file, rebindJournal ? null : await readBinding(file), wanted, terms);
  return journal;
}

/**
 * The journal to read without asking the vault, for a dry run.
 * @param create whether a journal that does not exist is an empty one
 */
export async function readJournalOffline(context: WithJournal, create: boolean): Promise<ReadableJournal> {
  const { journal: file, vault, region, rebindJournal } = context.settings;
  const found = rebindJournal ? null : await readBinding(file);
  if (found !== null) checkBindingOffline(file, found, { vault, region: region ?? found.region });
  try {
    return await openForReading(file, context.report);
  } catch (thrown) {
    if (create && asFailure(thrown).code === 'JOURNAL_MISSING') return { file, live: new MemoryArchives() };
    throw thrown;
  }
}

async function describeVault({ settings, halt }: WithJournal, { vaults, endpoint }: Connection): Promise<Binding> {
  const { name, arn, createdAt } = await vaults.vaults.describe(settings.vault, halt.soon);
  return { vault: name, arn, createdAt, endpoint, region: vaults.region };
}

/** The ports that hash and move bytes. The hash engine is tried before anything is trusted to it. */
export function openTransfer(
  root: string,
  vault: Pick<Vault, 'uploadWhole' | 'uploadPart' | 'read'>,
  context: { readonly settings: { readonly concurrency: number }; readonly report: Report },
): { transfer: Transfer; engine: HashEngine } {
  const engine = nodeEngine;
  selfTest(engine);
  const { settings, report } = context;
  return { engine, transfer: createInlineTransfer({ root, vault, engine, width: settings.concurrency, report }) };
}
