// Both hashes of a body, computed as it comes in piece by piece.

import { createHash } from 'node:crypto';
import { LeafHasher, treeHashOfLeaves } from '../vault/leaves.js';
import { writeAll } from './body-file.js';

/** What a body came to. */
export interface BodyHashes {
  /** Hex. */
  readonly sha256: string;
  readonly treeHash: string;
  /** 32 bytes for each MiB; null for a body of one leaf, which is its own tree hash. */
  readonly leaves: Buffer | null;
}

/** What a body comes to, piece by piece; each is written to a file first, where there is one. */
export class RunningBody {
  readonly #whole = createHash('sha256');
  readonly #leaves = new LeafHasher();
  readonly #file: number | null;

  /** @param file descriptor of a file to append to; null for a body that nobody wants to keep */
  constructor(file: number | null) {
    this.#file = file;
  }

  take(piece: Uint8Array): void {
    if (this.#file !== null) writeAll(this.#file, piece);
    this.#whole.update(piece);
    this.#leaves.update(piece);
  }

  digest(): { readonly sha256: string; readonly leaves: Buffer } {
    return { sha256: this.#whole.digest('hex'), leaves: this.#leaves.digest() };
  }
}

export function hashesOf(sha256: string, leaves: Buffer): BodyHashes {
  return { sha256, treeHash: treeHashOfLeaves(leaves), leaves };
}
