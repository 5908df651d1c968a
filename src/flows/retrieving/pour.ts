// Fetching one archive as a stream: segments in order, each proven before it is passed on, the last only when all are.

import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import type { HashEngine } from '../../model/hash-engine.js';
import { type ByteRange, MIB, rangesOf } from '../../model/parts.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import type { Halt } from '../../transfer/concurrently.js';
import { inOrder } from '../../transfer/in-order.js';
import type { Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';
import { assertFits, assertProven, type FetchRequest } from './fetch.js';

/** Takes bytes, and says whether anybody is still there to take more. The bytes are its own until it has answered. */
export type Sink = (bytes: Uint8Array, signal: AbortSignal) => Promise<'taken' | 'gone'>;

export interface PourPorts {
  readonly transfer: Pick<Transfer, 'fetchRange'>;
  readonly engine: HashEngine;
  readonly report: Report;
  readonly sink: Sink;
}

/** Bytes a segment where the archive was to come in one piece: what waits for its proof waits in memory. */
const SEGMENT_IN_MEMORY = 16 * MIB;

/**
 * Passes the archive's content on. Each segment's tree hash is compared with what the vault says of it, and its last
 * segment waits until the tree hash of the whole is the journal's: wrong content never arrives complete.
 * Memory: `width` segments.
 * @throws Failure HASH_MISMATCH, or what the vault or the sink throws
 */
export async function pour(
  archive: Archive,
  ready: ReadyRetrieval,
  request: FetchRequest,
  ports: PourPorts,
  halt: Halt,
): Promise<'whole' | 'cut short'> {
  const { path, size, id } = archive;
  assertFits(archive, ready);
  const segmentSize = Number.isFinite(request.segmentSize) ? request.segmentSize : SEGMENT_IN_MEMORY;
  const free: Uint8Array[] = [];
  const fetched = inOrder(rangesOf(size, segmentSize), request.width, halt, async (range, signal) => {
    const memory = free.pop() ?? new Uint8Array(Math.min(segmentSize, size));
    const treeHash = await ports.transfer.fetchRange(ready, range, writerInto(memory, range), signal);
    return { range, memory, treeHash };
  });
  const hashes: TreeHash[] = [];
  for await (const { range, memory, treeHash } of fetched) {
    hashes.push(treeHash);
    if (range.end === size) assertProven(archive, combineTreeHashes(hashes, ports.engine), 'its end was kept back');
    if ((await ports.sink(memory.subarray(0, range.end - range.start), halt.now)) === 'gone') return 'cut short';
    free.push(memory);
  }
  ports.report({ event: 'restored', path, size, archiveId: id });
  return 'whole';
}

/** A place in memory for the range, which may be fetched more than once. */
function writerInto(memory: Uint8Array, { start }: ByteRange) {
  return { write: async (bytes: Uint8Array, at: number): Promise<void> => memory.set(bytes, at - start) };
}
