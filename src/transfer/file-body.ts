// A range of a file on its way to the vault: in memory, or read twice, to be hashed and to be sent.

import type { Place } from '../disk/place.js';
import { fileChanged, openSource, PIECE_SIZE, readPiece, type Source } from '../disk/source.js';
import { BothHasher, type BothHashes } from '../model/both-hashes.js';
import { Failure } from '../model/failure.js';
import type { HashEngine } from '../model/hash-engine.js';
import type { LocalFile } from '../model/local-file.js';
import { type ByteRange, MIB } from '../model/parts.js';
import { LEAF_SIZE, treeHashOf } from '../model/tree-hash.js';
import type { Body, StreamedBody } from '../vault/port.js';
import type { LaneBuffer } from './lane-buffer.js';
import { inReadingTurn, mediumOf, type ReadingTurn } from './reading-turn.js';

/** Bytes from which on a body is better read twice than held. */
export const STREAM_FROM = 64 * MIB;

/** Bytes of memory for reading what need not be kept: one piece is read while another is hashed or sent. */
export const WINDOW = 2 * LEAF_SIZE;

/** Bytes that are read without waiting, and have one hash for both. */
const AT_ONCE = Math.min(PIECE_SIZE, LEAF_SIZE);

export interface FileBodyOptions {
  readonly engine: HashEngine;
  /** Bodies of so many bytes or more are streamed. */
  readonly streamFrom: number;
  /** Where the files are. */
  readonly place: Pick<Place, 'locate' | 'encoding'>;
  /** Where files are read one after another: the turn at it. */
  readonly reading?: ReadingTurn | undefined;
}

/**
 * Hashes the range of the file both ways and gives what `send` makes of it. What `send` is given is good until it ends.
 * @throws Failure FILE_… as the source does; FILE_CHANGED also when what was sent is refused because it is no longer
 * what was hashed
 */
export function withFileBody<T>(
  file: LocalFile,
  range: ByteRange,
  lane: LaneBuffer,
  options: FileBodyOptions,
  signal: AbortSignal,
  send: (body: Body) => Promise<T>,
): T | Promise<T> {
  const { place, engine, reading, streamFrom } = options;
  const size = range.end - range.start;
  if (size >= streamFrom) {
    const source = openSource(place, file, mediumOf(reading));
    return streamed(source, { file, range, window: lane.ofSize(WINDOW), engine, reading }, signal, send);
  }
  const bytes = lane.ofSize(size);
  const read = (): BothHashes | Promise<BothHashes> =>
    size > AT_ONCE
      ? hashesOf(openSource(place, file, mediumOf(reading)), range, bytes, engine, signal)
      : hashesAtOnce(place, file, range.start, bytes, engine, signal);
  const hashes = inReadingTurn(reading, signal, read);
  if (hashes instanceof Promise) return hashes.then(({ sha256, treeHash }) => send({ bytes, sha256, treeHash }));
  return send({ bytes, sha256: hashes.sha256, treeHash: hashes.treeHash });
}

function hashesAtOnce(
  place: FileBodyOptions['place'],
  file: LocalFile,
  at: number,
  bytes: Uint8Array,
  engine: HashEngine,
  signal: AbortSignal,
): BothHashes {
  readPiece(place, file, at, bytes, signal);
  const treeHash = treeHashOf(bytes, engine);
  return { sha256: treeHash, treeHash };
}

/** The file is closed before anything is sent, which may take long. */
async function hashesOf(
  opened: Source,
  range: ByteRange,
  bytes: Uint8Array,
  engine: HashEngine,
  signal: AbortSignal,
): Promise<BothHashes> {
  await using source = opened;
  return await hashBoth(source, range, bytes, engine, signal);
}

/** Reads the range and hashes it both ways while it is in cache. */
async function hashBoth(
  source: Source,
  range: ByteRange,
  bytes: Uint8Array,
  engine: HashEngine,
  signal: AbortSignal,
): Promise<BothHashes> {
  const hasher = new BothHasher(engine);
  for await (const piece of source.pieces(range, bytes, signal)) hasher.update(piece);
  return hasher.digest();
}

interface Streamed {
  readonly file: LocalFile;
  readonly range: ByteRange;
  readonly window: Uint8Array;
  readonly engine: HashEngine;
  readonly reading: ReadingTurn | undefined;
}

async function streamed<T>(
  opened: Source,
  { file, range, window, engine, reading }: Streamed,
  signal: AbortSignal,
  send: (body: Body) => Promise<T>,
): Promise<T> {
  await using source = opened;
  // What was read last is in the system's cache when it is sent: only the first reading waits for its turn.
  const hashes = await inReadingTurn(reading, signal, () => hashBoth(source, range, window, engine, signal));
  const pieces: StreamedBody['pieces'] = (aborted) => source.pieces(range, window, aborted);
  try {
    return await send({ size: range.end - range.start, ...hashes, pieces });
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.code === 'HASH_MISMATCH')) throw thrown;
    // The vault got other bytes than were hashed: on the way, or because somebody has written to the file in between
    // and has put its time back.
    const { treeHash } = await hashBoth(source, range, window, engine, signal);
    throw treeHash === hashes.treeHash ? thrown : fileChanged(file.path);
  }
}
