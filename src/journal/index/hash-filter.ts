// Tells of most hashes that are not in a set that they are not, without looking where the set is.

/** Enough that, with so many of them set for each, 1 of 200 others seems to be in it. Bits for each. */
const BITS = 16;
const SET = 3;
/** 32 MiB: beyond 16 million hashes it tells less, and is right all the same. */
const BITS_MAX = 2 ** 28;

/** Source: Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors" (1970); Kirsch and Mitzenmacher (2006). */
export class HashFilter {
  readonly #words: Uint32Array;
  /** A power of two, less one. */
  readonly #mask: number;

  constructor(size: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(32, Math.min(BITS_MAX, BITS * size))));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  add(hash: number): void {
    const step = stepOf(hash);
    let bit = firstOf(hash);
    for (let i = 0; i < SET; i++, bit += step) (this.#words[(bit & this.#mask) >>> 5] as number) |= 1 << (bit & 31);
  }

  /** False: it was never added. */
  mayHold(hash: number): boolean {
    const step = stepOf(hash);
    let bit = firstOf(hash);
    for (let i = 0; i < SET; i++, bit += step) {
      if (((this.#words[(bit & this.#mask) >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Of the 52 bits of a hash the lower ones, and others. */
function firstOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 4;
}

function stepOf(hash: number): number {
  return (Math.imul(hash / 2 ** 20, 0x85ebca6b) >>> 4) | 1;
}
