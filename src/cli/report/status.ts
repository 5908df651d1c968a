// All that the command status has to tell.

import type { JournalStanding } from '../../flows/looking/journal-standing.js';
import type { VaultStanding } from '../../flows/looking/vault-standing.js';
import type { RestorePlan } from '../../journal/restore-plans.js';
import type { Money } from '../../model/money.js';
import type { Amount } from '../../plan/early-deletion.js';
import type { PriceSource } from '../../plan/prices/reckoning.js';

/** What it was not asked, or could not find out, is null. */
export interface Status {
  readonly journal: JournalStanding;
  /** What runs that ended early have left to do. */
  readonly left: { readonly uploads: Amount; readonly deletions: number; readonly possibleOrphans: number };
  /** Restores that were accepted and are not at their end. */
  readonly restores: readonly RestorePlan[];
  readonly vault: ({ readonly name: string } & VaultStanding) | null;
  /** What deleting everything now would cost beside what was paid. */
  readonly charge: Charge;
  /** Files of the journal that are not in the directory. */
  readonly missing: ({ readonly directory: string } & Amount) | null;
}

export type Charge =
  | { readonly by: 'table'; readonly total: Money; readonly source: PriceSource }
  | { readonly by: 'nothing-to-pay' }
  | { readonly by: 'nobody' };
