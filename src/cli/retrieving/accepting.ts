// What a restore accepts before anything is asked for: its terms, what it may ask for, and what that costs.

import { resolve } from 'node:path';
import type { KeptDirectory } from '../../disk/kept-directory.js';
import { assertTopicOfRegion } from '../../flows/notifying/notice-plan.js';
import { countDemand, emptyDemand } from '../../flows/retrieving/demand.js';
import { type WantedPlan, wouldGoOn } from '../../flows/retrieving/plan-book.js';
import type { ReadableJournal } from '../../journal/journal.js';
import type { PlanTerms } from '../../journal/restore-plans.js';
import { Failure } from '../../model/failure.js';
import { Money } from '../../model/money.js';
import { printable } from '../../model/rel-path.js';
import type { Allowed, CostOf } from '../../plan/allowance.js';
import { NO_DEMAND } from '../../plan/prices/quote.js';
import type { RetrievalPolicy } from '../../vault/retrieving-port.js';
import type { CommandContext } from '../command-context.js';
import type { Connection } from '../connection.js';
import { lineSpeedOf } from '../line-speed.js';
import { acceptCost, costBy, type PricedPlace, placeOfConnection, quoting } from '../quoting.js';
import type { Quoted } from '../report/quote-fields.js';
import { readJournalOfVault } from '../session.js';
import { filterRules } from '../words/filter-rules.js';
import type { Settings } from '../words/options.js';
import { priceNotice } from './price-notice.js';

type Context = CommandContext<'dir' | 'vault' | 'journal'>;

/** An accepted restore, and how it is reckoned with. */
export interface Accepted {
  readonly wanted: WantedPlan;
  readonly costOf: CostOf;
  readonly policy: RetrievalPolicy;
}

/** What was not told limits nothing here: the vault refuses by itself. */
const NO_POLICY: RetrievalPolicy = { strategy: 'none' };

/**
 * Counts what would be asked for, and lets pass what may be spent. A plan that is gone on with was accepted before.
 * @throws Failure BRAKE, with the quote told
 */
export async function accept(
  context: Context,
  connection: Connection,
  directory: KeptDirectory,
  acceptance: WantedPlan['acceptance'],
): Promise<Accepted> {
  const { settings, report } = context;
  checkTopic(settings, connection);
  const place = await placeOfConnection(context, connection);
  const reckon = async (quoted: Quoted, cost: Money): Promise<Accepted> => ({
    wanted: { terms: termsOf(context), allowance: { ...limitsOf(context), cost }, acceptance },
    costOf: costBy(quoted, settings.tier),
    policy: place.policy ?? NO_POLICY,
  });
  if (acceptance === 'go on') {
    const { maxCost, safeCost } = settings;
    const quoted = await quoting(context, place, NO_DEMAND);
    const as = await reckon(quoted, maxCost ?? safeCost ?? Money.MOST);
    if (await wouldGoOn(settings.journal, as.wanted)) {
      assertReckonable(quoted, as.wanted.terms, as.wanted.allowance);
      return as;
    }
  }
  await using journal = await readJournalOfVault(context, connection);
  const quoted = await quoteMissing(context, place, journal, directory);
  const cost = acceptCost(context, quoted);
  const notice = priceNotice(quoted, settings.tier);
  if (notice !== null) report({ event: 'notice', topic: 'price', ...notice });
  return await reckon(quoted, cost);
}

/**
 * What was accepted up to a price is gone on with only where it can be told what it costs: the table of prices may be
 * another one by now.
 * @throws Failure BRAKE
 */
export function assertReckonable(
  { quote: { reckoning } }: Quoted,
  { directory }: Pick<PlanTerms, 'directory'>,
  { cost }: Pick<Allowed, 'cost'>,
): void {
  if (reckoning.by !== 'nobody' || cost === Money.MOST) return;
  const restore = `the restore of ${printable(directory)} was accepted up to ${Money.exactly(cost)}`;
  const unknown = `the prices of ${reckoning.region ?? 'the region'} are not in the table`;
  throw new Failure('BRAKE', `${restore}, and ${unknown}: nothing is asked for`, {
    hint: 'name with --prices the table that it was accepted by; restore-completed --wait fetches what is under way',
  });
}

/** @throws Failure USAGE when the vault can tell no such topic */
export function checkTopic({ snsTopic }: Pick<Settings, 'snsTopic'>, { vaults }: Connection): void {
  if (snsTopic !== undefined) assertTopicOfRegion(snsTopic, vaults.region);
}

/** What all that is missing would cost, within the limits that the options set. What cannot be restored is not told. */
export async function quoteMissing(
  context: Context,
  place: PricedPlace,
  journal: ReadableJournal,
  directory: KeptDirectory,
): Promise<Quoted> {
  const { selection, clock, halt } = context;
  const counted = emptyDemand();
  const ports = { directory, journal, selection, clock, report: () => undefined };
  await countDemand(limitsOf(context), ports, counted, halt);
  return quoting(context, place, counted.demand);
}

export function limitsOf({ settings }: Pick<Context, 'settings'>): Pick<Allowed, 'files' | 'bytes'> {
  return { files: settings.maxNumberOfFiles ?? null, bytes: settings.maxBytes ?? null };
}

export function termsOf(context: Context): WantedPlan['terms'] {
  const { settings } = context;
  return {
    directory: resolve(settings.dir),
    rules: filterRules(settings),
    tier: settings.tier,
    topic: settings.snsTopic ?? null,
    bytesPerHour: settings.maxBytesPerHour ?? null,
    lineSpeed: lineSpeedOf(context).bytesPerSecond,
  };
}
