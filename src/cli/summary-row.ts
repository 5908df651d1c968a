// One row of a summary, in one call.

import type { SummaryRow } from './reporter.js';

/** @param size bytes, where they mean something */
export function row(key: string, label: string, count: number, size: number | null = null): SummaryRow {
  return { key, label, count, size };
}
