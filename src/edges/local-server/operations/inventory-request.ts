// What an inventory is asked for: in which form, and which of the archives.

import { invalidParameter } from '../protocol/errors.js';
import { type Fields, fieldsOf, textOf } from '../protocol/json-fields.js';
import { positionOf } from '../protocol/paging.js';
import type { Archive } from '../vault/archive.js';
import type { InventoryFormat, InventoryPart } from '../vault/records.js';

/** What is wanted. */
export interface InventoryRequest {
  readonly format: InventoryFormat;
  /** null for all of them. */
  readonly part: InventoryPart | null;
}

/**
 * Source: Glacier developer guide, InitiateJob, "Format" and "InventoryRetrievalParameters": neither archive nor range
 * go with an inventory.
 * @throws ApiError
 */
export function parseInventoryRequest(fields: Fields): InventoryRequest {
  for (const name of ['ArchiveId', 'RetrievalByteRange']) {
    if (textOf(fields, name) !== null) throw invalidParameter(`${name} does not go with an inventory retrieval.`);
  }
  const format = textOf(fields, 'Format') ?? 'JSON';
  if (format !== 'JSON' && format !== 'CSV') throw invalidParameter(`Invalid format: ${format}`);
  const part = partOf(fieldsOf(fields, 'InventoryRetrievalParameters'));
  return { format, part: Object.values(part).every((value) => value === null) ? null : part };
}

/** The archives of a part, which are in the order of storing, and the marker of the first that comes after them. */
export function archivesOf(
  part: InventoryPart | null,
  archives: readonly Archive[],
): { archives: readonly Archive[]; next: string | null } {
  if (part === null) return { archives, next: null };
  const from = part.startDate === null ? Number.NEGATIVE_INFINITY : momentOf('StartDate', part.startDate);
  const to = part.endDate === null ? Number.POSITIVE_INFINITY : momentOf('EndDate', part.endDate);
  const first = positionOf(part.marker);
  const wanted = archives.filter(({ createdAt, sequence }) => createdAt >= from && createdAt < to && sequence >= first);
  const limit = part.limit === null ? wanted.length : Number(part.limit);
  const next = wanted[limit];
  return { archives: wanted.slice(0, limit), next: next === undefined ? null : String(next.sequence) };
}

function partOf(parameters: Fields): InventoryPart {
  const [startDate, endDate] = [dateOf(parameters, 'StartDate'), dateOf(parameters, 'EndDate')];
  if (startDate !== null && endDate !== null && momentOf('StartDate', startDate) >= momentOf('EndDate', endDate)) {
    throw invalidParameter(`The start date must be before the end date: ${startDate}, ${endDate}`);
  }
  const limit = textOf(parameters, 'Limit');
  if (limit !== null && !/^0*[1-9]\d{0,14}$/.test(limit)) throw invalidParameter(`Invalid limit: ${limit}`);
  const marker = textOf(parameters, 'Marker');
  positionOf(marker);
  return { startDate, endDate, limit, marker };
}

function dateOf(parameters: Fields, name: 'StartDate' | 'EndDate'): string | null {
  const text = textOf(parameters, name);
  if (text !== null) momentOf(name, text);
  return text;
}

/** Ms since 1970 of `2013-03-20T17:03:43Z`, with or without a fraction. */
function momentOf(name: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidParameter(`Invalid ${name}: ${text}. It must be a UTC date in ISO 8601.`);
  return ms;
}
