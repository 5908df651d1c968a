// One connection to the server: it carries one request at a time, and is given up at the first doubt.

import type { Duplex } from 'node:stream';
import { Failure } from '../../model/failure.js';
import type { Wire } from './dial.js';
import { type Answer, Exchange, type Limits, type Outgoing } from './exchange.js';
import type { Interruptions } from './interruptions.js';

export interface LineOwner {
  readonly interruptions: Interruptions;
  /** A request has ended and another may follow. */
  freed(line: Line): void;
  /** Told once: no other request may follow. */
  lost(line: Line): void;
}

export class Line {
  readonly #socket: Duplex;
  readonly #limits: Limits;
  readonly #owner: LineOwner;
  #exchange: Exchange | null = null;
  /** Of the request that it carries, or carried last: most requests share one. */
  #signal: AbortSignal | null = null;
  #open = true;
  #idleSinceMs = 0;

  constructor(wire: Wire, limits: Limits, owner: LineOwner) {
    const { socket } = wire;
    this.#socket = socket;
    this.#limits = limits;
    this.#owner = owner;
    wire.receive = (bytes) => {
      // What comes unasked, such as a server's word that it has waited for too long, answers nothing.
      if (this.#exchange === null) this.destroy();
      else this.#exchange.take(bytes);
    };
    socket.on('end', () => {
      this.#exchange?.close();
      this.destroy();
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Whether it waits for a request. */
  get isFree(): boolean {
    return this.#open && this.#exchange === null && this.#socket.writable;
  }

  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  /** One request at a time. @throws WireError, what a streaming body throws, or Failure INTERRUPTED */
  perform(outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
    this.#heed(signal);
    const exchange = new Exchange(this.#socket, outgoing, this.#limits, (lasts) => this.#release(lasts));
    this.#exchange = exchange;
    if (signal.aborted) this.interrupt();
    return exchange.answer;
  }

  interrupt(): void {
    this.#exchange?.fail(new Failure('INTERRUPTED', 'interrupted'));
  }

  check(nowMs: number): void {
    this.#exchange?.check(nowMs);
  }

  destroy(error: Error | null = null): void {
    if (!this.#open) return;
    this.#open = false;
    this.#exchange?.broke(error);
    this.#exchange = null;
    if (this.#signal !== null) this.#owner.interruptions.delete(this.#signal, this);
    this.#socket.destroy();
    this.#owner.lost(this);
  }

  #heed(signal: AbortSignal): void {
    if (signal === this.#signal) return;
    if (this.#signal !== null) this.#owner.interruptions.delete(this.#signal, this);
    this.#owner.interruptions.add(signal, this);
    this.#signal = signal;
  }

  #release(lasts: boolean): void {
    this.#exchange = null;
    this.#idleSinceMs = this.#limits.elapsedMs();
    if (lasts && this.#open) this.#owner.freed(this);
    else this.destroy();
  }
}
