// Sends requests of our own: signed by itself, over connections of its own, with the errors that the SDK's answers give.

import { Instant } from '../../model/clock.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import { translated } from '../errors.js';
import type { RequestRate } from '../request-rate.js';
import type { Asked } from '../server-errors.js';
import { AnswerError, objectIn } from './answer-error.js';
import type { Answer, Outgoing } from './exchange.js';
import type { KeyRing } from './key-ring.js';
import type { Lines } from './lines.js';
import { sizeOf } from './sending.js';
import { type Keys, Signer, SigningDates } from './signature.js';
import type { VaultRequest } from './vault-requests.js';

/** Of a body that is none. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** Source: Glacier developer guide, "Common Request Headers". */
const VERSION = ['x-amz-glacier-version', '2012-06-01'] as const;

export interface DirectClientOptions {
  readonly endpoint: URL;
  readonly region: string;
  /** As servers are told who asks. */
  readonly userAgent: string;
  readonly keys: KeyRing;
  readonly lines: Lines;
  readonly rate: RequestRate;
}

export class DirectClient {
  readonly #options: DirectClientOptions;
  readonly #base: string;
  readonly #host: readonly (readonly ['host', string])[];
  readonly #signer: Signer;
  readonly #dates = new SigningDates();

  constructor(options: DirectClientOptions) {
    this.#options = options;
    this.#base = options.endpoint.pathname.replace(/\/+$/, '');
    this.#host = [['host', options.endpoint.host]];
    this.#signer = new Signer(options.region);
  }

  /** The answer of a server that has done what was asked, and when it was asked. @throws Failure */
  async send(request: VaultRequest, asked: Asked, signal: AbortSignal): Promise<Answer & { readonly at: Instant }> {
    const { rate, keys, lines } = this.#options;
    throwIfInterrupted(signal);
    const waiting = rate.take(signal);
    if (waiting !== undefined) await waiting;
    try {
      const usable = keys.current() ?? (await keys.renewed());
      const signedMs = Date.now();
      const outgoing = this.#signed(request, usable, signedMs);
      const { status, headers, text, body } = await lines.perform(outgoing, signal);
      if (status >= 300) throw new AnswerError(status, headers, text);
      rate.served();
      return { status, headers, text, body, at: Instant.ofMs(signedMs) };
    } catch (thrown) {
      const failure = translated(thrown, asked, signal);
      rate.failed(failure);
      throw failure;
    }
  }

  /** What an answer in JSON says. @throws Failure, also when it is none */
  async ask<T>(request: VaultRequest, asked: Asked, signal: AbortSignal): Promise<T> {
    const { status, headers, text } = await this.send(request, asked, signal);
    const told = objectIn(text);
    if (told === null) throw translated(new AnswerError(status, headers, ''), asked, signal);
    return told as T;
  }

  #signed(request: VaultRequest, keys: Keys, nowMs: number): Outgoing {
    const { userAgent } = this.#options;
    const { method, body, treeHash, streamed, repeatable } = request;
    const path = `${this.#base}${request.path}`;
    const payloadHash = body?.sha256 ?? EMPTY_SHA256;
    const date = this.#dates.of(nowMs);
    const { before, after, late } = request.headers;
    const hashAndDate = [['x-amz-content-sha256', payloadHash], ['x-amz-date', date], VERSION] as const;
    const headers = before.concat(this.#host, after, hashAndDate, late);
    if (keys.sessionToken !== undefined) headers.push(['x-amz-security-token', keys.sessionToken]);
    if (treeHash !== null) headers.push(['x-amz-sha256-tree-hash', treeHash]);
    const authorization = this.#signer.sign({ method, path, headers, payloadHash }, keys, date);
    let head = `${method} ${path} HTTP/1.1\r\n`;
    for (const header of headers) head += line(header[0], header[1]);
    if (body !== null || method === 'POST') head += `content-length: ${sizeOf(body)}\r\n`;
    head += `${line('user-agent', userAgent)}${line('authorization', authorization)}\r\n`;
    return { head, body, streamed, repeatable };
  }
}

/** Whatever a value holds, it stays one. It may be secret. */
function line(name: string, value: string): string {
  if (/[^ -~]/.test(value)) {
    throw new Failure('VAULT_REFUSED', `cannot send ${name}: it holds more than printable ASCII`);
  }
  return `${name}: ${value}\r\n`;
}
