// A small body in one piece of memory, however small the chunks are that it comes in.

const FIRST_SIZE = 4096;

/** Grows as it fills: of a body that only trickles in no more is held than twice what came. */
class GrowingMemory {
  #memory = Buffer.alloc(0);
  #size = 0;

  add(chunk: Buffer): void {
    const size = this.#size + chunk.length;
    if (size > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_SIZE, size, 2 * this.#memory.length));
      this.#memory.copy(larger, 0, 0, this.#size);
      this.#memory = larger;
    }
    chunk.copy(this.#memory, this.#size);
    this.#size = size;
  }

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }
}

/**
 * All of a body.
 * @param tooLarge what is thrown when there is more than `max` of it
 * @param onChunk told the size of each chunk before that is kept; may refuse it
 */
export async function gathered(
  incoming: AsyncIterable<Buffer>,
  max: number,
  tooLarge: () => Error,
  onChunk: (size: number) => void = () => undefined,
): Promise<Buffer> {
  // Most come in one chunk, which needs no copy.
  let only: Buffer | null = null;
  let memory: GrowingMemory | null = null;
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > max) throw tooLarge();
    onChunk(chunk.length);
    if (memory === null && only === null) only = chunk;
    else {
      memory ??= new GrowingMemory();
      if (only !== null) memory.add(only);
      only = null;
      memory.add(chunk);
    }
  }
  return memory?.bytes ?? only ?? Buffer.alloc(0);
}
