// The JSON that asks for a job: parsed and checked once.

import { invalidParameter, missingParameter } from '../protocol/errors.js';
import { checkDescription } from '../protocol/exchange.js';
import { type Fields, parseObject, textOf } from '../protocol/json-fields.js';
import type { Tier } from '../protocol/tier.js';
import { type InventoryRequest, parseInventoryRequest } from './inventory-request.js';

const MIB = 1024 * 1024;

/** What is wanted; an archive is not known to be there yet, nor its range to be within it. */
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
  | ({ readonly type: 'inventory-retrieval' } & InventoryRequest)
);

/** @throws ApiError */
export function parseJobRequest(body: Buffer): JobRequest {
  const fields = parseObject(body);
  const type = textOf(fields, 'Type');
  if (type === null) throw missingParameter('Type');
  const common = { description: jobDescription(fields), snsTopic: textOf(fields, 'SNSTopic') };
  if (type === 'archive-retrieval') return { ...common, ...archiveRetrieval(fields) };
  if (type === 'inventory-retrieval') return { ...common, type, ...parseInventoryRequest(fields) };
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

/** Blanks before it are dropped, as those of an archive's description are. */
function jobDescription(fields: Fields): string | null {
  const text = textOf(fields, 'Description');
  return text === null ? null : checkDescription(text.replace(/^ +/, ''));
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
