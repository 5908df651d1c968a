// A request while it is worked on: who sent it, what it is about, and what is told of it in the end.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Incoming } from '../bodies/incoming.js';
import type { Fault } from '../control/fault-rule.js';
import type { RequestSeen } from '../control/request-log.js';
import { newRequestId } from '../protocol/ids.js';
import type { WireRequest } from '../signing/canonical-request.js';

/** Fields are filled in as far as the request comes; the log has them in the end. */
export class RequestAtWork {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly wire: WireRequest;
  readonly id = newRequestId();
  readonly incoming: Incoming;
  operation: string | null = null;
  vault: string | null = null;
  account: string | null = null;
  error: string | null = null;
  fault: Fault | null = null;
  #gone: AbortController | null = null;
  readonly #started = performance.now();
  readonly #sentBefore: number;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.wire = { method: request.method ?? '', url: request.url ?? '', headers: request.headersDistinct };
    this.incoming = new Incoming(request);
    this.#sentBefore = request.socket.bytesWritten;
  }

  /** Aborted when the answer is out, or nobody waits for it any more. Few ask, and it takes as long as the signature. */
  get gone(): AbortSignal {
    if (this.#gone !== null) return this.#gone.signal;
    const gone = new AbortController();
    if (this.response.closed) gone.abort();
    else this.response.once('close', () => gone.abort());
    this.#gone = gone;
    return gone.signal;
  }

  /** Resets the connection under the client. */
  reset(): void {
    this.request.socket.resetAndDestroy();
    this.response.destroy();
  }

  seen(): RequestSeen {
    const { headersSent, statusCode, writableFinished, writableEnded, destroyed } = this.response;
    return {
      time: new Date().toISOString(),
      requestId: this.id,
      method: this.wire.method,
      path: this.wire.url.split('?', 1)[0] ?? '',
      operation: this.operation,
      vault: this.vault,
      account: this.account,
      accessKeyId: claimedKeyOf(this.wire),
      status: headersSent ? statusCode : 0,
      error: this.error,
      fault: this.fault?.fault ?? null,
      complete: writableFinished || (writableEnded && !destroyed),
      bytesIn: this.incoming.size,
      bytesOut: this.request.socket.bytesWritten - this.#sentBefore,
      ms: Math.round(performance.now() - this.#started),
    };
  }
}

function claimedKeyOf({ headers }: WireRequest): string | null {
  return /Credential=(\w{1,128})\//.exec(headers['authorization']?.[0] ?? '')?.[1] ?? null;
}
