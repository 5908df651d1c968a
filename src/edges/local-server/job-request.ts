// The JSON that asks for a job: parsed and checked once.

import { invalidParameter, malformedBody, missingParameter } from './errors.js';
import { checkDescription, type Tier } from './exchange.js';

const MIB = 1024 * 1024;

export type JobRequest = {
  readonly description: string | null;
  readonly snsTopic: string | null;
} & (
  | {
      readonly type: 'archive-retrieval';
      readonly archiveId: string;
      readonly tier: Tier;
      readonly range: string | null;
    }
  | { readonly type: 'inventory-retrieval' }
);

/** Fields that are null count as absent; fields that we do not know are ignored. @throws ApiError */
export function parseJobRequest(body: Buffer): JobRequest {
  const fields = parseObject(body);
  const type = textOf(fields, 'Type');
  if (type === null) throw missingParameter('Type');
  const common = { description: jobDescription(fields), snsTopic: textOf(fields, 'SNSTopic') };
  if (type === 'archive-retrieval') return { ...common, ...archiveRetrieval(fields) };
  if (type === 'inventory-retrieval') return { ...common, ...inventoryRetrieval(fields) };
  throw invalidParameter(`Invalid job type: ${type}`);
}

/**
 * `s-e` of an archive of `size` bytes, as start and end (not included).
 * Source: Glacier developer guide, InitiateJob, "RetrievalByteRange": MiB aligned, or up to the archive's end.
 * @throws ApiError
 */
export function parseRetrievalRange(text: string, size: number): { start: number; end: number } {
  const [, first, last] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last) + 1];
  const aligned = start % MIB === 0 && (end % MIB === 0 || end === size);
  if (first !== undefined && start < end && end <= size && aligned) return { start, end };
  throw invalidParameter(`Invalid retrieval byte range: ${text}. It must be megabyte aligned and within the archive.`);
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw malformedBody('The request body is not valid JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformedBody('The request body is not a JSON object.');
}

function textOf(fields: Fields, name: string): string | null {
  const value = fields[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw malformedBody(`${name} is not a string.`);
}

function jobDescription(fields: Fields): string | null {
  const text = textOf(fields, 'Description');
  return text === null ? null : checkDescription(text);
}

function archiveRetrieval(
  fields: Fields,
): Omit<JobRequest & { type: 'archive-retrieval' }, 'description' | 'snsTopic'> {
  const archiveId = textOf(fields, 'ArchiveId');
  if (archiveId === null) throw missingParameter('ArchiveId');
  const tier = textOf(fields, 'Tier') ?? 'Standard';
  if (tier !== 'Expedited' && tier !== 'Standard' && tier !== 'Bulk') throw invalidParameter(`Invalid tier: ${tier}`);
  return { type: 'archive-retrieval', archiveId, tier, range: textOf(fields, 'RetrievalByteRange') };
}

function inventoryRetrieval(fields: Fields): { type: 'inventory-retrieval' } {
  for (const name of ['ArchiveId', 'RetrievalByteRange']) {
    if (textOf(fields, name) !== null) throw invalidParameter(`${name} does not go with an inventory retrieval.`);
  }
  const format = textOf(fields, 'Format') ?? 'JSON';
  if (format !== 'JSON' && format !== 'CSV') throw invalidParameter(`Invalid format: ${format}`);
  if (format === 'CSV') throw notYet('CSV inventories');
  const limits = fields['InventoryRetrievalParameters'] ?? null;
  if (limits === null) return { type: 'inventory-retrieval' };
  if (typeof limits !== 'object') throw malformedBody('InventoryRetrievalParameters is not an object.');
  if (Object.values(limits).some((value) => value !== null)) throw notYet('inventories by date, limit or marker');
  return { type: 'inventory-retrieval' };
}

function notYet(what: string): Error {
  return invalidParameter(`This local vault does not have ${what} yet; ask for the whole inventory as JSON.`);
}
