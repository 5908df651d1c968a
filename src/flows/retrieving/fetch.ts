// Fetching one archive: ranges into a hidden file, proof, and only then the name.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { asFailure, Failure } from '../../model/failure.js';
import type { HashEngine } from '../../model/hash-engine.js';
import { rangesOf } from '../../model/parts.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';

export interface FetchPorts {
  readonly directory: Pick<KeptDirectory, 'land'>;
  readonly transfer: Pick<Transfer, 'fetchRange'>;
  readonly engine: HashEngine;
  readonly report: Report;
}

export interface FetchRequest {
  /** Bytes a request: 1 MiB times a power of two, or Infinity for one request a file. */
  readonly segmentSize: number;
  /** Requests that may be under way at once. */
  readonly width: number;
}

/**
 * Puts the archive's content in its file's place. The file appears only when its tree hash is the journal's.
 * @throws Failure HASH_MISMATCH, or what the vault or the disk throws; nothing is left in the place then
 */
export async function fetch(
  archive: Archive,
  ready: ReadyRetrieval,
  request: FetchRequest,
  ports: FetchPorts,
  halt: Halt,
): Promise<void> {
  const { path, size } = archive;
  assertFits(archive, ready);
  await using landing = await ports.directory.land(path, size);
  const segment = Math.min(request.segmentSize, size);
  const hashes: TreeHash[] = [];
  await forEachConcurrently(rangesOf(size, segment), request.width, halt, async (range) => {
    const { start: at, end } = range;
    hashes[at / segment] = await ports.transfer.fetchRange(ready, range, landing, halt.now);
    if (segment < size) ports.report({ event: 'segment-fetched', path, at, size: end - at });
  });
  assertProven(archive, combineTreeHashes(hashes, ports.engine));
  await landing.finish(archive.mtime);
  ports.report({ event: 'restored', path, size, archiveId: archive.id });
}

/** What can be read is as long as the journal says. @throws Failure HASH_MISMATCH */
export function assertFits({ size }: Archive, ready: ReadyRetrieval): void {
  if (ready.size !== size) {
    throw new Failure('HASH_MISMATCH', `the vault has ${ready.size} bytes for this file, the journal ${size}`);
  }
  if (size === 0) throw new Failure('HASH_MISMATCH', 'the journal says that this archive is empty, and no archive is');
}

/** What was fetched is what the journal says. @throws Failure HASH_MISMATCH */
export function assertProven(archive: Archive, treeHash: TreeHash, spared = 'the file was not written'): void {
  if (treeHash === archive.treeHash) return;
  throw new Failure(
    'HASH_MISMATCH',
    `what was fetched has tree hash ${treeHash}, the journal says ${archive.treeHash}`,
    { hint: `${spared}; is this the journal of this vault?` },
  );
}

/** Counts what was brought, or was to be, and is not what the journal says. */
export async function countingMismatches<T>(tally: { mismatches: number }, bringing: Promise<T>): Promise<T> {
  return bringing.catch((thrown: unknown) => {
    if (asFailure(thrown).code === 'HASH_MISMATCH') tally.mismatches++;
    throw thrown;
  });
}
