// What get does before it asks the vault for anything: it reckons the price, holds it against the limits, and takes the journal's lock.

import type { Journal } from '../journal/journal.js';
import { NO_DEMAND, plusArchive } from '../plan/prices/quote.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';
import { acceptCost, placeOfConnection, quoting, tellQuote } from './quoting.js';
import type { Quoted } from './report/quote-fields.js';
import { checkTopic } from './retrieving/accepting.js';
import { openJournalOfVault } from './session.js';

type Context = CommandContext<'vault' | 'journal'>;

/** What asks of the vault, and what it does before. */
export interface AskingTerms {
  /** Is told how large what is to be asked for is. @throws Failure BRAKE */
  readonly acceptCost: (sizes: readonly number[]) => Promise<void>;
  /** The run is recorded already, from its beginning on. */
  readonly whileWriting: (work: (journal: Journal) => Promise<void>) => Promise<void>;
}

/** @throws Failure USAGE when the vault can tell no such topic */
export function askingTerms(context: Context, connection: Connection): AskingTerms {
  checkTopic(context.settings, connection);
  const recorded = { ...context, recordBeside: () => undefined };
  return {
    acceptCost: async (sizes) => void acceptCost(context, await quoted(sizes, context, connection)),
    async whileWriting(work) {
      await using open = await openJournalOfVault(recorded, connection, false);
      await work(open.journal);
    },
  };
}

/** For a dry run. */
export async function tellCost(sizes: readonly number[], context: Context, connection: Connection): Promise<void> {
  if (sizes.length > 0) tellQuote(context, await quoted(sizes, context, connection));
}

async function quoted(sizes: readonly number[], context: Context, connection: Connection): Promise<Quoted> {
  return quoting(context, await placeOfConnection(context, connection), sizes.reduce(plusArchive, NO_DEMAND));
}
