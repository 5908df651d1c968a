// Reads a file that is to be stored or compared, and notices when it is no longer the file that was found.

import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { LocalFile } from '../model/local-file.js';
import type { ByteRange } from '../model/parts.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { readFailure } from './disk-failure.js';
import { localFile } from './file-status.js';
import { Pieces, type Reads } from './pieces.js';
import { type Place, unnameable } from './place.js';

/** Bytes read at a time; up to so many are read without waiting. */
export const PIECE_SIZE = 1024 * 1024;

/**
 * An open file. All methods throw Failure FILE_UNREADABLE, FILE_CHANGED. When it is disposed of nothing is being read
 * any more, so that the buffer can serve again.
 */
export interface Source extends AsyncDisposable {
  /**
   * The bytes of the range in order, in pieces of at most 1 MiB, each a view of `buffer`. A buffer that holds the
   * range has all of it at the end; a shorter one, of whole MiBs, is filled again from its start, and then a piece
   * is good only until the next is asked for. What the system has in its cache is read without waiting, which costs less
   * than a thread that reads it, and others have their turn between two pieces; where it takes long, and there is room for
   * two, the next is read meanwhile. Before the last piece is given, the file is known to be unchanged: who passes pieces on has not passed on all when it was not.
   * @throws Failure INTERRUPTED
   */
  pieces(range: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Size and modification time, to the nanosecond, are still those of the beginning. */
  assertUnchanged(): void;
}

/** What files lie on; from what is slow more than one piece is never read without waiting. */
export type Medium = 'fast' | 'slow';

/**
 * Opens a file that a walk has found.
 * @throws Failure FILE_VANISHED, FILE_UNREADABLE, NAME_REFUSED, FILE_CHANGED when it has another size or time than was
 * found
 */
export function openSource(
  place: Pick<Place, 'locate' | 'encoding'>,
  file: LocalFile,
  medium: Medium = 'fast',
): Source {
  return opened(place, file, medium);
}

/**
 * Fills the buffer, of `PIECE_SIZE` at most, from a file that a walk has found: the file is opened, read, known to be
 * unchanged and closed when this returns. Waiting for each of these costs several times as much as they do.
 * @param at where in the file
 * @throws Failure as openSource and its `pieces`
 */
export function readPiece(
  place: Pick<Place, 'locate' | 'encoding'>,
  file: LocalFile,
  at: number,
  buffer: Uint8Array,
  signal: AbortSignal,
): void {
  throwIfInterrupted(signal);
  const source = opened(place, file, 'fast');
  try {
    source.fill(buffer, at);
  } finally {
    source[Symbol.dispose]();
  }
}

function opened(place: Pick<Place, 'locate' | 'encoding'>, file: LocalFile, medium: Medium): OpenSource {
  const fd = openFile(place, file.path);
  try {
    const stats = fstatSync(fd, { bigint: true });
    const now = localFile(file.path, stats);
    if (!stats.isFile() || !isSameState(now, file)) throw fileChanged(file.path);
    return new OpenSource(fd, file, stats, medium);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function isSameState(now: LocalFile, found: LocalFile): boolean {
  const { size, mtime, mtimeNs = now.mtimeNs } = found;
  return now.size === size && now.mtime === mtime && now.mtimeNs === mtimeNs;
}

function openFile(place: Pick<Place, 'locate' | 'encoding'>, path: RelPath): number {
  const location = place.locate(path);
  if (location === null) throw unnameable(place, path);
  try {
    // Without waiting: a pipe that has taken the file's place would hold the program for ever.
    return openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

class OpenSource implements Source, Disposable {
  readonly #fd: number;
  readonly #file: LocalFile;
  readonly #stats: BigIntStats;
  readonly #medium: Medium;
  /** Ends with the reads that were begun. One at a time: who left off in the middle may begin anew. */
  #reads: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(fd: number, file: LocalFile, stats: BigIntStats, medium: Medium) {
    this.#medium = medium;
    this.#fd = fd;
    this.#file = file;
    this.#stats = stats;
  }

  pieces(range: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    return range.end - range.start > PIECE_SIZE
      ? this.#manyPieces(range, buffer, signal)
      : this.#onePiece(range, buffer, signal);
  }

  assertUnchanged(): void {
    const now = this.#reading(() => fstatSync(this.#fd, { bigint: true }));
    if (now.size !== this.#stats.size || now.mtimeNs !== this.#stats.mtimeNs) throw fileChanged(this.#file.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#reads;
    closeSync(this.#fd);
  }

  /** Where nothing was read but by `fill`. */
  [Symbol.dispose](): void {
    this.#closed = true;
    closeSync(this.#fd);
  }

  /** All of `piece` with what stands at `at`, and without waiting: that costs less than the reading itself. */
  fill(piece: Uint8Array, at: number): void {
    this.#fill(piece, at);
    this.assertUnchanged();
  }

  #fill(piece: Uint8Array, at: number): void {
    if (this.#closed) throw closedBefore();
    for (let done = 0; done < piece.length; ) {
      const got = this.#reading(() => readSync(this.#fd, piece, done, piece.length - done, at + done));
      if (got === 0) throw fileChanged(this.#file.path);
      done += got;
    }
  }

  async *#onePiece({ start, end }: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (start === end) return;
    throwIfInterrupted(signal);
    const piece = buffer.subarray(0, end - start);
    this.fill(piece, start);
    yield piece;
  }

  async *#manyPieces(range: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    // Somebody may have left off while more was on its way into this very buffer.
    await this.#reads;
    const reads: Reads = {
      now: (piece, at) => this.#fill(piece, at),
      soon: (piece, at) => this.#fillSoon(piece, at),
      elapsedMs: () => performance.now(),
    };
    const pieces = new Pieces(range, buffer, PIECE_SIZE, reads, this.#medium === 'slow' ? Number.POSITIVE_INFINITY : 0);
    for (;;) {
      throwIfInterrupted(signal);
      const next = pieces.next();
      const piece = next instanceof Promise ? await next : next;
      if (pieces.ended) this.assertUnchanged();
      yield piece;
      if (pieces.ended) return;
      if (next === piece) await setImmediate();
    }
  }

  #fillSoon(piece: Uint8Array, at: number): Promise<Uint8Array> {
    const filled = this.#reads.then(() => this.#filled(piece, at));
    this.#reads = filled.catch(() => undefined);
    return filled;
  }

  async #filled(piece: Uint8Array, at: number): Promise<Uint8Array> {
    if (this.#closed) throw closedBefore();
    for (let done = 0; done < piece.length; ) {
      const got = await readSoon(this.#fd, piece.subarray(done), at + done).catch((cause: unknown) => {
        throw readFailure(this.#file.path, cause);
      });
      if (got === 0) throw fileChanged(this.#file.path);
      done += got;
    }
    return piece;
  }

  #reading<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw readFailure(this.#file.path, cause);
    }
  }
}

function closedBefore(): Error {
  return new Error('a source was read after it had been closed');
}

function readSoon(fd: number, piece: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, piece, 0, piece.length, at, (error, got) => (error === null ? resolve(got) : reject(error)));
  });
}

/** The failure of a file that is no longer what was found. */
export function fileChanged(path: RelPath): Failure {
  return new Failure('FILE_CHANGED', `${printable(path)} was changed meanwhile`, {
    hint: 'run the same command again when nobody writes to it',
  });
}
