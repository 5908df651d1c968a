// The body of a request as it comes in, counted, and no faster than a slow link would bring it.

import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/** Stopping half-way leaves the connection open, so that the refusal can still be told. */
export class Incoming implements AsyncIterable<Buffer> {
  /** How much of it has been read. */
  size = 0;
  readonly #request: IncomingMessage;
  readonly #gone: AbortSignal;
  #bytesPerSecond: number | null = null;

  /** @param gone aborted when the client is */
  constructor(request: IncomingMessage, gone: AbortSignal) {
    this.#request = request;
    this.#gone = gone;
  }

  slowDown(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const chunks: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => this.#request.iterator({ destroyOnReturn: false }),
    };
    for await (const chunk of chunks) {
      this.size += chunk.length;
      if (this.#bytesPerSecond !== null) await lasting(chunk.length, this.#bytesPerSecond, this.#gone);
      yield chunk;
    }
  }
}

/** Waits as long as so many bytes take on a slow link. @throws AbortError when the client goes away meanwhile */
export function lasting(size: number, bytesPerSecond: number, gone: AbortSignal): Promise<void> {
  return setTimeout((size / bytesPerSecond) * 1000, undefined, { signal: gone });
}
