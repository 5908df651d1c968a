// Linear and tree hash of one content, as a body on its way to Glacier needs both.

import type { HashEngine, RunningHash } from './hash-engine.js';
import { LEAF_SIZE, TreeHash, TreeHasher } from './tree-hash.js';

export interface BothHashes {
  /** SHA-256 of the whole, in hex. */
  readonly sha256: string;
  readonly treeHash: TreeHash;
}

/**
 * Takes content piece by piece, in order, in pieces of any length. Both hashes begin with the SHA-256 of the first MiB,
 * which is computed once: a content of at most that much is hashed once, and of 16 MiB 31 are hashed instead of 32.
 */
export class BothHasher {
  readonly #tree: TreeHasher;
  readonly #linear: RunningHash;
  #size = 0;

  constructor(engine: HashEngine) {
    this.#tree = new TreeHasher(engine);
    this.#linear = engine.begin();
  }

  update(bytes: Uint8Array): void {
    const first = bytes.subarray(0, Math.max(0, LEAF_SIZE - this.#size));
    if (first.length > 0) this.#takeFirst(first);
    const rest = bytes.subarray(first.length);
    if (rest.length === 0) return;
    this.#linear.update(rest);
    this.#tree.update(rest);
    this.#size += rest.length;
  }

  /** Ends the content. */
  digest(): BothHashes {
    const sha256 = TreeHash.ofDigest(this.#linear.digest());
    return { sha256, treeHash: this.#size <= LEAF_SIZE ? sha256 : this.#tree.digest() };
  }

  #takeFirst(bytes: Uint8Array): void {
    this.#linear.update(bytes);
    this.#size += bytes.length;
    if (this.#size === LEAF_SIZE) this.#tree.addLeaf(this.#linear.soFar());
  }
}
