// Storing what comes once and cannot be read again: parts are sent as they come, and the rest is as for a file.

import type { Intent } from '../../journal/intents.js';
import type { Instant } from '../../model/clock.js';
import { encodeDescription } from '../../model/description.js';
import { asFailure, Failure, reachOf } from '../../model/failure.js';
import type { UploadId } from '../../model/identifiers.js';
import type { RelPath } from '../../model/rel-path.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Incoming, IncomingPart } from '../../transfer/port.js';
import { abandon, inOneRequest, type LeftUpload, type StorePorts, WHOLE_MAX } from './store.js';
import { recordSent, type Sent } from './stored.js';

export interface StreamPorts extends Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'engine' | 'clock' | 'report'> {
  readonly incoming: Incoming;
}

export interface StreamRequest {
  readonly path: RelPath;
  /** The time that it is to have as a file. */
  readonly mtime: Instant;
  /** Parts that may be under way at once. */
  readonly width: number;
}

/** In an intent: nobody knows yet how long the content will be. No file that is kept has this size. */
const SIZE_UNKNOWN = 0;

/** Whether it is what is left of a stream: its content is gone, so nobody can go on with it. */
export function isOfStream({ file }: Pick<LeftUpload, 'file'>): boolean {
  return file.size === SIZE_UNKNOWN;
}

/**
 * Stores what comes in, to its end, and gives its size. When this ends, the fact is in the journal.
 * @throws Failure; whatever instant it fails at, the fact or the intent is on disk, and nothing half is stored
 */
export async function storeStream(request: StreamRequest, ports: StreamPorts, halt: Halt): Promise<number> {
  const first = await ports.incoming.next(halt.soon);
  if (first === null) throw new Failure('USAGE', 'nothing came in, and no archive is empty');
  const { size, sent } = endsWithin(first, ports.incoming)
    ? await sendAtOnce(first, request, ports, halt)
    : await sendAsItComes(first, request, ports, halt);
  await recordSent({ ...request, size }, sent, ports);
  ports.intents.settleByFact(sent.intent);
  return size;
}

/** A first part that is not full is all there is. */
function endsWithin({ range }: IncomingPart, { partSize }: Incoming): boolean {
  return range.end < partSize && range.end <= WHOLE_MAX;
}

interface SentStream {
  readonly size: number;
  readonly sent: Sent;
}

async function sendAtOnce(
  only: IncomingPart,
  request: StreamRequest,
  ports: StreamPorts,
  halt: Halt,
): Promise<SentStream> {
  using part = only;
  const { path, mtime } = request;
  const { treeHash, range } = part;
  const file = { path, size: range.end, mtime };
  const sent = await inOneRequest({ file, old: null }, ports, async () => {
    return { stored: await part.sendWhole(describe(request), halt.now), treeHash };
  });
  return { size: range.end, sent };
}

async function sendAsItComes(
  first: IncomingPart,
  request: StreamRequest,
  ports: StreamPorts,
  halt: Halt,
): Promise<SentStream> {
  const { path, mtime } = request;
  const { intents, clock } = ports;
  const { begun, uploadId } = await beginUpload(first, request, ports, halt);
  const { size, treeHash } = await sendParts(first, uploadId, request, ports, halt).catch((thrown: unknown) =>
    drop(begun, uploadId, thrown, ports, halt),
  );
  // Only now there is a size to ask for completion with: an intent of its own takes the place of the first.
  const progress = { step: 'completing', partSize: ports.incoming.partSize, uploadId, treeHash } as const;
  const intent = await intents.begin(clock.now(), { path, size, mtime }, null, progress);
  await intents.settle(begun, 0);
  const stored = await ports.vault.completeUpload(uploadId, size, treeHash, halt.now).catch(async (thrown: unknown) => {
    // It may have been completed by a request whose answer was lost.
    if (asFailure(thrown).code === 'UPLOAD_NOT_FOUND') await intents.settle(intent, 1);
    throw thrown;
  });
  return { size, sent: { stored, treeHash, intent, resumed: 0 } };
}

async function beginUpload(
  first: IncomingPart,
  request: StreamRequest,
  ports: StreamPorts,
  halt: Halt,
): Promise<{ begun: Intent; uploadId: UploadId }> {
  const { path, mtime } = request;
  const { vault, intents, clock, report } = ports;
  const { partSize } = ports.incoming;
  try {
    const file = { path, size: SIZE_UNKNOWN, mtime };
    const intent = await intents.begin(clock.now(), file, null, { step: 'parts', partSize, uploadId: null });
    const uploadId = await vault.beginUpload(partSize, describe(request), halt.now);
    const begun = await intents.advance(intent, { step: 'parts', partSize, uploadId });
    report({ event: 'upload-begun', path, uploadId });
    return { begun, uploadId };
  } catch (thrown) {
    first[Symbol.dispose]();
    throw thrown;
  }
}

/** Sends parts while others come, until the end. The first to fail also ends the waiting for more. */
async function sendParts(
  first: IncomingPart,
  uploadId: UploadId,
  { path, width }: StreamRequest,
  { incoming, engine, report }: StreamPorts,
  halt: Halt,
): Promise<{ size: number; treeHash: TreeHash }> {
  const failed = new AbortController();
  const stop = AbortSignal.any([halt.soon, failed.signal]);
  const hashes: TreeHash[] = [];
  let size = 0;
  await forEachConcurrently(partsFrom(first, incoming, stop), width, halt, async (one) => {
    using part = one;
    const { range, treeHash } = part;
    await part.send(uploadId, halt.now).catch((thrown: unknown) => {
      failed.abort();
      throw thrown;
    });
    report({ event: 'part-sent', path, at: range.start });
    hashes[range.start / incoming.partSize] = treeHash;
    size = Math.max(size, range.end);
  });
  return { size, treeHash: combineTreeHashes(hashes, engine) };
}

async function* partsFrom(first: IncomingPart, incoming: Incoming, stop: AbortSignal): AsyncGenerator<IncomingPart> {
  for (let part: IncomingPart | null = first; part !== null; part = await incoming.next(stop)) yield part;
}

/** What was sent is of no use without the rest. Where the vault is out of order, the next run drops it. */
async function drop(
  begun: Intent,
  uploadId: UploadId,
  thrown: unknown,
  ports: StreamPorts,
  halt: Halt,
): Promise<never> {
  const failure = asFailure(thrown);
  if (reachOf(failure.code) !== 'retry') {
    // Its intent stays where it cannot be dropped now.
    await abandon(begun, uploadId, ports, halt).catch(asFailure);
  }
  throw failure;
}

function describe({ path, mtime }: StreamRequest): string {
  return encodeDescription({ filename: path, mtime });
}
