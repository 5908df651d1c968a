// How fast a retrieval is to be.

/** How fast a retrieval is to be, and how dear: the fastest and dearest first. */
export const TIERS = ['Expedited', 'Standard', 'Bulk'] as const;

export type Tier = (typeof TIERS)[number];

/**
 * Seconds from asking to readiness, earliest and latest. Source: Glacier developer guide, "Archive Retrieval Options".
 */
export const READY_AFTER: Readonly<Record<Tier, readonly [from: number, to: number]>> = {
  Expedited: [60, 300],
  Standard: [3 * 3600, 5 * 3600],
  Bulk: [5 * 3600, 12 * 3600],
};

/** Seconds for which what is ready can be read, at least. Source: Glacier developer guide, "Get Job Output". */
export const READABLE_SECONDS = 24 * 3600;
