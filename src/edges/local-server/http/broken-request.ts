// Requests that are not even HTTP: answered in the API's own form, as far as there is someone to answer.

import type { Duplex } from 'node:stream';
import { ApiError, invalidParameter, requestTimedOut } from '../protocol/errors.js';
import { newRequestId } from '../protocol/ids.js';

/** Listener for an HTTP server's `clientError`. */
export function answerBrokenRequest(cause: NodeJS.ErrnoException, socket: Duplex): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  tellBrokenOff(socket, errorFor(cause), () => socket.destroy());
}

/** The last that is said on a connection, where there is no request to answer. */
export function tellBrokenOff(socket: Duplex, error: ApiError, onSaid?: () => void): void {
  const text = JSON.stringify(error.body);
  const lines = [
    `HTTP/1.1 ${error.status} ${error.code}`,
    `Date: ${new Date().toUTCString()}`,
    `x-amzn-RequestId: ${newRequestId()}`,
    'Content-Type: application/json',
    `Content-Length: ${text.length}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, onSaid);
}

function errorFor(cause: NodeJS.ErrnoException): ApiError {
  switch (cause.code) {
    case 'HPE_INVALID_HEADER_TOKEN':
      return invalidParameter('A header has characters that headers cannot have.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(431, 'BadRequest', 'The headers are too long.');
    // The sender ended before its body did.
    case 'HPE_INVALID_EOF_STATE':
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimedOut();
    case undefined:
    default:
      return new ApiError(400, 'BadRequest', 'The request is not HTTP/1.1.');
  }
}
