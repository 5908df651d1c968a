// How much is held of bodies whose senders have yet to prove who they are: a body is part of what its sender signed.

import { ApiError } from '../protocol/errors.js';

/** Of all of them together, in bytes; as much again may be set aside for what is still to come. */
const ROOM_MAX = 128 * 1024 * 1024;

/** Counts what is held at the moment, over all connections. */
export class RoomForBodies {
  readonly #max: number;
  #held = 0;

  constructor(max = ROOM_MAX) {
    this.#max = max;
  }

  /** Makes room for one body, piece by piece; disposed when that is received, or never will be. */
  take(): Disposable & { readonly add: (size: number) => void } {
    let mine = 0;
    return {
      /** @throws ApiError when there is no room for so much more */
      add: (size) => {
        if (this.#held + size > this.#max) {
          const message = `This server holds ${this.#max} bytes of requests at once. Please try again.`;
          throw new ApiError(503, 'ServiceUnavailableException', message);
        }
        this.#held += size;
        mine += size;
      },
      [Symbol.dispose]: () => {
        this.#held -= mine;
        mine = 0;
      },
    };
  }
}
