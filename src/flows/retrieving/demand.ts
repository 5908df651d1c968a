// What a restore would ask the vault for, counted before anything is: nothing is kept of any file.

import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import { throwIfInterrupted } from '../../model/failure.js';
import { Money } from '../../model/money.js';
import { type Allowed, type Exhausted, NOTHING_SPENT, Spending } from '../../plan/allowance.js';
import { type Demand, NO_DEMAND, plusArchive } from '../../plan/prices/quote.js';
import type { Halt } from '../../transfer/concurrently.js';
import { isNoted } from './ask-for.js';
import { type MissingPorts, type MissingTally, missingArchives } from './missing.js';

/** Those that make a demand smaller; what it would cost is seen when it has been counted. */
export type DemandLimits = Omit<Allowed, 'cost'>;

/** Every selected path of the journal is in the demand, in one of the counts, or left out by a limit. */
export interface CountedDemand extends MissingTally {
  demand: Demand;
  /** Asked for in the last 24 hours, as the journal says. */
  underWay: number;
  /** The limit that left something out; null: all that is missing is in the demand. */
  limit: Exhausted | null;
}

export function emptyDemand(): CountedDemand {
  return { demand: NO_DEMAND, here: 0, failed: 0, underWay: 0, limit: null };
}

/**
 * Counts what is missing and was not asked for in the last 24 hours. Asks no vault and writes nothing, so what somebody
 * else has asked for is counted too. What could not be looked at is told to `ports.report`.
 * @throws Failure INTERRUPTED
 */
export async function countDemand(
  limits: DemandLimits,
  ports: MissingPorts & { readonly clock: Clock },
  counted: CountedDemand,
  halt: Halt,
): Promise<void> {
  const missing = unasked(ports, counted, halt);
  const { demand, limit } = await demandOf(missing, limits, halt);
  counted.demand = demand;
  counted.limit = limit;
}

/** What of these archives would be asked for within the limits. @throws Failure INTERRUPTED */
export async function demandOf(
  archives: AsyncIterable<Pick<Archive, 'size'>> | Iterable<Pick<Archive, 'size'>>,
  limits: DemandLimits,
  { soon }: Halt,
): Promise<{ demand: Demand; limit: Exhausted | null }> {
  const spending = new Spending({ ...limits, cost: Money.MOST }, NOTHING_SPENT, () => Money.NOTHING);
  let demand = NO_DEMAND;
  for await (const { size } of archives) {
    throwIfInterrupted(soon);
    if (spending.take(size, 'first')) demand = plusArchive(demand, size);
    // Where bytes are used up, a smaller one may follow.
    else if (spending.exhausted === 'files') break;
  }
  return { demand, limit: spending.exhausted };
}

/** The missing archives that the journal knows no retrieval of the last 24 hours for, by path. */
async function* unasked(
  ports: MissingPorts & { readonly clock: Clock },
  counted: CountedDemand,
  halt: Halt,
): AsyncGenerator<Archive> {
  for await (const archive of missingArchives(ports, counted, halt)) {
    if (isNoted(archive, ports)) counted.underWay++;
    else yield archive;
  }
}
