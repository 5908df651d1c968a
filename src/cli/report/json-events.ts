// The JSON form of what a run tells. Described in docs/json-output.md; fields are only ever added.

import type { RunEvent } from '../../model/events.js';
import type { JsonFields } from './json-line.js';
import type { Progress } from './progress.js';
import { timestamp, timestamps } from './quantities.js';
import type { Closing, SummaryTable } from './reporter.js';
import { totalOf } from './summary.js';

/** Null for those that are gathered into `progress`, and for the steps of one file. */
export function jsonOf(event: RunEvent): JsonFields | null {
  switch (event.event) {
    case 'moved':
    case 'ahead':
    case 'upload-begun':
    case 'part-sent':
    case 'segment-fetched':
      return null;
    case 'wave': {
      const { expected, readableUntil: until } = event;
      return { ...event, expected: timestamps(expected), readableUntil: until === null ? null : timestamp(until) };
    }
    case 'sleeping':
      return { ...event, until: timestamp(event.until) };
    case 'waiting':
      return { ...event, expected: timestamps(event.expected) };
    case 'checked': {
      const { otherMtime: mtime } = event;
      const both = mtime === null ? null : { journal: timestamp(mtime.journal), actual: timestamp(mtime.actual) };
      return { ...event, otherMtime: both };
    }
    case 'planned':
    case 'stored':
    case 'deleted':
    case 'abandoned':
    case 'compared':
    case 'requested':
    case 'restored':
    case 'range-got':
    case 'verified':
    case 'adopted':
    case 'forgotten':
    case 'set-aside':
    case 'left-out':
    case 'failed':
    case 'notice':
    case 'retrying':
    case 'bandwidth':
      return event;
  }
}

export function jsonOfProgress({ files, bytes }: Progress): JsonFields {
  return {
    event: 'progress',
    filesDone: files.done,
    filesKnown: files.known,
    bytesDone: bytes.done,
    bytesKnown: bytes.known,
  };
}

export function jsonOfClosing(closing: Closing): JsonFields {
  return {
    event: 'summary',
    command: closing.command,
    exitCode: closing.exitCode,
    durationMs: Math.round(closing.durationMs),
    counts: Object.fromEntries(closing.tables.map((table) => [table.key, jsonOfTable(table)])),
    outcome: closing.outcome,
    leftBehind: closing.leftBehind.map(({ key, count, names }) => ({ why: key, count, names })),
    next: closing.next,
  };
}

function jsonOfTable(table: SummaryTable): Readonly<Record<string, unknown>> {
  const rows = table.rows.map(({ key, count, size }) => [key, size === null ? { count } : { count, size }] as const);
  const { count, size } = totalOf(table);
  return { ...Object.fromEntries(rows), total: size === null ? { count } : { count, size } };
}
