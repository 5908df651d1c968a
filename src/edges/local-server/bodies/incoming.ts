// The body of a request as it comes in, counted, and no faster than a slow link would bring it.

import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';

interface SlowLink {
  readonly bytesPerSecond: number;
  /** Aborted when the client is. */
  readonly gone: AbortSignal;
}

/** After these there may be more to read, or never again. */
const CHANGES = ['readable', 'end', 'error', 'close'] as const;

/**
 * Read chunk by chunk, and once. Stopping half-way leaves the connection open, so that the refusal can still be told.
 * Node's own way to iterate over a request does the same, and takes twice as long for a small one.
 */
export class Incoming implements AsyncIterable<Buffer> {
  /** How much of it has been read. */
  size = 0;
  readonly #request: IncomingMessage;
  #link: SlowLink | null = null;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  slowDown(bytesPerSecond: number, gone: AbortSignal): void {
    this.#link = { bytesPerSecond, gone };
  }

  /** @throws Error when the connection breaks before the end of the body */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let wake = (): void => undefined;
    const onChange = (): void => wake();
    for (const event of CHANGES) this.#request.on(event, onChange);
    try {
      while (!this.#isOver()) {
        const chunk = this.#request.read() as Buffer | null;
        if (chunk !== null) yield await this.#arrived(chunk);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      for (const event of CHANGES) this.#request.off(event, onChange);
    }
  }

  #isOver(): boolean {
    const { readableEnded, destroyed, errored } = this.#request;
    if (destroyed && !readableEnded) throw errored ?? new Error('the connection broke off under a body');
    return readableEnded;
  }

  async #arrived(chunk: Buffer): Promise<Buffer> {
    this.size += chunk.length;
    if (this.#link !== null) await lasting(chunk.length, this.#link.bytesPerSecond, this.#link.gone);
    return chunk;
  }
}

/** Waits as long as so many bytes take on a slow link. @throws AbortError when the client goes away meanwhile */
export function lasting(size: number, bytesPerSecond: number, gone: AbortSignal): Promise<void> {
  return setTimeout((size / bytesPerSecond) * 1000, undefined, { signal: gone });
}
