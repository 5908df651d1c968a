// The uploads in parts that a vault still holds open, whoever began them, and what is known of each.

import type { Intent } from '../../journal/intents.js';
import { type DescribedFile, decodeDescription } from '../../model/description.js';
import { asFailure, Failure } from '../../model/failure.js';
import type { UploadId } from '../../model/identifiers.js';
import type { ByteRange } from '../../model/parts.js';
import { printable } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { UnfinishedUpload, Uploading, UploadListing } from '../../vault/port.js';

/** Which uploads: those with these ids, or every one. */
export type WhichUploads = { readonly ids: readonly string[] } | 'all';

export interface FoundUpload extends UnfinishedUpload {
  /** The file that its description names, as mt-aws-glacier and this program write it. */
  readonly described: DescribedFile | null;
  /** What the journal's pending file has of it; of a pipe there may be two. */
  readonly intents: readonly Intent[];
  /** The parts that the vault has. */
  readonly held: readonly ByteRange[];
  readonly heldBytes: number;
}

export interface UploadsPorts {
  readonly vault: UploadListing & Pick<Uploading, 'uploadedParts'>;
  /** What the journal's pending file holds; empty without a journal. */
  readonly left: readonly Intent[];
}

/** In the order of the vault's list. One that ends while it is looked at is passed over. */
export async function* unfinishedUploads(
  which: WhichUploads,
  { vault, left }: UploadsPorts,
  halt: Halt,
): AsyncGenerator<FoundUpload> {
  for await (const upload of vault.unfinishedUploads(halt.now)) {
    if (!isAmong(which, upload.uploadId)) continue;
    const held = await heldRanges(upload.uploadId, vault, halt);
    if (held === null) continue;
    const heldBytes = held.reduce((sum, { start, end }) => sum + end - start, 0);
    const described = decodeDescription(upload.description);
    yield { ...upload, described, intents: intentsOf(upload.uploadId, left), held, heldBytes };
  }
}

export function isAmong(which: WhichUploads, id: string): boolean {
  return which === 'all' || which.ids.includes(id);
}

/** What a journal's pending file has of the upload: of a pipe there may be two, where a run ended between them. */
export function intentsOf(id: string, left: readonly Intent[]): readonly Intent[] {
  return left.filter(({ progress }) => 'uploadId' in progress && progress.uploadId === id);
}

export function noSuchUpload(id: string): Failure {
  return new Failure('UPLOAD_NOT_FOUND', `there is no unfinished upload ${printable(id)} in the vault`, {
    hint: 'mtglacier uploads lists those that there are; the vault drops them by itself after some days of rest',
  });
}

async function heldRanges(
  id: UploadId,
  vault: Pick<Uploading, 'uploadedParts'>,
  halt: Halt,
): Promise<readonly ByteRange[] | null> {
  const held: ByteRange[] = [];
  try {
    for await (const { range } of vault.uploadedParts(id, halt.now)) held.push(range);
    return held;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'UPLOAD_NOT_FOUND') return null;
    throw failure;
  }
}
