// Sends hostile requests over bare sockets, many at once, and tells what came back.

import { connect } from 'node:net';
import type { HostileRequest } from './hostile-requests.js';

/** A sender that hears nothing for so long gives up. The server's patience with bodies has to be less. */
const GIVE_UP_MS = 1000;

export interface Struck {
  /** Of all answers but interim ones, in their order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

export interface Endpoints {
  readonly api: string;
  readonly control: string;
}

/** Takes the requests from `next`, so many at a time, until it gives null. */
export async function strikeAll(
  endpoints: Endpoints,
  next: () => HostileRequest | null,
  width: number,
  onStruck: (request: HostileRequest, struck: Struck) => void,
): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let request = next(); request !== null; request = next()) {
      onStruck(request, await strike(endpoints[request.to ?? 'api'], request));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Resolves when the connection is over, however it ended. @throws when the server cannot be reached at all */
async function strike(endpoint: string, { pieces, ending }: HostileRequest): Promise<Struck> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
  const received: Buffer[] = [];
  let isConnected = false;
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', (cause) => (isConnected ? undefined : reject(cause)));
    socket.on('close', () => resolve());
    socket.once('connect', () => {
      isConnected = true;
      void sendAll();
    });
    async function sendAll(): Promise<void> {
      for (const piece of pieces) await new Promise<void>((sent) => void socket.write(piece, () => sent()));
      if (ending === 'half-close') socket.end();
      else if (ending === 'reset') socket.resetAndDestroy();
    }
  });
  const text = Buffer.concat(received).toString('latin1');
  const statuses = [...text.matchAll(/^HTTP\/1\.1 ([2-9]\d\d)/gm)].map((match) => Number(match[1]));
  return { statuses, text };
}
