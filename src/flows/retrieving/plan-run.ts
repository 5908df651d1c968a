// What a run of an accepted restore keeps account with: its money, its share of the hour, its room, its waves.

import type { RestorePlan } from '../../journal/restore-plans.js';
import type { Report } from '../../model/events.js';
import { type CostOf, Spending } from '../../plan/allowance.js';
import { bytesInTime, HourlyShare } from '../../plan/pacing.js';
import type { RetrievalPolicy } from '../../vault/retrieving-port.js';
import { PlanAccount } from './plan-book.js';
import { UnderWay } from './under-way.js';
import { Waves } from './waves.js';

export interface PlanRun {
  readonly account: PlanAccount;
  readonly underWay: UnderWay;
  readonly spending: Spending;
  readonly share: HourlyShare;
  readonly waves: Waves;
  /** Bytes that may be under way at once. */
  readonly room: number;
  /** Bytes of the largest archive that the account's policy ever lets be retrieved. */
  readonly largest: number;
}

/** @param policy the account's own, which is about Standard retrievals */
export function runOfPlan(
  plan: RestorePlan,
  { costOf, policy, report }: { readonly costOf: CostOf; readonly policy: RetrievalPolicy; readonly report: Report },
): PlanRun {
  const waves = new Waves(report);
  const { tier, bytesPerHour, lineSpeed } = plan.terms;
  const limit =
    tier === 'Standard' && policy.strategy === 'bytes-per-hour' ? policy.bytesPerHour : Number.POSITIVE_INFINITY;
  return {
    account: new PlanAccount(plan),
    underWay: new UnderWay(waves),
    spending: new Spending(plan.allowed, plan.asked, costOf),
    share: new HourlyShare(Math.min(bytesPerHour ?? Number.POSITIVE_INFINITY, limit), plan.lately),
    waves,
    room: bytesInTime(lineSpeed),
    largest: limit,
  };
}
