// Quotes of what a command would ask for: by which prices, how fast, told to the user, and held against the limits of cost.

import { readFile } from 'node:fs/promises';
import { readSoundBinding } from '../journal/binding.js';
import { asFailure, Failure, type FailureCode } from '../model/failure.js';
import { Money } from '../model/money.js';
import { printable } from '../model/rel-path.js';
import type { Tier } from '../model/tier.js';
import type { CostOf } from '../plan/allowance.js';
import { builtInPrices } from '../plan/prices/built-in-prices.js';
import { acceptedCost } from '../plan/prices/cost-brake.js';
import { parsePriceTable } from '../plan/prices/price-file.js';
import { type Demand, quoteOf } from '../plan/prices/quote.js';
import { costOf, type Reckoning, reckoningIn } from '../plan/prices/reckoning.js';
import type { RetrievalPolicy } from '../vault/retrieving-port.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';
import { lineSpeedOf } from './line-speed.js';
import type { Quoted } from './report/quote-fields.js';
import { quoteAnswer } from './report/quote-text.js';

/** Where vaults are, and what their account lets itself be charged, as far as it is known. */
export interface PricedPlace {
  /** `local:DIR` or a URL; null: wherever AWS has them. */
  readonly endpoint: string | null;
  readonly region: string | null;
  /** null: not known. */
  readonly policy: RetrievalPolicy | null;
}

/** Failures that say no more than that this account, or this server, does not tell. */
const NOT_TOLD: ReadonlySet<FailureCode> = new Set<FailureCode>(['ACCESS_DENIED', 'VAULT_REFUSED', 'NOT_SET']);

/** Asks for the policy; an account that may not be asked has none that is known. */
export async function placeOfConnection(
  { halt }: Pick<CommandContext, 'halt'>,
  { vaults, endpoint }: Connection,
): Promise<PricedPlace> {
  const policy = await vaults.vaults.retrievalPolicy(halt.soon).catch((thrown: unknown) => {
    if (NOT_TOLD.has(asFailure(thrown).code)) return null;
    throw thrown;
  });
  return { endpoint, region: vaults.region, policy };
}

/** The same without asking anybody: what the settings say, and what the journal remembers of its vault. */
export async function placeOffline({ settings }: Pick<CommandContext<'journal'>, 'settings'>): Promise<PricedPlace> {
  const bound = await readSoundBinding(settings.journal);
  const endpoint = settings.endpoint ?? bound?.endpoint ?? null;
  return { endpoint, region: settings.region ?? bound?.region ?? null, policy: null };
}

/** @throws Failure CONFIG when the file of --prices is none */
export async function quoting(
  context: Pick<CommandContext, 'settings' | 'clock'>,
  place: PricedPlace,
  demand: Demand,
): Promise<Quoted> {
  const { policy } = place;
  const line = lineSpeedOf(context);
  const quote = quoteOf(demand, await reckoningFor(context, place), {
    lineSpeed: line.bytesPerSecond,
    bytesPerHour: context.settings.maxBytesPerHour ?? null,
    standardBytesPerHour: policy?.strategy === 'bytes-per-hour' ? policy.bytesPerHour : null,
  });
  return { quote, line, policy };
}

export function tellQuote({ settings, answer }: Pick<CommandContext, 'settings' | 'answer'>, quoted: Quoted): void {
  answer(quoteAnswer(quoted, settings.tier));
}

/**
 * Lets pass what costs no more than the user has said, or than is safe to spend unasked. What does not pass is told.
 * Gives what may be spent.
 * @throws Failure BRAKE
 */
export function acceptCost(context: Pick<CommandContext, 'settings' | 'answer'>, quoted: Quoted): Money {
  const { tier, maxCost = null, safeCost } = context.settings;
  try {
    return acceptedCost(quoted.quote, tier, { maxCost, safeCost });
  } catch (thrown) {
    tellQuote(context, quoted);
    throw thrown;
  }
}

/** What retrievals cost by the prices of a quote; where those are not known, and need not be, nothing that is known. */
export function costBy({ quote: { reckoning } }: Quoted, tier: Tier): CostOf {
  return (archives, bytes) => costOf(reckoning, tier, { archives, bytes })?.total ?? Money.NOTHING;
}

/** The prices that hold there. What a table says counts also where nothing else would cost anything. */
export async function reckoningFor(
  { settings }: Pick<CommandContext, 'settings'>,
  { endpoint, region }: PricedPlace,
): Promise<Reckoning> {
  const { prices: file } = settings;
  if (file === undefined && !isAtAws(endpoint)) return { by: 'nothing-to-pay' };
  const table = file === undefined ? builtInPrices() : parsePriceTable(await contentOf(file), file);
  return reckoningIn(table, file ?? null, region);
}

function isAtAws(endpoint: string | null): boolean {
  if (endpoint === null) return true;
  if (!URL.canParse(endpoint)) return false;
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(new URL(endpoint).hostname);
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Failure('CONFIG', `prices ${printable(file)}: ${why}`, { hint: 'check --prices', cause });
  }
}
