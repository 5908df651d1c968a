// A server before the local vault that can hold requests back: the way to be in the middle of something for sure.

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Gate extends AsyncDisposable {
  readonly endpoint: string;
  /** Resolves when a request is being held. */
  readonly holding: Promise<void>;
}

/** Passes every request on to `endpoint` but those that `holds` says true of: they are never answered. */
export async function openGate(endpoint: string, holds: (request: IncomingMessage) => boolean): Promise<Gate> {
  let hold = (): void => undefined;
  const holding = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const server = createServer((incoming, answer) => {
    if (holds(incoming)) hold();
    else passOn(endpoint, incoming, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holding,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Headers go as they came, the host's name too, because they are signed. */
function passOn(endpoint: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url, rawHeaders } = incoming;
  const onward = request(new URL(url ?? '/', endpoint), { method, headers: rawHeaders, setHost: false }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}
