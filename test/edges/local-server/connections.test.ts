// Connections: how many are served, what the others are told, and how long a client may do nothing.

import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { limitConnections } from '../../../src/edges/local-server/http/connection-limit.js';
import { askForJob, outputOf, type RawRequest, send, signedHeaders, uploadWhole } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const MIB = 1024 * 1024;

async function connected({ vault }: Serving): Promise<Socket> {
  const { hostname, port } = new URL(vault.endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that came, once the other side has ended. */
async function heardOn(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** A connection that is known to be served, and is kept. */
async function served(own: Serving): Promise<Socket> {
  const socket = await connected(own);
  socket.write('GET /-/vaults HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  return socket;
}

describe('local vault connections', () => {
  test('one too many is told so, in the form of the API, and one that ends makes room', async () => {
    await using own = await serving({ maxConnections: 2 });
    const kept = [await served(own), await served(own)];
    const surplus = await connected(own);
    surplus.write('GET /-/vaults HTTP/1.1\r\nHost: x\r\n\r\n');
    const [head = '', body = ''] = (await heardOn(surplus)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head).toMatch(/^Connection: close$/m);
    expect(JSON.parse(body)).toEqual({
      code: 'ServiceUnavailableException',
      message: 'This server serves 2 connections at once, and has as many. Please try again.',
      type: 'Server',
    });
    kept[0]!.destroy();
    for (;;) {
      const next = await connected(own);
      next.write('GET /-/vaults HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      if ((await heardOn(next)).startsWith('HTTP/1.1 400')) break;
    }
    kept[1]!.destroy();
  });

  test('the log says once that there were too many, and again when it happens again', async () => {
    await using own = await serving({ maxConnections: 1 });
    const fullLines = (): number => own.lines.filter((line) => line.includes('connections are in use')).length;
    for (const times of [1, 2]) {
      const kept = await served(own);
      for (let i = 0; i < 3; i++) expect(await heardOn(await connected(own))).toMatch(/^HTTP\/1\.1 503/);
      expect(fullLines()).toBe(times);
      kept.destroy();
      // Served again as soon as the server has noticed.
      while (!(await heardOn(await asked(own))).startsWith('HTTP/1.1 400'));
    }
  });

  test('those that are refused have a limit too, and all others go on', async () => {
    await using own = await serving({ maxConnections: 1 });
    const kept = await served(own);
    const crowd = await Promise.all(Array.from({ length: 200 }, () => connected(own)));
    const heard = await Promise.all(crowd.map(heardOn));
    expect(heard.filter((text) => text !== '' && !text.startsWith('HTTP/1.1 503'))).toEqual([]);
    expect(heard.filter((text) => text.startsWith('HTTP/1.1 503')).length).toBeGreaterThanOrEqual(8);
    kept.write('GET /-/vaults HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await once(kept, 'data'))).toMatch(/^HTTP\/1\.1 400 /);
    kept.destroy();
  });

  test('a client meets the 503 as an answer to its request', async () => {
    const server = createServer((_, response) => response.end('served'));
    limitConnections(server, 1, () => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(first, 'data');
    const outgoing = httpRequest({ port, host: '127.0.0.1', method: 'POST', agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end(Buffer.alloc(64 * 1024));
    const [incoming] = (await once(outgoing, 'response')) as [{ statusCode: number }];
    expect(incoming.statusCode).toBe(503);
    first.destroy();
    server.close();
    server.closeAllConnections();
  });
});

async function asked(own: Serving): Promise<Socket> {
  const socket = await connected(own);
  socket.write('GET /-/vaults HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  return socket;
}

describe('local vault patience', () => {
  test.each([
    ['that says nothing', ''],
    ['whose headers never end', 'GET /-/vaults HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ])('a connection %s is ended', async (_, said) => {
    await using own = await serving({ headersMs: 100 });
    const socket = await connected(own);
    // A byte now and then does not keep it.
    const dribbling = said === '' ? undefined : setInterval(() => socket.write('x'), 10);
    socket.write(said);
    const heard = await heardOn(socket);
    clearInterval(dribbling);
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(heard).toContain('RequestTimeoutException');
  });

  test('a request whose work takes longer than its headers may is not ended', async () => {
    await using own = await serving({ headersMs: 50 });
    own.vault.control.addFault({ operation: 'ListVaults', fault: 'stall', seconds: 0.3 });
    expect((await send(own.vault, { method: 'GET', path: '/-/vaults' })).status).toBe(200);
  });

  test('a client that takes nothing of a long answer is let go', async () => {
    await using own = await serving({ answerIdleMs: 100, delaysMs: { Standard: 0 } });
    await send(own.vault, { method: 'PUT', path: '/-/vaults/V' });
    const ArchiveId = await uploadWhole(own.vault, 'V', Buffer.alloc(32 * MIB));
    const job = await askForJob(own.vault, 'V', { Type: 'archive-retrieval', ArchiveId });
    const request = outputOf('V', job);
    const socket = await connected(own);
    socket.pause();
    const headers = Object.entries(signedHeaders(own.vault, request)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${request.path} HTTP/1.1\r\n${headers.join('')}\r\n`);
    const lastOperation = (): string | null => (own.lines.length === 0 ? null : own.seen().operation);
    while (lastOperation() !== 'GetJobOutput') await new Promise((resolve) => setImmediate(resolve));
    expect(own.seen()).toMatchObject({ status: 200, complete: false });
    socket.destroy();
  });
});

describe('local vault connections of those who are answered before they have said all', () => {
  const signedPost = (service: string, path: string): RawRequest => ({ method: 'POST', path, service });

  test.each<[string, RawRequest, number]>([
    ['Glacier, too long', signedPost('glacier', '/-/vaults/V/jobs'), 2 * MIB],
    ['SNS, too long', signedPost('sns', '/'), 5 * MIB],
    ['SQS, too long', signedPost('sqs', '/'), 5 * MIB],
    ['SNS, unsigned', { ...signedPost('sns', '/'), unsigned: true }, 5 * MIB],
    ['a link', { method: 'GET', path: '/?Action=Unsubscribe', unsigned: true }, 5 * MIB],
  ])('%s: the answer comes, and nothing is left of the connection', async (_, request, size) => {
    await using own = await serving({ bodyIdleMs: 60_000 });
    const socket = await connected(own);
    const headers = Object.entries(signedHeaders(own.vault, request)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `${request.method} ${request.path} HTTP/1.1\r\n${headers.join('')}Content-Length: ${size + 1}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(size));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.toString()).toMatch(/^connection: close$/im);
    socket.destroy();
    // The request is told of when the server is done with it.
    while (own.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(own.seen().status).toBeGreaterThanOrEqual(400);
    await connectionsGone();
  });
});

/** Resolves when this process, which is client and server here, has no connection but those of kept agents. */
async function connectionsGone(): Promise<void> {
  const open = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  while (open() > 0) await new Promise((resolve) => setImmediate(resolve));
}
