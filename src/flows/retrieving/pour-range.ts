// Fetching some bytes of an archive from retrievals of subtrees of it: in order, each proven before it is passed on, cut to what is wanted.

import type { Archive } from '../../model/archive.js';
import type { HashEngine } from '../../model/hash-engine.js';
import type { ByteRange } from '../../model/parts.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import { assertProven, type FetchRequest } from './fetch.js';
import type { Sink } from './pour.js';
import { provenInOrder, segmentSizeOf, type WantedSegment } from './proven-segments.js';
import type { ReadyRange } from './range-standing.js';

export interface PourRangePorts {
  readonly transfer: Pick<Transfer, 'fetchRange'>;
  readonly engine: HashEngine;
}

/** Whose word the bytes were held against. */
export type Proof = 'journal' | 'vault';

interface SegmentOfArchive extends WantedSegment {
  /** Where it lies in the archive; `range` says where in what can be read. */
  readonly place: ByteRange;
}

/**
 * Passes on the wanted bytes, and no others. Each segment is a subtree of the archive, whose tree hash is compared with
 * what the vault says of it. Where that takes all segments of the archive, the last one waits until the tree hash of
 * the whole is the journal's. Memory: `width` segments.
 * @param ready side by side, and holding all that is wanted
 * @throws Failure HASH_MISMATCH, or what the vault or the sink throws
 */
export async function pourRange(
  archive: Archive,
  wanted: ByteRange,
  ready: readonly ReadyRange[],
  request: FetchRequest,
  { sink, ...ports }: PourRangePorts & { readonly sink: Sink },
  halt: Halt,
): Promise<Proof | 'cut short'> {
  const segmentSize = segmentSizeOf(request);
  const room = Math.min(segmentSize, Math.max(...ready.map(({ subtree }) => subtree.end - subtree.start)));
  const segments = segmentsHolding(wanted, ready, segmentSize);
  const hashes: TreeHash[] = [];
  /** Up to where the archive was fetched from its beginning on; null when something was left out. */
  let fetched: number | null = 0;
  for await (const { segment, bytes, treeHash } of provenInOrder(segments, room, request.width, ports, halt)) {
    const { start, end } = segment.place;
    hashes.push(treeHash);
    fetched = fetched === start ? end : null;
    if (fetched === archive.size) {
      assertProven(archive, combineTreeHashes(hashes, ports.engine), 'its end was kept back');
    }
    const cut = bytes.subarray(Math.max(0, wanted.start - start), Math.min(end, wanted.end) - start);
    if ((await sink(cut, halt.now)) === 'gone') return 'cut short';
  }
  return fetched === archive.size ? 'journal' : 'vault';
}

/** How many bytes `pourRange` fetches. */
export function bytesToFetch(wanted: ByteRange, ready: readonly ReadyRange[], request: FetchRequest): number {
  const spans = ready.map((one) => spanHolding(wanted, one, segmentSizeOf(request)));
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

function* segmentsHolding(
  wanted: ByteRange,
  retrieved: readonly ReadyRange[],
  segmentSize: number,
): Generator<SegmentOfArchive> {
  for (const one of retrieved) {
    const { held, retrieval: ready } = one;
    const span = spanHolding(wanted, one, segmentSize);
    for (let { start } = span; start < span.end; start += segmentSize) {
      const end = Math.min(start + segmentSize, span.end);
      const range = { start: start - held.start, end: end - held.start };
      yield { ready, range, place: { start, end }, mustBeTold: true };
    }
  }
}

/** The segments of the subtree that hold something wanted, as one. */
function spanHolding(wanted: ByteRange, { subtree }: ReadyRange, segmentSize: number): ByteRange {
  const { start, end } = subtree;
  const before = Math.floor(Math.max(0, wanted.start - start) / segmentSize) * segmentSize;
  const until = Math.ceil((Math.min(end, wanted.end) - start) / segmentSize) * segmentSize;
  return { start: start + before, end: Math.min(start + until, end) };
}
