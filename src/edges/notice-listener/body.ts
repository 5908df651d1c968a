// The body of a request, as long as it is not too long.

import type { IncomingMessage } from 'node:http';

/** Bytes. SNS carries messages of up to 256 KiB, which grow when they are written in JSON. */
const LARGEST = 1024 * 1024;

/** As text; null when it is longer than any letter. Rejects when it breaks off. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST) return null;
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
