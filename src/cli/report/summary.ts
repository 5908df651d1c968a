// The end of a run in words: counts and sizes that add up, names of what was left behind, what to do next.

import { EXIT, meaningOf } from '../exit-codes.js';
import { durationText, sizeText } from './quantities.js';
import type { Closing, SummaryRow, SummaryTable } from './reporter.js';
import { oneLine, shownName } from './safe-text.js';

/** The sum of a table's rows. It has a size only when every row that counts something has one. */
export function totalOf(table: SummaryTable): { readonly count: number; readonly size: number | null } {
  let count = 0;
  let size: number | null = 0;
  for (const row of table.rows.filter((row) => row.count > 0)) {
    count += row.count;
    size = size === null || row.size === null ? null : size + row.size;
  }
  return { count, size: count === 0 ? null : size };
}

/** Lines, the last of which says how it ended: `OK DONE`, as mt-aws-glacier did, or the exit code. */
export function summaryLines(closing: Closing): string[] {
  return [
    ...closing.leftBehind.flatMap((kind) => {
      const names = kind.names.map((name) => `  ${shownName(name)}`);
      const more = kind.count - kind.names.length;
      return [`${kind.label}:`, ...names, ...(more > 0 ? [`  and ${more} more`] : [])];
    }),
    `${closing.command} took ${durationText(closing.durationMs)}`,
    ...aligned(closing.tables.flatMap((table, index) => shownRows(table, index === 0))),
    ...(closing.exitCode === EXIT.done && typeof closing.idle === 'string' ? [closing.idle] : []),
    ...closing.next.map(oneLine),
    closing.exitCode === EXIT.done ? 'OK DONE' : `exit code ${closing.exitCode}: ${meaningIn(closing)}`,
  ];
}

function meaningIn({ exitCode, mismatch }: Closing): string {
  return exitCode === EXIT.mismatch && mismatch !== undefined ? mismatch : meaningOf(exitCode);
}

function shownRows(table: SummaryTable, isFirst: boolean): readonly SummaryRow[] {
  const total: SummaryRow = { key: 'total', label: table.total, ...totalOf(table) };
  if (total.count === 0 && !isFirst) return [];
  return table.rows.length === 1 ? table.rows : [...table.rows.filter((row) => row.count > 0), total];
}

function aligned(rows: readonly SummaryRow[]): string[] {
  const labelWidth = Math.max(...rows.map((row) => row.label.length));
  const countWidth = Math.max(...rows.map((row) => row.count.toString().length));
  const sizeWidth = Math.max(...rows.map((row) => sizeCell(row).length));
  return rows.map((row) => {
    const count = row.count.toString().padStart(countWidth);
    return `  ${row.label.padEnd(labelWidth)}  ${count}  ${sizeCell(row).padStart(sizeWidth)}`.trimEnd();
  });
}

function sizeCell(row: SummaryRow): string {
  return row.size === null ? '' : sizeText(row.size);
}
