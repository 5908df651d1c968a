// Standard input as something that comes in: piece by piece, to be waited for and to be left.

import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { Inflow } from '../transfer/port.js';

/** What is used of the stream; tests bring their own. */
export interface InputStream extends AsyncIterable<unknown> {
  /** Lets go of it: a program that writes into it is told at its next write. */
  destroy(): unknown;
}

/** Disposing lets go of the stream, read to its end or not. */
export class StandardInput implements Inflow, Disposable {
  readonly name = 'standard input';
  readonly #stream: InputStream;
  readonly #pieces: AsyncIterator<unknown>;
  /** Read ahead and not given yet. */
  #ahead: Promise<Uint8Array | null> | null = null;

  constructor(stream: InputStream) {
    this.#stream = stream;
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** Waits for the first bytes. @throws Failure as reading */
  async isEmpty(signal: AbortSignal): Promise<boolean> {
    throwIfInterrupted(signal);
    this.#ahead ??= this.#next();
    return (await unlessInterrupted(this.#ahead, signal)) === null;
  }

  async read(signal: AbortSignal): Promise<Uint8Array | null> {
    throwIfInterrupted(signal);
    const piece = this.#ahead ?? this.#next();
    this.#ahead = null;
    return unlessInterrupted(piece, signal);
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  async #next(): Promise<Uint8Array | null> {
    try {
      const { done, value } = await this.#pieces.next();
      return done === true ? null : (value as Uint8Array);
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new Failure('FILE_UNREADABLE', `cannot read ${this.name} (${why})`, {
        hint: 'nothing was stored; a pipe or a file is to be read there',
        cause,
      });
    }
  }
}

/** What was waited for may still come, or fail: nobody looks at it then. */
function unlessInterrupted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(new Failure('INTERRUPTED', 'interrupted'));
    signal.addEventListener('abort', leave, { once: true });
    const left = (): void => signal.removeEventListener('abort', leave);
    awaited.finally(left).then(resolve, reject);
  });
}
