// The accepted restores of a journal as flows see them: accepted, gone on with, kept account of, brought to their end.

import {
  type Allowance,
  type AskedFor,
  type PlanTerms,
  type RestorePlan,
  readRestorePlans,
  writeRestorePlans,
} from '../../journal/restore-plans.js';
import type { Instant } from '../../model/clock.js';
import { Money } from '../../model/money.js';

/** Files are never 0: whoever accepts wants something. */
const NOTHING_ASKED: AskedFor = { files: 0, bytes: 0, cost: Money.NOTHING };

/** What a run accepts. */
export interface WantedPlan {
  readonly terms: PlanTerms;
  readonly allowance: Allowance;
  /**
   * Whether a run adds to what was allowed before. One that goes on takes what is left, unless it allows something else
   * than the run before it.
   */
  readonly acceptance: 'anew' | 'go on';
}

/**
 * The plan for these terms. One of the same directory and rules goes on, with its new terms: what it was allowed and has
 * used stays used. Only for the holder of the journal's lock.
 */
export async function acceptPlan(journal: string, wanted: WantedPlan, now: Instant): Promise<RestorePlan> {
  const plans = await readRestorePlans(journal);
  const { terms, allowance: said } = wanted;
  const before = plans.find((plan) => sameFiles(plan.terms, terms));
  const plan: RestorePlan =
    before === undefined
      ? {
          id: 1 + Math.max(0, ...plans.map(({ id }) => id)),
          acceptedAt: now,
          terms,
          allowed: said,
          said,
          saidAt: now,
          asked: NOTHING_ASKED,
          asking: null,
          lately: [],
        }
      : goesOn(before, wanted)
        ? { ...before, terms }
        : { ...before, terms, said, saidAt: now, allowed: beyond(before.asked, said) };
  const others = plans.filter(({ id }) => id !== plan.id);
  await writeRestorePlans(
    journal,
    [...others, plan].sort((a, b) => a.id - b.id),
  );
  return plan;
}

/** The plan for the same directory and rules, if there is one. */
export async function planFor(journal: string, terms: PlanTerms): Promise<RestorePlan | null> {
  return (await readRestorePlans(journal)).find((plan) => sameFiles(plan.terms, terms)) ?? null;
}

/** Whether the plan that there is for these terms, if any, would be gone on with: nothing more is allowed then. */
export async function wouldGoOn(journal: string, wanted: WantedPlan): Promise<boolean> {
  const before = await planFor(journal, wanted.terms);
  return before !== null && goesOn(before, wanted);
}

function goesOn(before: RestorePlan, { acceptance, allowance, terms }: WantedPlan): boolean {
  const { files, bytes, cost } = before.said;
  const isSame = files === allowance.files && bytes === allowance.bytes && cost === allowance.cost;
  return acceptance === 'go on' && isSame && before.terms.tier === terms.tier;
}

/** A plan that lets nothing be asked for, and is on no disk: what is under way is waited for, whoever asked for it. */
export function planOfWhatIsUnderWay(terms: PlanTerms, now: Instant): RestorePlan {
  const nothing = { files: 0, bytes: 0, cost: Money.NOTHING };
  return {
    id: 0,
    acceptedAt: now,
    terms,
    allowed: nothing,
    said: nothing,
    saidAt: now,
    asked: NOTHING_ASKED,
    asking: null,
    lately: [],
  };
}

/** What has become of a plan, in memory and on disk. */
export class PlanAccount {
  #plan: RestorePlan;

  constructor(plan: RestorePlan) {
    this.#plan = plan;
  }

  get plan(): RestorePlan {
    return this.#plan;
  }

  /**
   * Takes over what other processes did with it: accept more, ask on its account. The terms of a run stay what they were
   * at its beginning. Only for the holder of the journal's lock.
   */
  async takeOver(journal: string): Promise<RestorePlan> {
    const { terms } = this.#plan;
    const found = (await readRestorePlans(journal)).find((plan) => isSamePlan(plan, this.#plan));
    if (found !== undefined) this.#plan = { ...found, terms };
    return this.#plan;
  }

  /** Ends when it is on stable storage. Only for the holder of the journal's lock. */
  async keep(journal: string, change: Partial<Pick<RestorePlan, 'asked' | 'asking' | 'lately'>>): Promise<void> {
    this.#plan = { ...this.#plan, ...change };
    const plans = await readRestorePlans(journal);
    const found = plans.find((plan) => isSamePlan(plan, this.#plan));
    if (found === undefined) return;
    const kept = { ...found, ...change };
    await writeRestorePlans(
      journal,
      plans.map((one) => (one === found ? kept : one)),
    );
  }
}

/**
 * All that it was for is here, or cannot be had. A plan that another process has gone on with since it was read stays: it
 * may be for more now. Only for the holder of the journal's lock.
 * @param ended as it was read or written last
 * @returns whether there is no such plan any more
 */
export async function endPlan(journal: string, ended: RestorePlan): Promise<boolean> {
  const plans = await readRestorePlans(journal);
  const found = plans.find((plan) => isSamePlan(plan, ended));
  if (found === undefined) return true;
  if (standingOf(found) !== standingOf(ended)) return false;
  await writeRestorePlans(
    journal,
    plans.filter((plan) => plan !== found),
  );
  return true;
}

/** What accepting more, or asking on its account, changes. */
function standingOf({ allowed, saidAt, asked, asking }: RestorePlan): string {
  return JSON.stringify([allowed, saidAt, asked, asking]);
}

/** Numbers are given again when a plan has come to its end. */
type PlanName = Pick<RestorePlan, 'id' | 'acceptedAt'>;

function isSamePlan(a: PlanName, b: PlanName): boolean {
  return a.id === b.id && a.acceptedAt === b.acceptedAt;
}

function sameFiles(a: PlanTerms, b: PlanTerms): boolean {
  return a.directory === b.directory && JSON.stringify(a.rules) === JSON.stringify(b.rules);
}

/** So much more than was asked for already. */
function beyond(asked: AskedFor, { files, bytes, cost }: Allowance): Allowance {
  return {
    files: files === null ? null : asked.files + files,
    bytes: bytes === null ? null : asked.bytes + bytes,
    cost: Money.plus(asked.cost, cost),
  };
}
