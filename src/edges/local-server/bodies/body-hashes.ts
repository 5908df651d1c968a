// Both hashes of a body on its way in: here for small ones, in a thread of their own for others.

import { createHash } from 'node:crypto';
import { LeafHasher, treeHashOfLeaves } from '../vault/leaves.js';

/** How much of a body is hashed and written at once; a leaf of its tree, so that each thread's work is one. */
export const PIECE_SIZE = 1024 * 1024;

export interface BodyHashes {
  /** Hex. */
  readonly sha256: string;
  readonly treeHash: string;
  /** 32 bytes for each MiB; null for a body of one leaf, which is its own tree hash. */
  readonly leaves: Buffer | null;
}

/** Takes a body in pieces of `PIECE_SIZE`, the last of which may be shorter. */
export interface BodyHasher extends Disposable {
  /** Resolves when the piece was taken, and its memory may be used again. */
  update(piece: Buffer): Promise<void> | void;
  digest(): Promise<BodyHashes> | BodyHashes;
}

/** Up to one leaf: the tree hash is the plain hash, so the bytes are hashed once. */
export class WholeHasher implements BodyHasher {
  readonly #hash = createHash('sha256');

  update(piece: Buffer): void {
    this.#hash.update(piece);
  }

  digest(): BodyHashes {
    const sha256 = this.#hash.digest('hex');
    return { sha256, treeHash: sha256, leaves: null };
  }

  [Symbol.dispose](): void {
    // It has nothing but memory.
  }
}

export class BothHasher implements BodyHasher {
  readonly #whole = createHash('sha256');
  readonly #leaves = new LeafHasher();

  update(piece: Buffer): void {
    this.#whole.update(piece);
    this.#leaves.update(piece);
  }

  digest(): BodyHashes {
    return hashesOf(this.#whole.digest('hex'), this.#leaves.digest());
  }

  [Symbol.dispose](): void {
    // It has nothing but memory.
  }
}

export function hashesOf(sha256: string, leaves: Buffer): BodyHashes {
  return { sha256, treeHash: treeHashOfLeaves(leaves), leaves };
}
