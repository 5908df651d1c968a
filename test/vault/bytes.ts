// Content to store, hashed as the program hashes it.

import { createHash } from 'node:crypto';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { TreeHash, treeHashOf } from '../../src/model/tree-hash.js';
import type { HashedBody, StreamedBody } from '../../src/vault/port.js';

export const MIB = 1024 * 1024;

/** Bytes that differ from place to place and from seed to seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export function hashed(bytes: Uint8Array): HashedBody {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, sha256, treeHash: treeHashOf(bytes, nodeEngine) };
}

/** The same as a body that comes through one window, and is read anew for each attempt. */
export function streamed(bytes: Uint8Array): StreamedBody {
  const { sha256, treeHash } = hashed(bytes);
  return {
    size: bytes.length,
    sha256,
    treeHash,
    async *pieces() {
      const window = new Uint8Array(100_000);
      for (let at = 0; at < bytes.length; at += window.length) {
        const piece = window.subarray(0, Math.min(window.length, bytes.length - at));
        piece.set(bytes.subarray(at, at + piece.length));
        yield piece;
        window.fill(0);
      }
    },
  };
}

export const WRONG_HASH = TreeHash.parse('ab'.repeat(32));

export async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
