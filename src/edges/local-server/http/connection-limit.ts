// How many connections are served at once: whoever comes when there are as many is told so, instead of being let wait.

import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from '../protocol/errors.js';
import { tellBrokenOff } from './broken-request.js';

/** How many are told at the same time that there is no room; beyond them connections are closed without a word. */
const REFUSED_AT_ONCE = { least: 8, most: 64 };
/** So long the answer may take to be read. */
const LINGER_MS = 1000;

/** A connection, and what a request opens on its behalf. */
const FILES_EACH = 3;

/**
 * So many as are wanted, if half of the files that this process may open are enough for that: the others are for the
 * logs of vaults, which stay open. Where the system does not say how many it may, they are.
 */
export async function connectionsWithin(wanted: number): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, openFiles] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  if (openFiles === undefined) return wanted;
  return Math.max(1, Math.min(wanted, Math.floor(Number(openFiles) / 2 / FILES_EACH)));
}

/**
 * Keeps file descriptors for what is served: a server that has none left can neither accept connections nor open files.
 * @param onFull told when a connection is refused and none was before, since all were served
 */
export function limitConnections(server: Server, max: number, onFull: () => void): void {
  const served = new Set<Socket>();
  let isFull = false;
  const [serve] = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  if (serve === undefined) throw new Error('this server does not listen for connections itself');
  server.removeAllListeners('connection');
  const { least, most } = REFUSED_AT_ONCE;
  server.maxConnections = max + Math.min(most, Math.max(least, Math.floor(max / 4)));
  server.on('connection', (socket: Socket) => {
    if (served.size < max) {
      isFull = false;
      served.add(socket);
      socket.once('close', () => served.delete(socket));
      serve.call(server, socket);
      return;
    }
    if (!isFull) onFull();
    isFull = true;
    refuse(socket, max);
  });
}

/** The answer goes out first; what the client says meanwhile is not looked at. */
function refuse(socket: Socket, max: number): void {
  const message = `This server serves ${max} connections at once, and has as many. Please try again.`;
  socket.on('error', () => socket.destroy());
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.resume();
  tellBrokenOff(socket, new ApiError(503, 'ServiceUnavailableException', message));
}
