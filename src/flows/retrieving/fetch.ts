// Fetching one archive: ranges into a hidden file, proof, and only then the name.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Landing, LandingContent } from '../../disk/landing.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { asFailure, Failure } from '../../model/failure.js';
import type { HashEngine } from '../../model/hash-engine.js';
import { type ByteRange, rangesOf } from '../../model/parts.js';
import { printable } from '../../model/rel-path.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';

export interface FetchPorts {
  readonly directory: Pick<KeptDirectory, 'land'>;
  readonly transfer: Pick<Transfer, 'fetchRange' | 'hasLanded'>;
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
 * Puts the archive's content in its file's place. The file appears only when its tree hash is the journal's. Of what
 * comes in several segments those that have landed are kept when this fails, and the next fetch goes on from there.
 * @throws Failure HASH_MISMATCH, or what the vault or the disk throws; there is nothing in the place then
 */
export async function fetch(
  archive: Archive,
  ready: ReadyRetrieval,
  request: FetchRequest,
  ports: FetchPorts,
  halt: Halt,
): Promise<void> {
  const { path, size, id } = archive;
  assertFits(archive, ready);
  await using landing = await ports.directory.land(path, size, contentOf(archive, request));
  const resumed = await landSegments({ archive, ready, request, landing }, ports, halt);
  await landing.finish(archive.mtime);
  ports.report({ event: 'restored', path, size, archiveId: id, resumed });
}

/** What comes in one segment is not worth keeping a part of. */
function contentOf({ id, size, treeHash }: Archive, { segmentSize }: FetchRequest): LandingContent | null {
  return segmentSize < size ? { archive: id, treeHash, segmentSize } : null;
}

interface Fetching {
  readonly archive: Archive;
  readonly ready: ReadyRetrieval;
  readonly request: FetchRequest;
  readonly landing: Landing;
}

/**
 * Has every segment there and proven, and the whole. Gives the bytes that were there before.
 * @throws Failure HASH_MISMATCH when the vault has other content than the journal says
 */
async function landSegments(fetching: Fetching, ports: FetchPorts, halt: Halt): Promise<number> {
  const { archive, request, landing } = fetching;
  const { path, size } = archive;
  const segmentSize = landing.memory?.segmentSize ?? Math.min(request.segmentSize, size);
  const hashes: TreeHash[] = [];
  const before: ByteRange[] = [];
  await forEachConcurrently(rangesOf(size, segmentSize), request.width, halt, async (range) => {
    const landed = await landedBefore(range, landing, ports, halt);
    if (landed !== null) before.push(range);
    hashes[range.start / segmentSize] = landed ?? (await fetchSegment(range, fetching, ports, halt));
  });
  const resumed = bytesOf(before);
  if (resumed === 0 || combineTreeHashes(hashes, ports.engine) === archive.treeHash) {
    assertWhole(fetching, hashes, ports);
    return resumed;
  }
  // The vault is to blame only for what it has sent to this run.
  const message = `what an earlier run had fetched of ${printable(path)} does not fit, and is fetched again`;
  ports.report({ event: 'notice', topic: 'download-again', message, hint: null });
  ports.report({ event: 'ahead', files: 0, bytes: resumed });
  await forEachConcurrently(before, request.width, halt, async (range) => {
    hashes[range.start / segmentSize] = await fetchSegment(range, fetching, ports, halt);
  });
  assertWhole(fetching, hashes, ports);
  return 0;
}

/** The segment's tree hash if an earlier run has landed it, and all of it is still there. */
async function landedBefore(
  range: ByteRange,
  { file, memory }: Landing,
  { transfer }: FetchPorts,
  halt: Halt,
): Promise<TreeHash | null> {
  const claimed = memory?.claims.get(range.start);
  if (claimed === undefined) return null;
  return (await transfer.hasLanded(file, range, claimed, halt.now)) ? claimed : null;
}

async function fetchSegment(
  range: ByteRange,
  { archive: { path, size }, ready, landing }: Fetching,
  { transfer, report }: FetchPorts,
  halt: Halt,
): Promise<TreeHash> {
  const { start: at, end } = range;
  const treeHash = await transfer.fetchRange(ready, range, landing, halt.now);
  await landing.landed(end - at);
  await landing.memory?.note(at, treeHash);
  if (end - at < size) report({ event: 'segment-fetched', path, at, size: end - at });
  return treeHash;
}

function bytesOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

function assertWhole({ archive, landing }: Fetching, hashes: readonly TreeHash[], { engine }: FetchPorts): void {
  const treeHash = combineTreeHashes(hashes, engine);
  if (treeHash !== archive.treeHash) landing.giveUp();
  assertProven(archive, treeHash);
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
