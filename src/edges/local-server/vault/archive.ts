// An archive as its vault's log tells of it.

export interface Archive {
  readonly id: string;
  /** Its place in the order of storing. */
  readonly sequence: number;
  readonly size: number;
  readonly treeHash: string;
  readonly description: string;
  readonly createdAt: number;
  /** The files that make it up, in order; null for one file under its own name. */
  readonly parts: Parts | null;
  /** Its bytes were checked and not kept. */
  readonly discarded: boolean;
}

interface Parts {
  readonly partSize: number;
  readonly files: readonly string[];
  /** Their tree hashes, 32 bytes each. */
  readonly hashes: Buffer;
}
