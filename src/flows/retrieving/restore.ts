// The story of restore: ask the vault to make readable what is missing here, each archive once a day at most.

import type { RestorePlan } from '../../journal/restore-plans.js';
import type { Clock } from '../../model/clock.js';
import { type Allowed, type CostOf, type Exhausted, NOTHING_SPENT, Spending } from '../../plan/allowance.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Expected, RetrievalPolicy } from '../../vault/retrieving-port.js';
import { isNoted } from './ask-for.js';
import { askForMissing } from './asking-round.js';
import { spanOf } from './expected.js';
import { type MissingPorts, missingArchives } from './missing.js';
import { acceptPlan, endPlan, type WantedPlan } from './plan-book.js';
import { runOfPlan } from './plan-run.js';
import { emptyRoundTally, type RoundPorts, type RoundTally } from './round.js';

export interface RestoreRequest {
  readonly wanted: WantedPlan;
  readonly costOf: CostOf;
  readonly policy: RetrievalPolicy;
  readonly width: number;
}

export interface RestoreTally extends RoundTally {
  /** What the plan allowed no more of. */
  exhausted: Exhausted | null;
  /** When what is under way can be expected: the first not before `from`, the last not after `to`; null if unknown. */
  readyAt: Expected | null;
}

export function emptyRestoreTally(): RestoreTally {
  return { ...emptyRoundTally(), exhausted: null, readyAt: null };
}

/**
 * Accepts the plan and asks for as much of it as may be asked for now. Nothing is fetched, and nothing is waited for; a
 * plan that has nothing to wait for is at its end.
 * @throws Failure when it concerns the run; NO_CAPACITY, RETRIEVAL_POLICY when the vault took no more
 */
export async function restore(
  request: RestoreRequest,
  ports: RoundPorts,
  tally: RestoreTally,
  halt: Halt,
): Promise<RestorePlan> {
  const { report } = ports;
  const plan = await acceptPlan(ports.journal.file, request.wanted, ports.clock.now());
  const run = runOfPlan(plan, { ...request, report });
  const { width } = request;
  const round = { ...run, width, wave: run.waves.next, scope: 'all', reportMissing: report } as const;
  await askForMissing(round, ports, tally, halt);
  for (const { retrieval } of run.underWay.all()) {
    if (retrieval.state === 'running') tally.readyAt = spanOf(tally.readyAt, retrieval.expected);
  }
  tally.exhausted = run.spending.exhausted;
  const { requested, underWay, noted, later } = tally;
  if (requested + underWay + noted + later === 0) await endPlan(ports.journal.file, run.account.plan);
  if (tally.refused !== null) throw tally.refused;
  return run.account.plan;
}

/** What a restore would ask for, as 'planned' events. The vault is not asked and nothing is written. */
export async function planRestore(
  { allowed, costOf }: { readonly allowed: Allowed; readonly costOf: CostOf },
  ports: MissingPorts & { readonly clock: Clock },
  tally: RestoreTally,
  halt: Halt,
): Promise<void> {
  const spending = new Spending(allowed, NOTHING_SPENT, costOf);
  for await (const archive of missingArchives(ports, tally, halt)) {
    if (isNoted(archive, ports)) tally.noted++;
    else if (!spending.take(archive.size, 'first')) tally.left++;
    else {
      ports.report({ event: 'planned', do: 'retrieve', path: archive.path, archiveId: archive.id });
      tally.requested++;
      tally.requestedBytes += archive.size;
    }
  }
  tally.exhausted = spending.exhausted;
}
