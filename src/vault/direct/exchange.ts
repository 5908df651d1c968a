// One request and its answer on a connection that nobody else uses meanwhile.

import { type Duplex, Readable } from 'node:stream';
import { MemoryLender } from '../../model/lent-memory.js';
import { type Pace, UNPACED } from '../../model/pace.js';
import type { Body } from '../port.js';
import { type AnswerHead, type AnswerListener, AnswerParser } from './answer-parser.js';
import { READ_MAX } from './dial.js';
import { Progress, type Times } from './progress.js';
import { Sending, sizeOf } from './sending.js';
import { WireError } from './wire-error.js';

export interface Outgoing {
  /** Request line and headers with the empty line after them. */
  readonly head: string;
  readonly body: Body | null;
  /** Whether the body of a success is given as it comes, and not when all of it is there. */
  readonly streamed: boolean;
  /** Whether the server may take it twice and be none the worse. */
  readonly repeatable: boolean;
}

export interface Answer extends AnswerHead {
  /** Of what is not given as it comes. */
  readonly text: string;
  /** What is given as it comes; destroying it ends the connection. */
  readonly body: Readable | null;
}

export interface Limits extends Times {
  /** How fast bytes may go. */
  readonly up: Pace;
}

/** Smaller bodies go together with the head. */
const SMALL = 64 * 1024;
/** Bytes of an answer that is read whole: errors, and confirmations without a body. */
const TEXT_MAX = 1024 * 1024;
/** Bytes that may have come before they are taken. */
const AHEAD = 256 * 1024;
/** Of all bodies that are read as they come. */
const lender = new MemoryLender(READ_MAX);

interface Settle {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export class Exchange implements AnswerListener {
  /** Settled when the body that was lent is no longer used. */
  readonly answer: Promise<Answer>;
  #settle: Settle | null = null;
  readonly #socket: Duplex;
  readonly #streamed: boolean;
  /** Told once, when the connection is free: whether it can be used again. */
  readonly #freed: (lasts: boolean) => void;
  readonly #progress: Progress;
  readonly #parser = new AnswerParser(this);
  /** Of a body that does not go at once. */
  #sending: Sending | null = null;
  #head: AnswerHead | null = null;
  readonly #text: Buffer[] = [];
  #textSize = 0;
  #body: Readable | null = null;
  #over = false;

  /** Sends at once. */
  constructor(socket: Duplex, outgoing: Outgoing, limits: Limits, freed: (lasts: boolean) => void) {
    this.answer = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#socket = socket;
    this.#streamed = outgoing.streamed;
    this.#freed = freed;
    this.#progress = new Progress(limits);
    this.#progress.ahead(sizeOf(outgoing.body));
    this.#send(outgoing, limits.up);
  }

  /** Bytes have come; they are good only for now. */
  take(bytes: Buffer): void {
    this.#progress.moved();
    this.#read(() => this.#parser.feed(bytes));
  }

  /** The server sends no more. */
  close(): void {
    this.#read(() => this.#parser.close());
  }

  /** The connection broke. */
  broke(cause: Error | null): void {
    if (this.#over) return;
    const code = cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'ECONNRESET';
    const message = cause?.message ?? 'the connection was closed before the answer had ended';
    this.fail(new WireError(code, message, { beforeAnswer: !this.#parser.begun, cause }));
  }

  /** Gives up when it has taken too long. */
  check(nowMs: number): void {
    const why = this.#progress.overdue(nowMs);
    if (why !== null) this.fail(new WireError('ETIMEDOUT', `gave up ${why}`));
  }

  fail(error: unknown): void {
    if (this.#over) return;
    this.#body?.destroy(error instanceof Error ? error : undefined);
    this.#finish(false, () => this.#settle?.reject(error));
  }

  head(head: AnswerHead): void {
    this.#head = head;
    const success = head.status < 300;
    // A refusal is final however much of the body is still to go.
    if (!success) this.#sending?.stop();
    if (!success || !this.#streamed) return;
    const length = head.headers.get('content-length');
    this.#progress.ahead(length === undefined ? null : Number(length));
    this.#body = new Readable({
      highWaterMark: AHEAD,
      read: () => {
        this.#progress.theirTurn();
        this.#socket.resume();
      },
      destroy: (error, done) => {
        this.#finish(false, () => {});
        done(error);
      },
    });
    // It may break before anybody reads it; who reads it then is told.
    this.#body.on('error', () => {});
    this.#settle?.resolve({ ...head, text: '', body: this.#body });
  }

  piece(bytes: Buffer): void {
    if (this.#body === null) {
      this.#textSize += bytes.length;
      if (this.#textSize > TEXT_MAX) throw new WireError('NOT_HTTP', `an answer of more than ${TEXT_MAX} bytes`);
      this.#text.push(Buffer.from(bytes));
    } else if (!this.#body.push(lender.copyOf(bytes))) {
      this.#progress.ownTurn();
      this.#socket.pause();
    }
  }

  end(lasts: boolean): void {
    const head = this.#head;
    if (head === null) return;
    const sent = this.#sending?.all ?? true;
    if (!sent && head.status < 300) {
      throw new WireError('NOT_HTTP', 'the server took the request for done before it had all of it');
    }
    const body = this.#body;
    const text = this.#textSize === 0 ? '' : Buffer.concat(this.#text).toString();
    this.#finish(lasts && sent && this.#socket.writableLength === 0, () => {
      if (body === null) this.#settle?.resolve({ ...head, text, body });
      else body.push(null);
    });
  }

  /** What cannot be read is the end of it. */
  #read(deed: () => void): void {
    try {
      deed();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Lets go of the connection, then of the body that was sent, and only then tells. */
  #finish(lasts: boolean, tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#sending?.stop();
    if (lasts) this.#socket.resume();
    this.#freed(lasts);
    if (this.#sending === null) tell();
    else void this.#sending.done.then(tell, tell);
  }

  #send({ head, body }: Outgoing, up: Pace): void {
    if (body === null || (up === UNPACED && 'bytes' in body && body.bytes.length <= SMALL)) {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      if (body !== null) this.#socket.write(body.bytes);
      this.#socket.uncork();
      return;
    }
    this.#socket.write(head, 'latin1');
    this.#sending = new Sending(this.#socket, body, { up, progress: this.#progress });
    this.#sending.done.catch((error: unknown) => this.fail(error));
  }
}
