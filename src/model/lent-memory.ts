// Memory that is lent out in pieces and used again: of a gigabyte that comes in, a new piece for each read would be most of the garbage.

/** Those that are lent, and how each goes back. A piece that is not given back is garbage one day, as any other. */
const lent = new WeakMap<Uint8Array, () => void>();

/** Lends memory to whoever reads what came. Keeps as much as was ever lent and given back at once. */
export class MemoryLender {
  readonly #size: number;
  readonly #spare: Buffer[] = [];

  /** @param size bytes of the largest piece that is lent */
  constructor(size: number) {
    this.#size = size;
  }

  /** The same bytes, which stay what they are until they are given back, if ever. Small pieces are not worth it. */
  copyOf(bytes: Uint8Array): Buffer {
    if (bytes.length > this.#size || bytes.length < this.#size / 8) return Buffer.from(bytes);
    const memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size);
    const piece = memory.subarray(0, bytes.length);
    piece.set(bytes);
    lent.set(piece, () => void this.#spare.push(memory));
    return piece;
  }
}

/**
 * Nobody reads the piece any more, nor any part of it. To be told of the very piece that came; of others, and when told once
 * more, nothing happens.
 */
export function giveBack(piece: Uint8Array): void {
  const back = lent.get(piece);
  lent.delete(piece);
  back?.();
}
