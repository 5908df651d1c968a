// A body cut into pieces, in memory that is used again.

/** How much of a body is hashed and written at once; a leaf of its tree. */
export const PIECE_SIZE = 1024 * 1024;

/** Kept for later pieces; more is left to the garbage. */
const FREE_MAX = 16;

/** The first so many bytes of memory that is whoever's has the piece. */
export interface Piece {
  readonly memory: ArrayBuffer;
  readonly size: number;
}

/** Memory for pieces that is not in use. */
export class PieceMemory {
  readonly #free: ArrayBuffer[] = [];

  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(PIECE_SIZE);
  }

  giveBack(memory: ArrayBuffer): void {
    if (this.#free.length < FREE_MAX) this.#free.push(memory);
  }
}

/** Pieces of `PIECE_SIZE`, the last of which may be shorter; whoever takes one gives its memory back. */
export async function* piecesOf(incoming: AsyncIterable<Buffer>, memory: PieceMemory): AsyncGenerator<Piece> {
  let open: Buffer | null = null;
  let filled = 0;
  try {
    for await (const chunk of incoming) {
      for (let at = 0; at < chunk.length; ) {
        open ??= Buffer.from(memory.take());
        const copied = chunk.copy(open, filled, at);
        at += copied;
        filled += copied;
        if (filled < PIECE_SIZE) continue;
        const full = open;
        [open, filled] = [null, 0];
        yield { memory: full.buffer as ArrayBuffer, size: PIECE_SIZE };
      }
    }
    if (open === null) return;
    const last = open;
    open = null;
    yield { memory: last.buffer as ArrayBuffer, size: filled };
  } finally {
    if (open !== null) memory.giveBack(open.buffer as ArrayBuffer);
  }
}
