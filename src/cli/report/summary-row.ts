// Rows and tables that more than one summary has.

import type { SummaryRow, SummaryTable } from './reporter.js';

/** @param size bytes, where they mean something */
export function row(key: string, label: string, count: number, size: number | null = null): SummaryRow {
  return { key, label, count, size };
}

/** Uploads and deletions that interrupted runs had begun and this one could not bring to their end. */
export function leftoversTable({ failed }: { readonly failed: number }): SummaryTable {
  const label = 'begun by earlier runs, could not be finished';
  return { key: 'leftovers', total: label, rows: [row('failed', label, failed)] };
}
