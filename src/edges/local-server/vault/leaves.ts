// Leaf hashes: 32 bytes for every MiB of a body, from which the tree hash of any aligned range follows.

import { nodeEngine, type RunningHash } from '../../../model/hash-engine.js';
import { combineTreeHashes, LEAF_SIZE, TreeHash } from '../../../model/tree-hash.js';

const DIGEST_SIZE = 32;

/** Takes a body piece by piece and keeps one SHA-256 for each MiB. */
export class LeafHasher {
  readonly #leaves: Uint8Array[] = [];
  #open: RunningHash | null = null;
  #openSize = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.subarray(at, at + LEAF_SIZE - this.#openSize);
      this.#open ??= nodeEngine.begin();
      this.#open.update(taken);
      this.#openSize += taken.length;
      if (this.#openSize === LEAF_SIZE) this.#close();
      at += taken.length;
    }
  }

  /** Ends the body. */
  digest(): Buffer {
    if (this.#open !== null) this.#close();
    return Buffer.concat(this.#leaves);
  }

  #close(): void {
    if (this.#open !== null) this.#leaves.push(this.#open.digest());
    this.#open = null;
    this.#openSize = 0;
  }
}

/** Of a body of `size` bytes. */
export function leafCountOf(size: number): number {
  return Math.ceil(size / LEAF_SIZE);
}

/** Tree hash over leaves that lie one after another; a leaf is its own tree hash. */
export function treeHashOfLeaves(leaves: Buffer): string {
  const hashes: TreeHash[] = [];
  for (let at = 0; at < leaves.length; at += DIGEST_SIZE) {
    hashes.push(TreeHash.ofDigest(leaves.subarray(at, at + DIGEST_SIZE)));
  }
  return combineTreeHashes(hashes, nodeEngine);
}

/** Leaves `first` up to, not including, `end`. */
export function sliceOfLeaves(leaves: Buffer, first: number, end: number): Buffer {
  return leaves.subarray(first * DIGEST_SIZE, end * DIGEST_SIZE);
}

/**
 * Whether bytes `start` up to, not including, `end` are a whole subtree of an archive of `size` bytes, so that their
 * tree hash is a node of the archive's tree.
 * Source: Glacier developer guide, "Receiving Checksums When Downloading Data"; closed form of its prose.
 */
export function isTreeAligned(start: number, end: number, size: number): boolean {
  if (start % LEAF_SIZE !== 0 || (end % LEAF_SIZE !== 0 && end !== size)) return false;
  const first = start / LEAF_SIZE;
  const length = leafCountOf(end) - first;
  const wholeTree = 2 ** Math.ceil(Math.log2(length));
  const complete = end === size || wholeTree === length;
  return complete && first % wholeTree === 0;
}
