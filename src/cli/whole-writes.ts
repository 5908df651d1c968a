// Standard output that goes to a file: every byte of a write arrives, or the write fails.

import { fstatSync, writeSync } from 'node:fs';
import type { TextStream } from './report/output.js';

type Listener = (error?: NodeJS.ErrnoException) => void;

/** What is used of standard output and error. */
export interface StandardStream extends TextStream {
  write(chunk: string | Uint8Array, done?: (error?: NodeJS.ErrnoException | null) => void): unknown;
}

/**
 * The stream itself, or one in its place where it leads to a file or a device: of those, Node takes a write that a full
 * disk has cut short for a whole one.
 */
export function wholeWrites(stream: StandardStream & { readonly fd: number }): StandardStream {
  const kind = fstatSync(stream.fd);
  return stream.isTTY === true || kind.isFIFO() || kind.isSocket() ? stream : new FileStream(stream.fd);
}

class FileStream implements StandardStream {
  readonly #fd: number;
  readonly #listeners: Listener[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Waits for nothing, so it never says `drain`. */
  on(event: 'error' | 'drain', listener: Listener): void {
    if (event === 'error') this.#listeners.push(listener);
  }

  write(chunk: string | Uint8Array, done?: (error?: NodeJS.ErrnoException | null) => void): true {
    const error = this.#failureOfWriting(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (error !== null) for (const listener of this.#listeners) listener(error);
    done?.(error);
    return true;
  }

  #failureOfWriting(bytes: Uint8Array): NodeJS.ErrnoException | null {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      return null;
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
  }
}
