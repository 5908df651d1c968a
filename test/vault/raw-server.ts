// A server that answers with exactly the bytes and breaks that a test wants.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../src/model/clock.js';
import { VaultName } from '../../src/model/identifiers.js';
import { glacierVault } from '../../src/vault/glacier.js';
import { GlacierConnection } from '../../src/vault/glacier-client.js';
import { glacierVaults } from '../../src/vault/glacier-vaults.js';
import type { Vault, Vaults } from '../../src/vault/port.js';

export const NAME = VaultName.parse('photos');

/** The impatient adapter, talking to `answer`. */
export interface Raw extends AsyncDisposable {
  readonly vaults: Vaults;
  readonly vault: Vault;
  readonly endpoint: string;
  /** Connections made so far. */
  readonly sockets: readonly Socket[];
}

export async function openRaw(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 5_000,
): Promise<Raw> {
  const sockets: Socket[] = [];
  const server = createServer(answer).on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = await openConnection(endpoint, timeoutMs);
  return {
    vaults: glacierVaults(connection),
    vault: glacierVault(connection, NAME),
    endpoint,
    sockets,
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function openConnection(endpoint: string, timeoutMs = 5_000): Promise<GlacierConnection> {
  const settings = { endpoint, region: 'us-east-1', key: 'AKEY', secret: 'ASECRET', timeoutMs, concurrency: 2 };
  return GlacierConnection.open(settings, systemClock);
}

/** An answer of Glacier's own form. */
export function glacierError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message, type: status < 500 ? 'Client' : 'Server' }));
}
