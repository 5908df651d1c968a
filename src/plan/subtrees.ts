// Which parts of an archive to ask for when only some of its bytes are wanted: subtrees of its hash tree, so that the vault tells the hash of each.

import type { ByteRange } from '../model/parts.js';
import { LEAF_SIZE } from '../model/tree-hash.js';

/**
 * A subtree more is worth as many bytes as this. At Standard prices a request costs what 5 MiB cost, at Bulk prices 10;
 * and each is one more thing to wait for. It is the same for every tier, so that the same range is the same subtrees
 * whoever asks, and nothing is paid for twice.
 */
const WORTH_OF_A_REQUEST = 16 * LEAF_SIZE;

/**
 * The subtrees that hold the wanted bytes, from left to right and side by side, with as few bytes beside them as pays.
 * Each begins at a multiple of a power of two MiB, and ends as many further or with the archive.
 * @param wanted not empty, within the archive
 */
export function subtreesHolding(wanted: ByteRange, size: number): readonly ByteRange[] {
  if (wanted.start < 0 || wanted.start >= wanted.end || wanted.end > size) throw new RangeError('no such range');
  let span = LEAF_SIZE;
  while (span < size) span *= 2;
  return cheapest(0, span, wanted, size).subtrees;
}

interface Cover {
  readonly subtrees: readonly ByteRange[];
  readonly bytes: number;
}

const NOTHING: Cover = { subtrees: [], bytes: 0 };

/** Of the subtree of `span` bytes at `start`: all of it, or what is cheapest of its two halves. */
function cheapest(start: number, span: number, wanted: ByteRange, size: number): Cover {
  const end = Math.min(start + span, size);
  if (end <= wanted.start || start >= wanted.end) return NOTHING;
  const whole: Cover = { subtrees: [{ start, end }], bytes: end - start };
  const isAllWanted = wanted.start <= start && end <= wanted.end;
  if (isAllWanted || span === LEAF_SIZE) return whole;
  const half = span / 2;
  const halves = joined(cheapest(start, half, wanted, size), cheapest(start + half, half, wanted, size));
  return worthOf(halves) < worthOf(whole) ? halves : whole;
}

function joined(left: Cover, right: Cover): Cover {
  return { subtrees: [...left.subtrees, ...right.subtrees], bytes: left.bytes + right.bytes };
}

function worthOf({ subtrees, bytes }: Cover): number {
  return bytes + subtrees.length * WORTH_OF_A_REQUEST;
}
