// The SHA-256 tree hash: what Glacier, the journal and a restored file must agree on.

import { Failure } from './failure.js';
import { engineNamed, type HashEngine, type HashEngineName, type RunningHash } from './hash-engine.js';

declare const treeHash: unique symbol;

/** 64 lower-case hex digits; as read from an old journal, any text without blanks, which then equals no real hash. */
export type TreeHash = string & { readonly [treeHash]: true };

export const TreeHash = {
  /** @throws Failure HASH_MISMATCH when the text is not 64 hex digits, so can match no content */
  parse(text: string): TreeHash {
    if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new Failure('HASH_MISMATCH', `not a tree hash: ${JSON.stringify(text)}`);
    return text.toLowerCase() as TreeHash;
  },

  /** As a journal line has it: never checked by the program that wrote it, so taken as it is. */
  recorded(text: string): TreeHash {
    return text as TreeHash;
  },

  /** From the 32 raw bytes of a digest. */
  ofDigest(digest: Uint8Array): TreeHash {
    return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex') as TreeHash;
  },
} as const;

/** Bytes under one leaf. Source: Glacier developer guide, "Computing Checksums". */
export const LEAF_SIZE = 1024 * 1024;

interface Subtree {
  readonly digest: Uint8Array;
  readonly leaves: number;
}

/**
 * Takes content piece by piece, in order, in pieces of any length, and gives its tree hash: SHA-256 of each MiB,
 * then SHA-256 of neighbours joined, level by level; an odd last one moves up unchanged.
 * Memory: a digest for each level of the tree.
 */
export class TreeHasher {
  readonly #engine: HashEngine;
  /** Complete subtrees from left to right, each larger than the next: as the ones of a binary number. */
  readonly #subtrees: Subtree[] = [];
  #open: { hash: RunningHash; size: number } | null = null;

  constructor(engine: HashEngine) {
    this.#engine = engine;
  }

  update(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at += this.#take(bytes.subarray(at));
  }

  /** Takes the next whole MiB by its SHA-256, where a leaf begins. */
  addLeaf(digest: Uint8Array): void {
    if (this.#open !== null) throw new Error('a leaf was given in the middle of another');
    this.#add(digest);
  }

  /** Ends the content. Without any content this is the SHA-256 of nothing. */
  digest(): TreeHash {
    if (this.#open !== null || this.#subtrees.length === 0) this.#closeLeaf();
    // An odd last one moves up unchanged until it meets its left neighbour.
    const root = this.#subtrees.reduceRight((right, left) => this.#joined(left, right));
    return TreeHash.ofDigest(root.digest);
  }

  /** Takes what fits into the open leaf and says how much that was. */
  #take(bytes: Uint8Array): number {
    if (this.#open === null && bytes.length >= LEAF_SIZE) {
      this.#add(this.#engine.digest(bytes.subarray(0, LEAF_SIZE)));
      return LEAF_SIZE;
    }
    this.#open ??= { hash: this.#engine.begin(), size: 0 };
    const taken = Math.min(bytes.length, LEAF_SIZE - this.#open.size);
    this.#open.hash.update(bytes.subarray(0, taken));
    this.#open.size += taken;
    if (this.#open.size === LEAF_SIZE) this.#closeLeaf();
    return taken;
  }

  #closeLeaf(): void {
    const hash = this.#open?.hash ?? this.#engine.begin();
    this.#add(hash.digest());
    this.#open = null;
  }

  #add(leaf: Uint8Array): void {
    let last: Subtree = { digest: leaf, leaves: 1 };
    while (this.#subtrees.at(-1)?.leaves === last.leaves) last = this.#joined(this.#subtrees.pop() as Subtree, last);
    this.#subtrees.push(last);
  }

  #joined(left: Subtree, right: Subtree): Subtree {
    const digest = this.#engine.digest(Buffer.concat([left.digest, right.digest]));
    return { digest, leaves: left.leaves + right.leaves };
  }
}

/** Tree hash of bytes that are in memory. */
export function treeHashOf(bytes: Uint8Array, engine: HashEngine): TreeHash {
  if (bytes.length <= LEAF_SIZE) return engine.hexDigest(bytes) as TreeHash;
  const hasher = new TreeHasher(engine);
  hasher.update(bytes);
  return hasher.digest();
}

/**
 * Tree hash of the whole from those of its parts, in order. Right only when every part but the last has the same
 * size, a power of two MiB: then each part is a complete subtree.
 * @throws RangeError without parts
 */
export function combineTreeHashes(parts: readonly TreeHash[], engine: HashEngine): TreeHash {
  const digests = parts.map((part) => Buffer.from(TreeHash.parse(part), 'hex'));
  return TreeHash.ofDigest(rootOf(digests, engine));
}

function rootOf(digests: readonly Uint8Array[], engine: HashEngine): Uint8Array {
  let level = digests;
  while (level.length > 1) level = parentsOf(level, engine);
  const [root] = level;
  if (root === undefined) throw new RangeError('a tree hash needs at least one part');
  return root;
}

function parentsOf(level: readonly Uint8Array[], engine: HashEngine): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array;
    const right = level[i + 1];
    parents.push(right === undefined ? left : engine.digest(Buffer.concat([left, right])));
  }
  return parents;
}

/** The engine of this name, once it has given the known answers. @throws Error as `selfTest` */
export async function trustedEngine(name: HashEngineName): Promise<HashEngine> {
  const engine = await engineNamed(name);
  selfTest(engine);
  return engine;
}

/**
 * Known answers, computed before anything is trusted to the engine: one leaf, and a tree of three leaves.
 * @throws Error when the engine gives a wrong answer: nothing on this machine can then be believed
 */
export function selfTest(engine: HashEngine): void {
  const pieces = new Uint8Array(2 * LEAF_SIZE + 1).fill(0x61);
  const streamed = new TreeHasher(engine);
  for (let at = 0; at < pieces.length; at += 700_001) streamed.update(pieces.subarray(at, at + 700_001));
  const wrong = (is: TreeHash, due: string): boolean => is !== due;
  if (
    wrong(treeHashOf(new TextEncoder().encode('hello'), engine), HELLO) ||
    wrong(treeHashOf(pieces, engine), TWO_MIB_AND_ONE) ||
    wrong(streamed.digest(), TWO_MIB_AND_ONE)
  ) {
    throw new Error(`the ${engine.name} hash engine of this machine computes wrong SHA-256 tree hashes`);
  }
}

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const TWO_MIB_AND_ONE = 'b4c40de8c0f297322b07d3be87d1228c6f2f45b75c8c515def68bf5e2e228592';
