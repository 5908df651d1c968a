// Goes through a range of a file piece by piece: at once while the system has it in its cache, one piece ahead when not.

import type { ByteRange } from '../model/parts.js';

/** The two fill all of `piece` with what stands at `at`. */
export interface Reads {
  now(piece: Uint8Array, at: number): void;
  /** In the order of the calls. */
  soon(piece: Uint8Array, at: number): Promise<Uint8Array>;
  /** Of a clock that only goes forward, from any origin. */
  elapsedMs(): number;
}

/** A piece that took longer came from a disk, or over a network: from the system's cache a MiB takes a tenth of it. */
const FROM_CACHE_MS = 1;

/** After so many pieces that were waited for it is tried again without: it may have been the machine that was busy. */
const WAITED_FOR = 16;

export class Pieces {
  readonly #range: ByteRange;
  readonly #buffer: Uint8Array;
  readonly #pieceSize: number;
  readonly #reads: Reads;
  readonly #readsAhead: boolean;
  #at: number;
  /** Pieces that are still to be waited for. */
  #waits: number;
  #ahead: Promise<Uint8Array> | null = null;

  /**
   * @param buffer whole pieces, or all of the range; filled again and again from its start
   * @param waits pieces that are waited for, at the least
   */
  constructor(range: ByteRange, buffer: Uint8Array, pieceSize: number, reads: Reads, waits = 0) {
    this.#range = range;
    this.#buffer = buffer;
    this.#pieceSize = pieceSize;
    this.#reads = reads;
    this.#waits = waits;
    this.#readsAhead = buffer.length >= Math.min(range.end - range.start, 2 * pieceSize);
    this.#at = range.start;
  }

  get ended(): boolean {
    return this.#at >= this.#range.end;
  }

  /** The next, when the one before is no longer used; there is one as long as the range has not ended. */
  next(): Uint8Array | Promise<Uint8Array> {
    const at = this.#at;
    const piece = this.#roomAt(at);
    this.#at += piece.length;
    return this.#waits === 0 ? this.#now(piece, at) : this.#soon(piece, at);
  }

  #now(piece: Uint8Array, at: number): Uint8Array {
    const beganMs = this.#reads.elapsedMs();
    this.#reads.now(piece, at);
    if (this.#reads.elapsedMs() - beganMs > FROM_CACHE_MS) this.#waits = WAITED_FOR;
    return piece;
  }

  #soon(piece: Uint8Array, at: number): Promise<Uint8Array> {
    this.#waits--;
    const next = this.#ahead ?? this.#reads.soon(piece, at);
    const goesAhead = this.#readsAhead && this.#waits > 0 && !this.ended;
    this.#ahead = goesAhead ? this.#reads.soon(this.#roomAt(this.#at), this.#at) : null;
    this.#ahead?.catch(() => undefined); // looked at when its turn comes, or never
    return next;
  }

  #roomAt(at: number): Uint8Array {
    const into = (at - this.#range.start) % this.#buffer.length;
    return this.#buffer.subarray(into, Math.min(into + this.#pieceSize, into + this.#range.end - at));
  }
}
