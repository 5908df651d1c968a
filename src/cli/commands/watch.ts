// The command watch.

import { Budget } from '../../flows/budget.js';
import { emptyHomeTally, type HomeTally } from '../../flows/retrieving/bring-home.js';
import { spanOf } from '../../flows/retrieving/expected.js';
import { type RestorePlan, readRestorePlans } from '../../journal/restore-plans.js';
import { Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { asFailure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import { NO_DEMAND } from '../../plan/prices/quote.js';
import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { costBy, type PricedPlace, placeOfConnection, quoting } from '../quoting.js';
import type { Summary } from '../report/reporter.js';
import { assertReckonable } from '../retrieving/accepting.js';
import { announcing } from '../retrieving/announcing.js';
import { homeSummary } from '../retrieving/home-summary.js';
import { journalLender, type WaitingParts, waitForPlan } from '../retrieving/waiting.js';
import { runLimitsOf } from '../run-limits.js';

type Context = CommandContext<'vault' | 'journal'>;

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, report, clock } = context;
  const plans = await readRestorePlans(settings.journal);
  if (plans.length === 0) {
    const hint = 'accept one with mtglacier restore';
    report({ event: 'notice', topic: 'no-restores', message: 'no accepted restore is under way', hint });
    return context.finish({ tables: [], outcome: CLEAN, next: [] });
  }
  await using connection = await connect(context);
  context.recordBeside(settings.journal);
  const done: Done = { tallies: [], elsewhere: 0 };
  return await context.conclude(
    () => summaryOf(done, clock.now()),
    () => watch(context, connection, done),
  );
};

interface Done {
  readonly tallies: HomeTally[];
  /** Restores that another process waits for. */
  elsewhere: number;
}

/**
 * All plans at once, those too that are accepted meanwhile. The failure of one is told at once, since the others may go on
 * for days; when they have ended the first is thrown.
 */
async function watch(context: Context, connection: Connection, done: Done): Promise<void> {
  const place = await placeOfConnection(context, connection);
  const shared = { whileWriting: journalLender(context, connection), budget: new Budget(null, runLimitsOf(context)) };
  const seen = new Set<string>();
  const active = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const begin = async (plan: RestorePlan): Promise<void> => {
    const tally = emptyHomeTally();
    done.tallies.push(tally);
    try {
      await waitFor(plan, { context, connection, tally, place, ...shared });
    } catch (thrown) {
      if (isWaitedForElsewhere(thrown, context)) {
        done.elsewhere++;
        return;
      }
      failures.push(thrown);
      if (active.size > 1 || failures.length > 1) tellFailed(plan, thrown, context);
    } finally {
      active.delete(nameOf(plan));
    }
  };
  for (;;) {
    for (const plan of await plansUnless(active.size > 0, context)) {
      const name = nameOf(plan);
      if (seen.has(name)) continue;
      seen.add(name);
      active.set(name, begin(plan));
    }
    if (active.size === 0) break;
    await oneEnds([...active.values()], context);
  }
  if (failures.length > 0) throw failures[0];
}

/** While others are at work a file that cannot be read is no reason to leave them: it is read again when one has ended. */
async function plansUnless(isAtWork: boolean, { settings, report }: Context): Promise<readonly RestorePlan[]> {
  try {
    return await readRestorePlans(settings.journal);
  } catch (thrown) {
    const { message, hint = null } = asFailure(thrown);
    if (!isAtWork) throw thrown;
    report({ event: 'notice', topic: 'restores-unread', message, hint });
    return [];
  }
}

/** Numbers are given again when a plan has come to its end. */
function nameOf({ id, acceptedAt }: RestorePlan): string {
  return `${id} ${acceptedAt}`;
}

/** Or so much time goes by that it is worth to look whether another restore was accepted. */
async function oneEnds(active: readonly Promise<void>[], { settings, clock, alarm, halt }: Context): Promise<void> {
  const soon = Instant.plusSeconds(clock.now(), Math.ceil(settings.pollInterval / 1000));
  const stop = new AbortController();
  const waiting = alarm.until(soon, AbortSignal.any([stop.signal, halt.soon]));
  // Once told to stop, each ends by itself.
  await (halt.soon.aborted ? Promise.all(active) : Promise.race([waiting, ...active]));
  stop.abort();
  await waiting;
}

function isWaitedForElsewhere(thrown: unknown, { report }: Context): boolean {
  const { code, message, hint = null } = asFailure(thrown);
  if (code !== 'JOURNAL_LOCKED') return false;
  report({ event: 'notice', topic: 'waited-for', message, hint });
  return true;
}

/** Of one that was interrupted there is nothing to tell. */
function tellFailed({ terms }: RestorePlan, thrown: unknown, { report }: Context): void {
  const { code, message, hint = null } = asFailure(thrown);
  if (code === 'INTERRUPTED') return;
  const what = `the restore of ${printable(terms.directory)} has ended: ${message}`;
  report({ event: 'notice', topic: 'restore-failed', message: what, hint });
}

interface Parts extends WaitingParts {
  readonly place: PricedPlace;
}

async function waitFor(plan: RestorePlan, { place, ...parts }: Parts): Promise<void> {
  const { context, tally } = parts;
  const { tier, directory: dir } = plan.terms;
  const quoted = await quoting(context, place, NO_DEMAND);
  assertReckonable(quoted, plan.terms, plan.said);
  const reckoning = { costOf: costBy(quoted, tier), policy: place.policy ?? ({ strategy: 'none' } as const) };
  const announced = { ...context, settings: { ...context.settings, dir } };
  const report: Report = (event) => context.report(event.event === 'wave' ? { ...event, directory: dir } : event);
  const named = { ...parts, context: { ...context, report } };
  await announcing(announced, tally, () => waitForPlan(plan, reckoning, named));
}

/** Where others bring something, it would be wrong to say that there is nothing to restore. */
function summaryOf({ tallies, elsewhere }: Done, now: Instant): Summary {
  const summary = homeSummary(together(tallies), 'files of accepted restores', now, 'watch');
  return elsewhere === 0 ? summary : { ...summary, idle: null };
}

/** Of all plans: what each of them counts is counted by no other. */
function together(tallies: readonly HomeTally[]): HomeTally {
  const all = emptyHomeTally();
  for (const tally of tallies) {
    for (const key of COUNTS) all[key] += tally[key];
    all.readyAt = spanOf(all.readyAt, tally.readyAt);
    all.exhausted ??= tally.exhausted;
    all.limit ??= tally.limit;
  }
  return all;
}

const COUNTS = [
  'here',
  'failed',
  'requested',
  'requestedBytes',
  'again',
  'againBytes',
  'left',
  'waiting',
  'restored',
  'restoredBytes',
  'mismatches',
] as const satisfies readonly (keyof HomeTally)[];
