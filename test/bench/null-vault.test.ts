import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { NullAnswers } from '../../bench/null-answers.js';
import { NullConnection } from '../../bench/null-connection.js';

const CONTENT = Buffer.from('what every retrieval gives');
const HASH = 'ab'.repeat(32);

let server: Server | null = null;
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = null;
});

async function connected(): Promise<Socket> {
  if (server === null) {
    const answers = new NullAnswers(CONTENT);
    server = createServer({ pauseOnConnect: true }, (socket) => void new NullConnection(socket, answers, 0));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  }
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true);
  sockets.add(socket);
  await once(socket, 'connect');
  return socket;
}

async function asked(socket: Socket, request: string | Buffer): Promise<string> {
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(request);
  return String((await answered)[0]);
}

/** The second piece goes when the first has been read: a request on another connection, sent later, was answered. */
async function askedInTwo(socket: Socket, first: Buffer, second: Buffer): Promise<string> {
  const other = await connected();
  const before = socket.bytesRead;
  await new Promise<void>((resolve) => void socket.write(first, () => resolve()));
  await asked(other, head('GET', '', ''));
  expect(socket.bytesRead).toBe(before);
  return asked(socket, second);
}

function head(method: string, path: string, headers: string, size = 0): string {
  return `${method} /-/vaults/any${path} HTTP/1.1\r\nHost: any\r\n${headers}Content-Length: ${size}\r\n\r\n`;
}

test('null vault: answers when the whole body is in, however head and body are cut', async () => {
  const socket = await connected();
  const body = Buffer.alloc(3 * 1024 * 1024, '\r\n\r\nPOST ');
  const whole = Buffer.concat([
    Buffer.from(head('POST', '/archives', `x-amz-sha256-tree-hash: ${HASH}\r\n`, body.length)),
    body,
  ]);
  for (const at of [1, 20, whole.length - body.length - 2, whole.length - body.length, whole.length - 1]) {
    const answer = await askedInTwo(socket, whole.subarray(0, at), whole.subarray(at));
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(answer).toContain(`x-amz-sha256-tree-hash: ${HASH}\r\n`);
  }
});

test('null vault: what was made of parts can be retrieved, as the content that there is', async () => {
  const socket = await connected();
  const begun = await asked(socket, head('POST', '/multipart-uploads', ''));
  const upload = /x-amz-multipart-upload-id: (\S+)/.exec(begun)?.[1];
  expect(await asked(socket, `${head('PUT', `/multipart-uploads/${upload}`, '', 4)}part`)).toMatch(/ 204 No Content/);
  await asked(socket, head('POST', `/multipart-uploads/${upload}`, `x-amz-sha256-tree-hash: ${HASH}\r\n`));
  const jobs = await asked(socket, head('GET', '/jobs', ''));
  expect(jobs).toContain(`"SHA256TreeHash":"${HASH}"`);
  const job = /"JobId":"([^"]+)"/.exec(jobs)?.[1];
  expect(job).toBeDefined();
  const range = await asked(socket, head('GET', `/jobs/${job}/output`, 'Range: bytes=5-9\r\n'));
  expect(range).toMatch(/ 206 Partial Content[^]*Content-Range: bytes 5-9\/26\r\n\r\nevery$/);
});

test('null vault: a request that it does not know is refused, and the connection goes on', async () => {
  const socket = await connected();
  expect(await asked(socket, 'GET /other HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await asked(socket, head('GET', '', ''))).toMatch(/^HTTP\/1\.1 200 OK/);
  const rest = text(socket);
  socket.end();
  expect(await rest).toBe('');
});
