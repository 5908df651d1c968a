// What can be read of a retrieval, in memory and in order: each segment is given when the vault's word of it is proven.

import { type ByteRange, MIB, rangesOf } from '../../model/parts.js';
import type { TreeHash } from '../../model/tree-hash.js';
import type { Halt } from '../../transfer/concurrently.js';
import { inOrder } from '../../transfer/in-order.js';
import type { RangeWriter, Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';
import type { FetchRequest } from './fetch.js';

export interface ProvenSegment {
  /** Counted from the first byte that can be read: of a retrieval of a range, from the start of that range. */
  readonly range: ByteRange;
  /** Good until the next segment is asked for. */
  readonly bytes: Uint8Array;
  readonly treeHash: TreeHash;
}

/** Bytes a segment where the archive was to come in one piece: what waits for its proof waits in memory. */
const SEGMENT_IN_MEMORY = 16 * MIB;

/** Some bytes that can be read of a retrieval, counted as those of `ProvenSegment`. */
export interface WantedSegment {
  readonly ready: ReadyRetrieval;
  readonly range: ByteRange;
  /** Nothing else proves it. */
  readonly mustBeTold?: true;
}

/** What is held in memory at once: `width` segments of up to `segmentSize` bytes. */
export function segmentSizeOf({ segmentSize }: FetchRequest): number {
  return Number.isFinite(segmentSize) ? segmentSize : SEGMENT_IN_MEMORY;
}

interface Ports {
  readonly transfer: Pick<Transfer, 'fetchRange'>;
}

/**
 * All that can be read, in order. A segment that arrives other than the vault says is fetched again, and it alone. Where
 * a range was retrieved, the vault says something of its segments only if the range is a subtree of the archive's hash
 * tree: see `isTreeAligned`. Memory: `width` segments.
 * @throws Failure HASH_MISMATCH when a segment goes on arriving wrong, or what the vault throws
 */
export async function* provenSegments(
  ready: ReadyRetrieval,
  request: FetchRequest,
  ports: Ports,
  halt: Halt,
): AsyncGenerator<ProvenSegment> {
  const segmentSize = segmentSizeOf(request);
  yield* provenInOrder(segmentsOf(ready, segmentSize), Math.min(segmentSize, ready.size), request.width, ports, halt);
}

function* segmentsOf(ready: ReadyRetrieval, segmentSize: number): Generator<WantedSegment> {
  for (const range of rangesOf(ready.size, segmentSize)) yield { ready, range };
}

/** The same of any segments, in their order. @param room bytes of the longest */
export async function* provenInOrder<S extends WantedSegment>(
  segments: Iterable<S>,
  room: number,
  width: number,
  { transfer }: Ports,
  halt: Halt,
): AsyncGenerator<ProvenSegment & { readonly segment: S }> {
  const free: Uint8Array[] = [];
  const fetched = inOrder(segments, width, halt, async (segment, signal) => {
    const { ready, range } = segment;
    const memory = free.pop() ?? new Uint8Array(room);
    const treeHash = await transfer.fetchRange(ready, range, writerInto(memory, segment), signal);
    return { segment, range, memory, treeHash };
  });
  for await (const { segment, range, memory, treeHash } of fetched) {
    yield { segment, range, bytes: memory.subarray(0, range.end - range.start), treeHash };
    free.push(memory);
  }
}

/** A place in memory for the range, which may be fetched more than once. */
function writerInto(memory: Uint8Array, { range: { start }, mustBeTold }: WantedSegment): RangeWriter {
  const write = async (bytes: Uint8Array, at: number): Promise<void> => memory.set(bytes, at - start);
  return mustBeTold === undefined ? { write } : { write, mustBeTold };
}
