// Which ranges of an archive are complete subtrees of its hash tree, so that the vault tells their tree hash.

import type { ByteRange } from '../model/parts.js';
import { LEAF_SIZE } from '../model/tree-hash.js';

/**
 * Source: Glacier developer guide, "Receiving Checksums When Downloading Data": counted in leaves, a range of a
 * power of two that starts at a multiple of itself, or one that ends the archive and starts where such a range would.
 */
export function isTreeAligned(range: ByteRange, size: number): boolean {
  if (range.start % LEAF_SIZE !== 0) return false;
  const first = range.start / LEAF_SIZE;
  const count = Math.ceil(range.end / LEAF_SIZE) - first;
  const subtree = 2 ** Math.ceil(Math.log2(count));
  if (range.end === size) return first % subtree === 0;
  return range.end % LEAF_SIZE === 0 && count === subtree && first % count === 0;
}
