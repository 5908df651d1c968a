// What a restore is asked for in tests, where nothing else is said.

import type { RestoreRequest } from '../../src/flows/retrieving/restore.js';
import { Money } from '../../src/model/money.js';
import type { Tier } from '../../src/model/tier.js';
import type { Allowed, CostOf } from '../../src/plan/allowance.js';

/** Where nothing costs anything. */
export const FREE: CostOf = () => Money.NOTHING;

export interface Asked {
  readonly tier?: Tier;
  readonly width?: number;
  readonly maxFiles?: number | null;
  readonly maxBytes?: number | null;
  readonly maxCost?: Money;
  readonly bytesPerHour?: number | null;
  readonly lineSpeed?: number;
  readonly costOf?: CostOf;
  readonly acceptance?: 'anew' | 'go on';
}

export function restoreRequest(directory: string, asked: Asked = {}): RestoreRequest {
  const { tier = 'Standard', width = 2, bytesPerHour = null, lineSpeed = 2 ** 40, costOf = FREE } = asked;
  return {
    wanted: {
      terms: { directory, rules: [], tier, topic: null, bytesPerHour, lineSpeed },
      allowance: allowedBy(asked),
      acceptance: asked.acceptance ?? 'anew',
    },
    costOf,
    policy: { strategy: 'none' },
    width,
  };
}

export function allowedBy({ maxFiles = null, maxBytes = null, maxCost = Money.NOTHING }: Asked): Allowed {
  return { files: maxFiles, bytes: maxBytes, cost: maxCost };
}
