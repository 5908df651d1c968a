// The control endpoint: HTTP and JSON on loopback, on a port of its own, for whoever may use this machine.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { receiveSmall } from '../bodies/body.js';
import { Incoming } from '../bodies/incoming.js';
import { ApiError, accessDenied, serviceUnavailable } from '../protocol/errors.js';
import { parseObject } from '../protocol/json-fields.js';
import type { Control } from './control.js';
import { doAsAsked } from './control-request.js';

/** Listened on whatever the address of the API is. */
export const CONTROL_HOST = '127.0.0.1';

/** The HTTP server, not yet listening. */
export function createControlServer(control: Control): Server {
  return createServer((request, response) => {
    void answer(control, request, response).catch(() => response.destroy());
  });
}

async function answer(control: Control, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    refuseStrangers(request);
    const body = await receiveSmall(new Incoming(request));
    const [path = ''] = (request.url ?? '').split('?', 1);
    const fields = () => (body.length === 0 ? {} : parseObject(body));
    const result = await doAsAsked(control, request.method ?? '', path, fields);
    if (result === undefined) response.writeHead(204).end();
    else say(response, 200, result);
  } catch (cause) {
    const error = cause instanceof ApiError ? cause : serviceUnavailable((cause as Error).message);
    say(response, error.status, error.body);
  }
}

/**
 * A page in a browser can send requests here too. It cannot name this address as its host (unless it is open on this
 * machine), nor send JSON to another origin without asking first, which is refused.
 */
function refuseStrangers({ method, headers }: IncomingMessage): void {
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(headers.host ?? '')) {
    throw accessDenied('The control endpoint answers to 127.0.0.1 and localhost only.');
  }
  if (headers.origin !== undefined) throw accessDenied('The control endpoint does not answer to web pages.');
  const hasBody = method === 'POST' || method === 'PUT';
  if (hasBody && headers['content-type']?.split(';', 1)[0]?.trim() !== 'application/json') {
    throw new ApiError(415, 'UnsupportedMediaType', 'Send Content-Type: application/json.');
  }
}

function say(response: ServerResponse, status: number, content: unknown): void {
  const text = `${JSON.stringify(content)}\n`;
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) };
  response.writeHead(status, headers).end(text);
}
