// Cuts what comes in once, and cannot be read again, into parts that are hashed while they come.

import { BothHasher } from '../model/both-hashes.js';
import type { Report } from '../model/events.js';
import { Failure } from '../model/failure.js';
import type { HashEngine } from '../model/hash-engine.js';
import { MIB } from '../model/parts.js';
import type { HashedBody, Uploading } from '../vault/port.js';
import { LaneBuffer } from './lane-buffer.js';
import type { Incoming, IncomingPart, Inflow } from './port.js';
import { type Turn, Turns } from './turns.js';

export interface IncomingOptions {
  readonly inflow: Inflow;
  readonly vault: Pick<Uploading, 'uploadWhole' | 'uploadPart'>;
  readonly engine: HashEngine;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** More bytes than this must not come; whole MiBs. */
  readonly maxSize: number;
  /** How many parts may be in memory at once. */
  readonly width: number;
  readonly report: Report;
}

export function createIncoming(options: IncomingOptions): Incoming {
  const { vault, partSize, report } = options;
  const lanes = new Turns(options.width, () => new LaneBuffer());
  const source = new Pieces(options);
  let start = 0;

  const partOf = (body: HashedBody, lane: Turn<LaneBuffer>): IncomingPart => {
    const range = { start, end: start + body.bytes.length };
    const moved = (): void => report({ event: 'moved', bytes: body.bytes.length });
    start = range.end;
    return {
      range,
      treeHash: body.treeHash,
      async sendWhole(description, signal) {
        const stored = await vault.uploadWhole(body, description, signal);
        moved();
        return stored;
      },
      async send(upload, signal) {
        await vault.uploadPart(upload, range, body, signal);
        moved();
      },
      [Symbol.dispose]: () => lane[Symbol.dispose](),
    };
  };

  return {
    partSize,
    async next(signal) {
      const lane = await lanes.take(signal);
      let part: IncomingPart | null = null;
      try {
        const body = await source.fill(lane.tool.ofSize(partSize), signal);
        if (body.bytes.length > 0) part = partOf(body, lane);
        return part;
      } finally {
        if (part === null) lane[Symbol.dispose]();
      }
    },
  };
}

const NOTHING = new Uint8Array(0);

/** The pieces of an inflow, laid end to end in buffers. */
class Pieces {
  readonly #inflow: Inflow;
  readonly #engine: HashEngine;
  readonly #maxSize: number;
  #size = 0;
  /** Of the piece that came last, what the buffer before had no room for. */
  #rest: Uint8Array = NOTHING;

  constructor({ inflow, engine, maxSize }: Pick<IncomingOptions, 'inflow' | 'engine' | 'maxSize'>) {
    this.#inflow = inflow;
    this.#engine = engine;
    this.#maxSize = maxSize;
  }

  /** Fills the buffer, or less of it where the end comes first, and hashes it both ways. */
  async fill(buffer: Uint8Array, signal: AbortSignal): Promise<HashedBody> {
    const hasher = new BothHasher(this.#engine);
    let filled = 0;
    while (filled < buffer.length) {
      const piece = await this.#next(buffer.length - filled, signal);
      if (piece === null) break;
      buffer.set(piece, filled);
      hasher.update(piece);
      filled += piece.length;
    }
    return { bytes: buffer.subarray(0, filled), ...hasher.digest() };
  }

  /** At most so many bytes. */
  async #next(room: number, signal: AbortSignal): Promise<Uint8Array | null> {
    if (this.#rest.length === 0) {
      const piece = await this.#inflow.read(signal);
      if (piece === null) return null;
      this.#count(piece);
      this.#rest = piece;
    }
    const piece = this.#rest.subarray(0, room);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  #count({ length }: Uint8Array): void {
    this.#size += length;
    if (this.#size <= this.#maxSize) return;
    throw new Failure('FILE_TOO_LARGE', `${this.#inflow.name} brings more than ${this.#maxSize / MIB} MiB`, {
      hint: 'nothing was stored; raise --check-max-file-size if it is to be so large',
    });
  }
}
