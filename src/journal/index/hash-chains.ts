// Finds numbered things by a hash of theirs: numbers are given from 0 on, memory is 16 to 32 bytes for each.

/** Behind the last of a chain. */
export const NONE = -1;

export class HashChains {
  #count = 0;
  #hashes = new Float64Array(64);
  /** Of each the one before it in the same chain. */
  #before = new Int32Array(64);
  /** The last of each chain; as many chains as there is room for things. */
  #last = new Int32Array(64).fill(NONE);

  get count(): number {
    return this.#count;
  }

  hashOf(number: number): number {
    return this.#hashes[number] as number;
  }

  add(hash: number): number {
    if (this.#count === this.#hashes.length) this.#enlarge();
    this.#hashes[this.#count] = hash;
    this.#link(this.#count);
    return this.#count++;
  }

  /** The one that was added last of those with this hash, or NONE. */
  last(hash: number): number {
    return this.#from(this.#last[this.#chainOf(hash)] as number, hash);
  }

  /** The one with the same hash that was added before, or NONE. */
  before(number: number): number {
    return this.#from(this.#before[number] as number, this.hashOf(number));
  }

  /** From now on it is not found; its number stays taken. */
  remove(number: number): void {
    const chain = this.#chainOf(this.hashOf(number));
    if (this.#last[chain] === number) {
      this.#last[chain] = this.#before[number] as number;
      return;
    }
    let later = this.#last[chain] as number;
    while (this.#before[later] !== number) later = this.#before[later] as number;
    this.#before[later] = this.#before[number] as number;
  }

  #from(number: number, hash: number): number {
    let found = number;
    while (found !== NONE && this.#hashes[found] !== hash) found = this.#before[found] as number;
    return found;
  }

  #chainOf(hash: number): number {
    // There is a power of two of them.
    return hash & (this.#last.length - 1);
  }

  #link(number: number): void {
    const chain = this.#chainOf(this.hashOf(number));
    this.#before[number] = this.#last[chain] as number;
    this.#last[chain] = number;
  }

  /** What was removed is found again no more, for it is in no chain. */
  #enlarge(): void {
    const found = new Uint8Array(this.#count);
    for (const last of this.#last) for (let at = last; at !== NONE; at = this.#before[at] as number) found[at] = 1;
    const size = 2 * this.#hashes.length;
    this.#hashes = enlarged(this.#hashes, new Float64Array(size));
    this.#before = new Int32Array(size);
    this.#last = new Int32Array(size).fill(NONE);
    for (let number = 0; number < this.#count; number++) if (found[number] === 1) this.#link(number);
  }
}

function enlarged(from: Float64Array<ArrayBuffer>, to: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  to.set(from);
  return to;
}
