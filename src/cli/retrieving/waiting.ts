// Opens what a run needs that waits for retrievals, and lets it wait.

import { type KeptDirectory, type KeptDirectoryOptions, openKeptDirectory } from '../../disk/kept-directory.js';
import type { Budget } from '../../flows/budget.js';
import { bringHome, type HomePorts, type HomeTally } from '../../flows/retrieving/bring-home.js';
import { runOfPlan } from '../../flows/retrieving/plan-run.js';
import type { Journal } from '../../journal/journal.js';
import { lockPlan, type RestorePlan } from '../../journal/restore-plans.js';
import { asFailure, Failure } from '../../model/failure.js';
import { EVERYTHING } from '../../model/selection.js';
import { selectionOf } from '../../plan/filter.js';
import { Turns } from '../../transfer/turns.js';
import type { CommandContext } from '../command-context.js';
import type { Connection } from '../connection.js';
import { fetchRequestOf } from '../fetch-request.js';
import { fileLanesOf } from '../file-lanes.js';
import { openMoving } from '../moving.js';
import { describeVault, openJournalOfVault } from '../session.js';
import { openCompletions } from '../told-completions.js';
import type { Accepted } from './accepting.js';

type Context = CommandContext<'vault' | 'journal'>;

/** Lends the journal for writing: to one at a time, in this process too. */
export type JournalLender = <T>(work: (journal: Journal) => Promise<T>) => Promise<T>;

/** The run is recorded already, from its beginning on. */
export function journalLender(context: Context, connection: Connection): JournalLender {
  const recorded = { ...context, recordBeside: () => undefined };
  const turns = new Turns(1, () => ({}));
  return (work) =>
    turns.during(context.halt.soon, async () => {
      await using open = await openJournalOfVault(recorded, connection, false);
      return await work(open.journal);
    });
}

export interface WaitingParts {
  readonly context: Context;
  readonly connection: Connection;
  readonly tally: HomeTally;
  /** One for all that the run waits for: to the lock of the journal they would be strangers. */
  readonly whileWriting: JournalLender;
  /** Of the whole run. */
  readonly budget: Budget;
}

/**
 * Waits until all that the plan is for is on disk.
 * @throws Failure JOURNAL_LOCKED when another process waits for it; USAGE when its directory is not there
 */
export async function waitForPlan(
  plan: RestorePlan,
  reckoning: Pick<Accepted, 'costOf' | 'policy'>,
  parts: WaitingParts,
): Promise<void> {
  const { context, connection, tally, whileWriting, budget } = parts;
  const { settings, encodings, clock, alarm, halt, report } = context;
  await using _ = await lockPlan(settings.journal, plan.id);
  const { rules, directory: root } = plan.terms;
  const selection = rules.length === 0 ? EVERYTHING : selectionOf(rules);
  const names = { encoding: encodings.filenames, journalEncoding: encodings.journal };
  const directory = openAccepted(root, { ...names, selection });
  const { arn } = await describeVault(context, connection);
  await using completions = await openCompletions(context, { arn, connection }, alarm);
  await using moving = await openMoving(directory.place, { connection, name: settings.vault }, context);
  const { transfer, engine } = moving;
  const ports: HomePorts = {
    vault: connection.vaults.vault(settings.vault),
    directory,
    selection,
    transfer,
    engine,
    completions,
    clock,
    report,
    whileWriting,
  };
  const request = {
    ...fetchRequestOf(settings),
    run: runOfPlan(plan, { ...reckoning, report }),
    files: fileLanesOf(context),
    pollSeconds: Math.ceil(settings.pollInterval / 1000),
    budget,
  };
  await bringHome(request, ports, tally, halt);
}

/** Nobody named the directory in this run: it was accepted before, and may be on a disk that is not mounted yet. */
function openAccepted(root: string, options: KeptDirectoryOptions): KeptDirectory {
  try {
    return openKeptDirectory(root, options);
  } catch (thrown) {
    const { code, message } = asFailure(thrown);
    if (code !== 'USAGE') throw thrown;
    const hint = 'mount or make the directory and run this again; how to withdraw a restore: docs/restoring.md';
    throw new Failure('USAGE', message.replace(/^--dir /, ''), { hint, cause: thrown });
  }
}
