// Listening on an address, and ending that.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../../model/failure.js';
import { reachableUrlOf, urlOf } from './public-address.js';

/** The same address, for those who look and for those who connect. */
export interface ListeningAt {
  /** As it was bound; with all addresses of the machine, one that nobody can connect to. */
  readonly bound: string;
  /** As programs of this machine reach it. */
  readonly reachable: string;
}

/** @throws Failure CONFIG when the address cannot be listened on */
export async function listen(server: Server, host: string, port: number): Promise<ListeningAt> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const { why, hint } = reasonOf(cause as NodeJS.ErrnoException);
    throw new Failure('CONFIG', `cannot listen on ${host}:${port}: ${why}`, { hint, cause });
  }
  const { address, port: taken } = server.address() as AddressInfo;
  return { bound: urlOf(address, taken), reachable: reachableUrlOf(address, taken) };
}

/** Ends it with all connections, whatever is under way on them. Does nothing when it does not listen. */
export async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): { readonly why: string; readonly hint: string } {
  if (code === 'EADDRINUSE') return { why: 'the port is in use', hint: 'choose another port, or 0 for any' };
  if (code === 'EACCES') return { why: 'you may not use that port', hint: 'choose one of 1024 and above' };
  if (code === 'ENOTFOUND') return { why: 'nobody knows that name', hint: 'choose an address, such as 127.0.0.1' };
  const hint = 'choose an address of this machine, such as 127.0.0.1';
  return { why: code === 'EADDRNOTAVAIL' ? 'the address is not one of this machine' : message, hint };
}
