// One connection of a vault that forgets: a head is read, its body counted and dropped, and what to say is known before the body is in.

import { Socket } from 'node:net';
import { type Answer, type NullAnswers, RequestHead } from './null-answers.js';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** What comes in on any connection goes through here, and is never looked at again. */
const INCOMING = Buffer.allocUnsafeSlow(1024 * 1024);

/** Needs one request at a time: what follows a body is not looked for. */
export class NullConnection {
  readonly #socket: Socket;
  readonly #answers: NullAnswers;
  readonly #delayMs: number;
  /** What there is of a head whose end has not come. */
  #begun: Buffer | null = null;
  #bodyLeft = 0;
  #answer: Answer | null = null;

  /** @param accepted of which nothing has been read */
  constructor(accepted: Socket, answers: NullAnswers, delayMs: number) {
    this.#socket = readThroughOneBuffer(accepted, (bytes) => this.#take(bytes));
    this.#answers = answers;
    this.#delayMs = delayMs;
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => this.#socket.destroy());
  }

  #take(bytes: Buffer): void {
    if (this.#answer !== null) this.#bodyLeft -= bytes.length;
    else if (!this.#takeHead(bytes)) return;
    if (this.#bodyLeft <= 0) this.#reply();
  }

  /** Whether all of it is here; of the bytes nothing may be kept but a copy. */
  #takeHead(bytes: Buffer): boolean {
    const all = this.#begun === null ? bytes : Buffer.concat([this.#begun, bytes]);
    const end = all.indexOf(END_OF_HEAD);
    if (end === -1) {
      this.#begun = Buffer.from(all);
      return false;
    }
    this.#begun = null;
    const head = new RequestHead(all.toString('latin1', 0, end));
    this.#answer = this.#answers.to(head);
    this.#bodyLeft = head.contentLength - (all.length - end - END_OF_HEAD.length);
    return true;
  }

  #reply(): void {
    const answer = this.#answer;
    this.#answer = null;
    if (answer === null) return;
    if (this.#delayMs === 0) this.#write(answer);
    else setTimeout(() => this.#write(answer), this.#delayMs);
  }

  #write({ status, headers = '', body }: Answer): void {
    const length = status.startsWith('204') ? '' : `Content-Length: ${body?.length ?? 0}\r\n`;
    const head = `HTTP/1.1 ${status}\r\n${length}x-amzn-RequestId: none\r\n${headers}\r\n`;
    if (body === undefined) {
      this.#socket.write(head, 'latin1');
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
  }
}

/**
 * Reads of 1 MiB into the same memory instead of 64 KiB into new: a third of the CPU of what is received. Node offers that
 * to who connects (`onread`) but not to who is connected to; so what was accepted is handed to a second socket by the
 * handle that Node keeps in `_handle`. Where there is none, and for TLS, bytes come as usual.
 */
function readThroughOneBuffer(accepted: Socket, take: (bytes: Buffer) => void): Socket {
  const inner = accepted as Socket & { _handle?: unknown };
  const handle = inner._handle;
  if (accepted.constructor !== Socket || handle === null || typeof handle !== 'object') {
    return accepted.on('data', take);
  }
  inner._handle = null;
  const callback = (size: number): true => {
    take(INCOMING.subarray(0, size));
    return true;
  };
  return new Socket({ handle, onread: { buffer: INCOMING, callback } } as object);
}
