// The memory of one lane: allocated when first needed, used again for every part.

export class LaneBuffer {
  #memory: Uint8Array = new Uint8Array(0);

  /** Exactly `size` bytes, with whatever was in them; what was given before is given again. */
  ofSize(size: number): Uint8Array {
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(roundUp(size));
    return this.#memory.subarray(0, size);
  }
}

/** Small files come in all sizes: growing by powers of two keeps a lane from allocating for each of them. */
function roundUp(size: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(size, 64 * 1024)));
  return power > 16 * 1024 * 1024 ? size : power;
}
