// A table of prices: what AWS charges for vaults in each region, as of a date.

import type { UnitPrice } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';

export interface PriceTable {
  /** The day on which the prices were looked up: `2026-10-03`. */
  readonly date: string;
  /** Where they are from, in words. */
  readonly source: string;
  readonly regions: ReadonlyMap<string, RegionPrices>;
}

/** By what the data is kept in. */
export interface RegionPrices {
  readonly vault: VaultPrices;
}

export interface VaultPrices {
  readonly retrieval: Readonly<Record<Tier, TierPrices>>;
  /** For a thousand requests of uploads. */
  readonly uploadPerThousandRequests: UnitPrice;
  readonly storagePerGiBMonth: UnitPrice;
  /** What is deleted sooner after it came is charged as if it had stayed for so long. */
  readonly earlyDeletionDays: number;
}

export interface TierPrices {
  readonly perThousandRequests: UnitPrice;
  /** AWS writes GB and means 2^30 bytes. */
  readonly perGiB: UnitPrice;
}
