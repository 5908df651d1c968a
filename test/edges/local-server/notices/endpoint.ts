// A subscriber's web endpoint: keeps what it is sent, and answers as it is told.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Post {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body's fields; none when it is a bare message. */
  readonly letter: Readonly<Record<string, string>>;
}

export interface Endpoint extends AsyncDisposable {
  readonly url: string;
  readonly posts: readonly Post[];
  /** What the next posts are answered; the last holds on. A status of 0 is no answer at all. */
  answers: number[];
  /** Until so many posts have come, and been answered. */
  received(count: number): Promise<void>;
}

export async function openEndpoint(...answers: number[]): Promise<Endpoint> {
  const posts: Post[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      posts.push({ method: request.method ?? '', headers: request.headers, body, letter: letterIn(body) });
      const status = endpoint.answers.length > 1 ? endpoint.answers.shift() : endpoint.answers[0];
      if (status !== 0) response.writeHead(status ?? 200).end();
      for (const tell of waiting) tell();
      waiting.clear();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint: Endpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posts,
    answers,
    async received(count) {
      while (posts.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return endpoint;
}

function letterIn(body: string): Record<string, string> {
  try {
    return JSON.parse(body) as Record<string, string>;
  } catch {
    return {};
  }
}
