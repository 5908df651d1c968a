// Makes connections to a server: directly or through a proxy, in the clear or over TLS.

import { isIP, connect as plainTo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, type TLSSocket, connect as tlsTo } from 'node:tls';
import { openTunnel } from '../proxy.js';
import { WireError } from './wire-error.js';

/** Probes on a silent connection begin after so long, and find out a peer that is gone. */
const PROBE_MS = 30_000;

/** A connection that is ready to be spoken over. */
export interface Wire {
  readonly socket: Duplex;
  /** Told the bytes that come, which are good only while it is told. To be set before anything is asked. */
  receive(bytes: Buffer): void;
}

/** Bytes that are taken from a connection at once, at most. */
export const READ_MAX = 256 * 1024;

export class Dialer {
  /** What comes in on any connection goes through here: a buffer for each read would be most of the garbage. */
  readonly #incoming = Buffer.allocUnsafeSlow(READ_MAX);
  readonly #secure: boolean;
  readonly #host: string;
  readonly #port: number;
  readonly #proxy: URL | null;
  readonly #patienceMs: number;
  /** What the server gave to shorten the next handshake. */
  #session: Buffer | undefined;

  /** @param patienceMs how long a connection may take to be made, with TLS */
  constructor(endpoint: URL, proxy: URL | null, patienceMs: number) {
    this.#secure = endpoint.protocol === 'https:';
    this.#host = endpoint.hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(endpoint.port || (this.#secure ? 443 : 80));
    this.#proxy = proxy;
    this.#patienceMs = patienceMs;
  }

  /** @throws as Node, or WireError; AbortError when the signal says so */
  async dial(signal: AbortSignal): Promise<Wire> {
    const late = AbortSignal.timeout(this.#patienceMs);
    const given = AbortSignal.any([signal, late]);
    try {
      if (this.#proxy === null) return await this.#direct(given);
      return await this.#through(await this.#tunnel(this.#proxy, given), given);
    } catch (cause) {
      if (!late.aborted || signal.aborted) throw cause;
      throw new WireError('ETIMEDOUT', `no connection within ${this.#patienceMs} ms`, { cause });
    }
  }

  async #direct(signal: AbortSignal): Promise<Wire> {
    const told: Pick<Wire, 'receive'> = { receive() {} };
    const callback = (size: number): true => {
      told.receive(this.#incoming.subarray(0, size));
      return true;
    };
    const options = { host: this.#host, port: this.#port, onread: { buffer: this.#incoming, callback } };
    const socket = this.#secure ? this.#tls(options) : plainTo(options);
    await ready(socket, this.#secure ? 'secureConnect' : 'connect', signal);
    return Object.assign(told, { socket });
  }

  async #through(tunnel: Duplex, signal: AbortSignal): Promise<Wire> {
    let socket = tunnel;
    if (this.#secure) {
      const secured = this.#tls({ host: this.#host, port: this.#port, socket: tunnel });
      await ready(secured, 'secureConnect', signal);
      socket = secured;
    }
    const wire: Wire = { socket, receive() {} };
    socket.on('data', (bytes: Buffer) => wire.receive(bytes));
    return wire;
  }

  #tunnel(proxy: URL, signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const target = { host: this.#host, port: this.#port };
      openTunnel(proxy, target, (error, tunnel) => (tunnel === undefined ? reject(error) : resolve(tunnel)), signal);
    });
  }

  #tls(options: ConnectionOptions): TLSSocket {
    const socket = tlsTo({
      ...options,
      servername: isIP(this.#host) === 0 ? this.#host : '',
      ALPNProtocols: ['http/1.1'],
      ...(this.#session === undefined ? {} : { session: this.#session }),
    });
    return socket.on('session', (session) => (this.#session = session));
  }
}

function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      signal.removeEventListener('abort', giveUp);
      socket.off('close', closed).off(event, made);
    };
    const fail = (error: Error): void => {
      forget();
      socket.destroy();
      reject(error);
    };
    const giveUp = (): void => fail(new WireError('ECONNABORTED', 'no longer wanted'));
    const closed = (): void => fail(new WireError('ECONNRESET', 'the connection was closed before it was made'));
    const made = (): void => {
      forget();
      socket.off('error', fail);
      socket.setNoDelay(true).setKeepAlive(true, PROBE_MS);
      resolve();
    };
    // The listener for errors stays where it has failed: whatever else goes wrong then interests nobody.
    socket.on('error', fail).on('close', closed).on(event, made);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
