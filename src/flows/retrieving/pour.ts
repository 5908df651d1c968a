// Fetching one archive as a stream: segments in order, each proven before it is passed on, the last only when all are.

import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import type { HashEngine } from '../../model/hash-engine.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';
import { assertFits, assertProven, type FetchRequest } from './fetch.js';
import { provenSegments } from './proven-segments.js';

/** Takes bytes, and says whether anybody is still there to take more. The bytes are its own until it has answered. */
export type Sink = (bytes: Uint8Array, signal: AbortSignal) => Promise<'taken' | 'gone'>;

export interface PourPorts {
  readonly transfer: Pick<Transfer, 'fetchRange'>;
  readonly engine: HashEngine;
  readonly report: Report;
  readonly sink: Sink;
}

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
  const hashes: TreeHash[] = [];
  for await (const { range, bytes, treeHash } of provenSegments(ready, request, ports, halt)) {
    hashes.push(treeHash);
    if (range.end === size) assertProven(archive, combineTreeHashes(hashes, ports.engine), 'its end was kept back');
    if ((await ports.sink(bytes, halt.now)) === 'gone') return 'cut short';
  }
  ports.report({ event: 'restored', path, size, archiveId: id, resumed: 0 });
  return 'whole';
}
