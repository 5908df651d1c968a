// A server that answers with exactly the bytes and breaks that a test wants.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../src/model/clock.js';
import { VaultName } from '../../src/model/identifiers.js';
import { type GlacierService, openGlacier } from '../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../src/vault/patience.js';
import type { Vault, Vaults } from '../../src/vault/port.js';
import { RequestRate } from '../../src/vault/request-rate.js';

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
  const service = await openService(endpoint, timeoutMs);
  return {
    vaults: service.vaults,
    vault: service.vault(NAME),
    endpoint,
    sockets,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The impatient adapter. */
export function openService(
  endpoint: string,
  timeoutMs = 5_000,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<GlacierService> {
  const settings = { endpoint, region: 'us-east-1', key: 'AKEY', secret: 'ASECRET', timeoutMs, concurrency: 2 };
  const rate = new RequestRate(ordinaryPatience(() => {}));
  return openGlacier(settings, { clock: systemClock, rate, environment });
}

/** An answer of Glacier's own form. */
export function glacierError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message, type: status < 500 ? 'Client' : 'Server' }));
}
