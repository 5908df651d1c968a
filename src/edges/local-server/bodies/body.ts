// Bodies on their way in: hashed while they are written, in memory that does not grow with them.

import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAF_SIZE } from '../../../model/tree-hash.js';
import { newSuffix } from '../folder/ids.js';
import { invalidParameter, invalidSignature } from '../http/errors.js';
import { type BodyHasher, type BodyHashes, WholeHasher } from './body-hashes.js';
import type { HashThreads } from './hash-threads.js';

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
  const file = join(tmp, `body.${newSuffix()}${newSuffix()}`);
  try {
    const handle = await open(file, 'wx');
    try {
      const body = await check(incoming, announced, threads, (piece) => writeAll(handle, piece));
      await handle.datasync();
      return { ...body, file };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    await rm(file, { force: true });
    throw cause;
  }
}

/** Checks both hashes of a body that nobody wants to keep. @throws ApiError when one differs */
export function receiveAndDiscard(
  incoming: AsyncIterable<Buffer>,
  announced: AnnouncedBody,
  threads: HashThreads,
): Promise<CheckedBody> {
  return check(incoming, announced, threads, async () => undefined);
}

/** The whole of a small body. @throws ApiError when it is not small */
export async function receiveSmall(incoming: AsyncIterable<Buffer>, max = SMALL_BODY_MAX): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > max) throw invalidParameter(`Invalid Content-Length: more than ${max}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws ApiError */
export function checkPayloadHash(expected: string, computed: string): void {
  if (expected.toLowerCase() === computed) return;
  throw invalidSignature(
    'The value passed in as x-amz-content-sha256 does not match the computed payload hash. ' +
      `Computed digest: ${computed} expected hash: ${expected}`,
  );
}

/** Hashes each piece while it is being written, and while the next one comes in. */
async function check(
  incoming: AsyncIterable<Buffer>,
  announced: AnnouncedBody,
  threads: HashThreads,
  write: (piece: Buffer) => Promise<void>,
): Promise<CheckedBody> {
  const { size } = announced;
  using hasher: BodyHasher = size <= LEAF_SIZE ? new WholeHasher() : threads.hasher();
  using pieces = threads.memory.cut(incoming, size);
  let taken: Promise<unknown> = Promise.resolve();
  try {
    for await (const piece of pieces) {
      await taken;
      taken = Promise.all([hasher.update(piece), write(piece)]);
      // It is waited for before the next piece is taken, or the memory given back.
      taken.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([taken]);
  }
  await taken;
  const hashes = await hasher.digest();
  checkHashes(announced, hashes);
  return { ...hashes, size };
}

async function writeAll(handle: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
}

function checkHashes(announced: AnnouncedBody, received: BodyHashes): void {
  checkPayloadHash(announced.sha256, received.sha256);
  if (announced.treeHash === received.treeHash) return;
  throw invalidParameter(`Checksum mismatch: expected ${announced.treeHash}, computed ${received.treeHash}`);
}
