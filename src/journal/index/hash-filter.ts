// Tells of most hashes that are not in a set that they are not, without looking where the set is.

/** Enough that 1 of 30 others seems to be in it. Bits for each. */
const BITS = 10;
/** 32 MiB: beyond 25 million hashes it tells less, and is right all the same. */
const BITS_MAX = 2 ** 28;

/** Source: Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors" (1970). */
export class HashFilter {
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(Math.min(BITS_MAX, BITS * size) / 32) + 1);
  }

  add(hash: number): void {
    this.#set(this.#one(hash));
    this.#set(this.#other(hash));
  }

  /** False: it was never added. */
  mayHold(hash: number): boolean {
    return this.#isSet(this.#one(hash)) && this.#isSet(this.#other(hash));
  }

  #one(hash: number): number {
    return this.#bit(Math.imul(hash % 2 ** 32, 0x9e3779b1));
  }

  #other(hash: number): number {
    return this.#bit(Math.imul(hash / 2 ** 20, 0x85ebca6b));
  }

  #bit(bits: number): number {
    return Math.floor(((bits >>> 0) / 2 ** 32) * 32 * this.#words.length);
  }

  #set(bit: number): void {
    (this.#words[bit >>> 5] as number) |= 1 << (bit & 31);
  }

  #isSet(bit: number): boolean {
    return ((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }
}
