// Bodies on their way in: hashed while they are written, in memory that does not grow with them.

import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { LEAF_SIZE } from '../../model/tree-hash.js';
import { invalidParameter, invalidSignature } from './errors.js';
import { newSuffix } from './ids.js';
import { LeafHasher, treeHashOfLeaves } from './leaves.js';

const BATCH_SIZE = 1024 * 1024;
const SMALL_BODY_MAX = 1024 * 1024;

/** A body in a file under `tmp`, on stable storage; whoever received it renames or removes it. */
export interface ReceivedBody {
  readonly file: string;
  readonly size: number;
  readonly treeHash: string;
  /** 32 bytes for each MiB; null for a body of one leaf, which is its own tree hash. */
  readonly leaves: Buffer | null;
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
  request: IncomingMessage,
  tmp: string,
  announced: AnnouncedBody,
): Promise<ReceivedBody> {
  const path = join(tmp, `body.${newSuffix()}${newSuffix()}`);
  try {
    const handle = await open(path, 'wx');
    try {
      const hashes = announced.size <= LEAF_SIZE ? new WholeHasher() : new BothHasher();
      await pour(request, handle, hashes);
      const received = hashes.digest();
      checkHashes(announced, received);
      await handle.datasync();
      return { file: path, size: announced.size, treeHash: received.treeHash, leaves: received.leaves };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    await rm(path, { force: true });
    throw cause;
  }
}

/** The whole of a small body. @throws ApiError when it is not small */
export async function receiveSmall(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.length;
    if (size > SMALL_BODY_MAX) throw invalidParameter(`Invalid Content-Length: more than ${SMALL_BODY_MAX}`);
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

interface Hashes {
  readonly sha256: string;
  readonly treeHash: string;
  readonly leaves: Buffer | null;
}

/** Up to one leaf: the tree hash is the plain hash, so the bytes are hashed once. */
class WholeHasher {
  readonly #hash = createHash('sha256');

  update(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  digest(): Hashes {
    const sha256 = this.#hash.digest('hex');
    return { sha256, treeHash: sha256, leaves: null };
  }
}

class BothHasher {
  readonly #whole = createHash('sha256');
  readonly #leaves = new LeafHasher();

  update(bytes: Buffer): void {
    this.#whole.update(bytes);
    this.#leaves.update(bytes);
  }

  digest(): Hashes {
    const leaves = this.#leaves.digest();
    return { sha256: this.#whole.digest('hex'), treeHash: treeHashOfLeaves(leaves), leaves };
  }
}

/** Hashes one batch while it is being written; the sender waits meanwhile. */
async function pour(request: IncomingMessage, handle: FileHandle, hashes: WholeHasher | BothHasher): Promise<void> {
  let batch: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const writing = writeAll(handle, batch, size);
    for (const chunk of batch) hashes.update(chunk);
    batch = [];
    size = 0;
    await writing;
  };
  for await (const chunk of chunksOf(request)) {
    batch.push(chunk);
    size += chunk.length;
    if (size >= BATCH_SIZE) await flush();
  }
  if (size > 0) await flush();
}

/** Stopping half-way leaves the connection open, so that the refusal can still be told. */
function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

async function writeAll(handle: FileHandle, batch: readonly Buffer[], size: number): Promise<void> {
  const { bytesWritten } = await handle.writev(batch);
  if (bytesWritten < size) await handle.appendFile(Buffer.concat(batch).subarray(bytesWritten));
}

function checkHashes(announced: AnnouncedBody, received: Hashes): void {
  checkPayloadHash(announced.sha256, received.sha256);
  if (announced.treeHash === received.treeHash) return;
  throw invalidParameter(`Checksum mismatch: expected ${announced.treeHash}, computed ${received.treeHash}`);
}
