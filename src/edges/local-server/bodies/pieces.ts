// A body cut into pieces of one leaf, in memory that is shared with other threads and used again.

import { PIECE_SIZE } from './body-hashes.js';

/** Kept for the next body; more is left to the garbage. */
const FREE_MAX = 16;

/**
 * Pieces of `PIECE_SIZE`, the last of which may be shorter. A piece is good until the one after the next is asked for:
 * there are two pieces of memory, which dispose gives back.
 */
export interface Pieces extends AsyncIterable<Buffer>, Disposable {}

/** Memory for pieces that is not in use. */
export class PieceMemory {
  readonly #free: SharedArrayBuffer[] = [];

  cut(incoming: AsyncIterable<Buffer>, size: number): Pieces {
    if (size <= PIECE_SIZE) {
      return { [Symbol.asyncIterator]: () => gathered(incoming), [Symbol.dispose]: () => undefined };
    }
    const memory = [this.#take(), this.#take()];
    return {
      [Symbol.asyncIterator]: () => copied(incoming, memory),
      [Symbol.dispose]: () => {
        if (this.#free.length < FREE_MAX) this.#free.push(...memory);
      },
    };
  }

  #take(): SharedArrayBuffer {
    return this.#free.pop() ?? new SharedArrayBuffer(PIECE_SIZE);
  }
}

/** A small body needs no memory of its own. */
async function* gathered(incoming: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  if (chunks.length > 0) yield Buffer.concat(chunks);
}

async function* copied(incoming: AsyncIterable<Buffer>, memory: readonly SharedArrayBuffer[]): AsyncGenerator<Buffer> {
  let [turn, filled] = [0, 0];
  const piece = (size: number): Buffer => Buffer.from(memory[turn] as SharedArrayBuffer, 0, size);
  for await (const chunk of incoming) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(piece(PIECE_SIZE), filled, at);
      at += copied;
      filled += copied;
      if (filled < PIECE_SIZE) continue;
      yield piece(PIECE_SIZE);
      [turn, filled] = [1 - turn, 0];
    }
  }
  if (filled > 0) yield piece(filled);
}
