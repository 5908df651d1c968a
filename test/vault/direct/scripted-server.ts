// A server that says on a connection what a test tells it to, byte for byte, and hears what comes.

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { GlacierService } from '../../../src/vault/glacier-service.js';
import type { Vault } from '../../../src/vault/port.js';
import { NAME, openService } from '../raw-server.js';

/** One connection, as the server sees it. */
export interface Peer {
  readonly socket: Socket;
  /** The next request, all of it: its head, and how many bytes its body had. @throws Error when the client leaves before */
  request(): Promise<{ head: string; size: number }>;
  /** The head of the next request; its body is left where it is. */
  head(): Promise<string>;
  say(text: string): void;
  /** Once the client has left; what it sends before is read and dropped. */
  gone(): Promise<void>;
}

export interface Scripted extends AsyncDisposable {
  readonly service: GlacierService;
  readonly vault: Vault;
  readonly endpoint: string;
  /** Connections made so far. */
  readonly peers: readonly Peer[];
}

/** The impatient adapter, talking to a server that follows the script of each connection. */
export async function openScripted(
  script: (peer: Peer, which: number) => Promise<void> | void,
  timeoutMs = 60_000,
): Promise<Scripted> {
  const peers: Peer[] = [];
  const broken: unknown[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = peerOf(socket);
    peers.push(peer);
    Promise.resolve(script(peer, peers.length - 1)).catch((error: unknown) => {
      if (!(error instanceof ClientLeft)) broken.push(error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service = await openService(endpoint, timeoutMs);
  return {
    service,
    vault: service.vault(NAME),
    endpoint,
    peers,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      for (const { socket } of peers) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (broken.length > 0) throw broken[0];
    },
  };
}

class ClientLeft extends Error {}

function peerOf(socket: Socket): Peer {
  let heard: Buffer = Buffer.alloc(0);
  socket.on('error', () => {}).pause();
  /** What comes next; null at the end. */
  const next = async (): Promise<Buffer | null> => {
    for (;;) {
      const got = socket.read() as Buffer | null;
      if (got !== null || socket.destroyed || socket.readableEnded) return got;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          for (const name of ['readable', 'end', 'close']) socket.off(name, wake);
          resolve();
        };
        for (const name of ['readable', 'end', 'close']) socket.on(name, wake);
      });
    }
  };
  const more = async (): Promise<Buffer> => {
    const got = await next();
    if (got === null) throw new ClientLeft();
    return got;
  };
  const head = async (): Promise<string> => {
    for (;;) {
      const end = heard.indexOf('\r\n\r\n');
      if (end >= 0) {
        const text = heard.toString('latin1', 0, end);
        heard = heard.subarray(end + 4);
        return text;
      }
      heard = Buffer.concat([heard, await more()]);
    }
  };
  return {
    socket,
    head,
    async request() {
      const text = await head();
      const size = Number(/^content-length: (\d+)$/m.exec(text.replaceAll('\r', ''))?.[1] ?? 0);
      for (let left = size; left > 0; ) {
        const got = heard.length > 0 ? heard : await more();
        heard = got.subarray(left);
        left -= Math.min(left, got.length);
      }
      return { head: text, size };
    },
    say: (text) => void socket.write(text, 'latin1'),
    async gone() {
      while ((await next()) !== null);
    },
  };
}
