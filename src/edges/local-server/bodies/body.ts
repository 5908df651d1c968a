// Bodies on their way in: hashed while they are written, in memory that does not grow with them.

import { hash } from 'node:crypto';
import { LEAF_SIZE } from '../../../model/tree-hash.js';
import { invalidParameter, invalidSignature } from '../protocol/errors.js';
import { BodyFile, writeAll } from './body-file.js';
import type { BodyHashes } from './body-hashes.js';
import { gathered } from './gathered.js';
import type { HashThreads } from './hash-threads.js';
import { piecesOf } from './pieces.js';
import type { RoomForBodies } from './room-for-bodies.js';

const SMALL_BODY_MAX = 1024 * 1024;

/** A body whose hashes are what they were said to be. */
export interface CheckedBody extends BodyHashes {
  readonly size: number;
}

/** One in a file under `tmp`, on stable storage; whoever received it renames or removes it. */
export interface ReceivedBody extends CheckedBody {
  readonly file: string;
}

/** What the request said that its body would be. */
export interface AnnouncedBody {
  readonly size: number;
  /** Hex, as signed. */
  readonly sha256: string;
  readonly treeHash: string;
}

/**
 * Streams a body to a new file and checks both hashes. Nothing is left when it throws.
 * @throws ApiError when a hash differs; whatever the connection throws when it breaks
 */
export async function receiveToFile(
  incoming: AsyncIterable<Buffer>,
  tmp: string,
  announced: AnnouncedBody,
  threads: HashThreads,
): Promise<ReceivedBody> {
  if (announced.size <= LEAF_SIZE) {
    const { bytes, body } = await receiveLeaf(incoming, announced);
    using file = new BodyFile(tmp);
    writeAll(file.descriptor, bytes);
    await file.keep();
    return { ...body, file: file.path };
  }
  using file = new BodyFile(tmp);
  const body = await receivePieces(incoming, file.descriptor, announced, threads);
  await file.keep();
  return { ...body, file: file.path };
}

/** Checks both hashes of a body that nobody wants to keep. @throws ApiError when one differs */
export async function receiveAndDiscard(
  incoming: AsyncIterable<Buffer>,
  announced: AnnouncedBody,
  threads: HashThreads,
): Promise<CheckedBody> {
  if (announced.size > LEAF_SIZE) return receivePieces(incoming, null, announced, threads);
  return (await receiveLeaf(incoming, announced)).body;
}

/** The whole of a small body of somebody who may be anybody. @throws ApiError when it is not small, or there is no room */
export async function receiveUnproven(
  incoming: AsyncIterable<Buffer>,
  room: RoomForBodies,
  max = SMALL_BODY_MAX,
): Promise<Buffer> {
  using taken = room.take();
  return await gathered(incoming, max, () => tooLong(max), taken.add);
}

/** The whole of a small body. @throws ApiError when it is not small */
export function receiveSmall(incoming: AsyncIterable<Buffer>, max = SMALL_BODY_MAX): Promise<Buffer> {
  return gathered(incoming, max, () => tooLong(max));
}

function tooLong(max: number): Error {
  return invalidParameter(`Invalid Content-Length: more than ${max}`);
}

/** @throws ApiError */
export function checkPayloadHash(expected: string, computed: string): void {
  if (expected.toLowerCase() === computed) return;
  throw invalidSignature(
    'The value passed in as x-amz-content-sha256 does not match the computed payload hash. ' +
      `Computed digest: ${computed} expected hash: ${expected}`,
  );
}

/** A body of one leaf, whose tree hash is its plain hash, so that it is hashed once. No file is made before it is right. */
async function receiveLeaf(
  incoming: AsyncIterable<Buffer>,
  announced: AnnouncedBody,
): Promise<{ readonly bytes: Buffer; readonly body: CheckedBody }> {
  const bytes = await receiveSmall(incoming, LEAF_SIZE);
  const sha256 = hash('sha256', bytes);
  const hashes = { sha256, treeHash: sha256, leaves: null };
  checkHashes(announced, hashes);
  return { bytes, body: { ...hashes, size: announced.size } };
}

/** Each piece is hashed and written while the next one comes in. */
async function receivePieces(
  incoming: AsyncIterable<Buffer>,
  file: number | null,
  announced: AnnouncedBody,
  threads: HashThreads,
): Promise<CheckedBody> {
  using taker = threads.taker(file);
  let taken: Promise<void> = Promise.resolve();
  try {
    for await (const piece of piecesOf(incoming, threads.memory)) {
      await taken;
      taken = taker.take(piece);
      // It is waited for before the next piece is taken, or the file closed.
      taken.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([taken]);
  }
  await taken;
  const hashes = await taker.digest();
  checkHashes(announced, hashes);
  return { ...hashes, size: announced.size };
}

function checkHashes(announced: AnnouncedBody, received: BodyHashes): void {
  checkPayloadHash(announced.sha256, received.sha256);
  if (announced.treeHash === received.treeHash) return;
  throw invalidParameter(`Checksum mismatch: expected ${announced.treeHash}, computed ${received.treeHash}`);
}
