// Reads a file that is to be stored or compared, and notices when it is no longer the file that was found.

import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { LocalFile } from '../model/local-file.js';
import type { ByteRange } from '../model/parts.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { readFailure } from './disk-failure.js';
import { localFile } from './file-status.js';
import { type Place, unnameable } from './place.js';

/** Bytes read at a time; up to so many are read without waiting. */
const PIECE_SIZE = 1024 * 1024;

/** An open file. Every reading ends with `assertUnchanged`. All methods throw Failure FILE_UNREADABLE, FILE_CHANGED. */
export interface Source extends Disposable {
  /** The whole content, at once: for small files. */
  readWhole(): Uint8Array;
  /**
   * The bytes of the range in order, in pieces of at most 1 MiB, each a view of `buffer`. A buffer that holds the
   * range has all of it at the end; a shorter one, of whole MiBs, is filled again from its start, and then a piece
   * is good only until the next is asked for. The source must not be closed while a piece is awaited.
   * @throws Failure INTERRUPTED
   */
  pieces(range: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Size and modification time, to the nanosecond, are still those of the beginning. */
  assertUnchanged(): void;
}

/**
 * Opens a file that a walk has found.
 * @throws Failure FILE_VANISHED, FILE_UNREADABLE, NAME_REFUSED, FILE_CHANGED when it has another size or time than was
 * found
 */
export function openSource(place: Place, file: LocalFile): Source {
  const fd = openFile(place, file.path);
  try {
    const stats = fstatSync(fd, { bigint: true });
    const now = localFile(file.path, stats);
    if (!stats.isFile() || !isSameState(now, file)) throw changed(file.path);
    return new OpenSource(fd, file, stats);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function isSameState(now: LocalFile, found: LocalFile): boolean {
  const { size, mtime, mtimeNs = now.mtimeNs } = found;
  return now.size === size && now.mtime === mtime && now.mtimeNs === mtimeNs;
}

function openFile(place: Place, path: RelPath): number {
  const location = place.locate(path);
  if (location === null) throw unnameable(place, path);
  try {
    // Without waiting: a pipe that has taken the file's place would hold the program for ever.
    return openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

class OpenSource implements Source {
  readonly #fd: number;
  readonly #file: LocalFile;
  readonly #stats: BigIntStats;
  #closed = false;

  constructor(fd: number, file: LocalFile, stats: BigIntStats) {
    this.#fd = fd;
    this.#file = file;
    this.#stats = stats;
  }

  readWhole(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.#file.size);
    this.#fill(bytes, 0);
    this.assertUnchanged();
    return bytes;
  }

  async *pieces(range: ByteRange, buffer: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const isSmall = range.end - range.start <= PIECE_SIZE;
    for (let at = range.start; at < range.end; ) {
      throwIfInterrupted(signal);
      const into = (at - range.start) % buffer.length;
      const piece = buffer.subarray(into, Math.min(into + PIECE_SIZE, into + range.end - at));
      if (isSmall) this.#fill(piece, at);
      else await this.#fillSoon(piece, at);
      at += piece.length;
      yield piece;
    }
    this.assertUnchanged();
  }

  assertUnchanged(): void {
    const now = this.#reading(() => fstatSync(this.#fd, { bigint: true }));
    if (now.size !== this.#stats.size || now.mtimeNs !== this.#stats.mtimeNs) throw changed(this.#file.path);
  }

  [Symbol.dispose](): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  #fill(piece: Uint8Array, at: number): void {
    for (let done = 0; done < piece.length; ) {
      const got = this.#reading(() => readSync(this.#fd, piece, done, piece.length - done, at + done));
      if (got === 0) throw changed(this.#file.path);
      done += got;
    }
  }

  async #fillSoon(piece: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < piece.length; ) {
      const got = await readSoon(this.#fd, piece.subarray(done), at + done).catch((cause: unknown) => {
        throw readFailure(this.#file.path, cause);
      });
      if (got === 0) throw changed(this.#file.path);
      done += got;
    }
  }

  #reading<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw readFailure(this.#file.path, cause);
    }
  }
}

function readSoon(fd: number, piece: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, piece, 0, piece.length, at, (error, got) => (error === null ? resolve(got) : reject(error)));
  });
}

function changed(path: RelPath): Failure {
  return new Failure('FILE_CHANGED', `${printable(path)} was changed meanwhile`, {
    hint: 'run the same command again when nobody writes to it',
  });
}
