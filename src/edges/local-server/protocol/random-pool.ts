// Random bytes, drawn many at a time: a draw takes about 8 µs, however few it gives, and a request needs several.

import { randomFillSync } from 'node:crypto';

const DRAWN_SIZE = 8192;

/** For names; secrets are drawn one by one, and nowhere kept. */
export class RandomPool {
  readonly #drawn = Buffer.alloc(DRAWN_SIZE);
  #taken = DRAWN_SIZE;

  /** At most `DRAWN_SIZE`; good until the next are taken. */
  take(size: number): Buffer {
    if (this.#taken + size > DRAWN_SIZE) {
      randomFillSync(this.#drawn);
      this.#taken = 0;
    }
    this.#taken += size;
    return this.#drawn.subarray(this.#taken - size, this.#taken);
  }
}
