// A body on its way out, in slices: the next is written when the last has been taken.

import type { Writable } from 'node:stream';
import { Failure } from '../../model/failure.js';
import type { Pace } from '../../model/pace.js';
import type { Body } from '../port.js';
import type { Progress } from './progress.js';

export function sizeOf(body: Body | null): number {
  if (body === null) return 0;
  return 'bytes' in body ? body.bytes.length : body.size;
}

export class Sending {
  readonly #socket: Writable;
  readonly #up: Pace;
  readonly #progress: Progress;
  readonly #stop = new AbortController();
  #all = false;
  /** Settled when the body is no longer used. @throws what the body throws before its last byte */
  readonly done: Promise<void>;

  constructor(socket: Writable, body: Body, { up, progress }: { readonly up: Pace; readonly progress: Progress }) {
    this.#socket = socket;
    this.#up = up;
    this.#progress = progress;
    this.done = this.#send(body);
  }

  /** Whether all of it has been given to the system. From then on the answer decides, whatever else the body says. */
  get all(): boolean {
    return this.#all;
  }

  /** No more is to be sent. */
  stop(): void {
    this.#stop.abort();
  }

  async #send(body: Body): Promise<void> {
    try {
      this.#progress.ownTurn();
      await this.#pieces(body, this.#stop.signal);
    } catch (thrown) {
      // Who was stopped may say so in whatever way.
      if (!this.#all && !this.#stop.signal.aborted) throw thrown;
    } finally {
      this.#progress.theirTurn();
    }
  }

  async #pieces(body: Body, signal: AbortSignal): Promise<void> {
    const size = sizeOf(body);
    let sent = 0;
    for await (const piece of 'bytes' in body ? [body.bytes] : body.pieces(signal)) {
      const fitting = piece.subarray(0, size - sent);
      await this.#slices(fitting, signal);
      if (signal.aborted) return;
      sent += fitting.length;
      if (sent < size) continue;
      this.#all = true;
      this.#progress.theirTurn();
      this.#progress.handedOver(size);
      return;
    }
    throw new Failure('FILE_CHANGED', `${sent} bytes came to be sent where ${size} were announced`);
  }

  async #slices(piece: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < piece.length && !signal.aborted; ) {
      const slice = piece.subarray(at, at + this.#up.slice);
      const paced = this.#up.take(slice.length, signal);
      if (paced !== undefined) await paced;
      if (signal.aborted) return;
      this.#progress.theirTurn();
      await new Promise<unknown>((resolve) => this.#socket.write(slice, resolve));
      this.#progress.ownTurn();
      at += slice.length;
    }
  }
}
