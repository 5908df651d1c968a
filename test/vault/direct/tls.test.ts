// Over TLS, in a process of its own that trusts the test's certificate and has no SDK: bytes go without it.

import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Built, compile } from '../../edges/local-server/spawned-vault.js';
import { MIB } from '../bytes.js';
import { SELF_SIGNED } from '../self-signed.js';

const SIZE = 32 * MIB;

/** Stores small archives and a large part, reads a range, tells of it, and ends by itself. */
const SCRIPT = `
import { createHash } from 'node:crypto';
import { openVaults } from './src/vault/open.js';
const signal = new AbortController().signal;
const settings = { endpoint: process.argv[2], region: 'r', key: 'k', secret: 's', timeoutMs: 60_000, concurrency: 4 };
const opened = await openVaults(settings, (event) => console.log(JSON.stringify(event)));
const vault = opened.vault('photos');
const bytes = Buffer.alloc(${SIZE}, 'content');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const body = { bytes, sha256, treeHash: 'ab'.repeat(32) };
const archives = [];
for (let i = 0; i < 3; i++) archives.push(await vault.uploadWhole({ ...body, bytes: bytes.subarray(0, 1000) }, '', signal));
await vault.uploadPart('u', { start: 0, end: bytes.length }, body, signal);
const ready = { state: 'ready', jobId: 'j', requestedAt: 0, size: bytes.length, readableUntil: null };
const { body: range } = await vault.read(ready, { start: 0, end: bytes.length }, signal);
const hash = createHash('sha256');
for await (const piece of range) hash.update(piece);
const sdk = await opened.vaults.create('photos', signal).catch(({ code }) => code);
await opened[Symbol.asyncDispose]();
console.log(JSON.stringify({ archives: archives.map(({ archiveId }) => archiveId), same: hash.digest('hex') === sha256, sdk }));
`;

let built: Built;
beforeAll(() => {
  built = compile(['src/vault/open.ts'], SCRIPT);
  writeFileSync(join(built.folder, 'trusted.pem'), SELF_SIGNED.cert);
}, 120_000);
afterAll(() => rmSync(built.folder, { recursive: true }));

interface Seen {
  handshakes: number;
  resumed: number;
  sizes: number[];
}

async function openServer(): Promise<{ port: number; seen: Seen } & AsyncDisposable> {
  const seen: Seen = { handshakes: 0, resumed: 0, sizes: [] };
  const content = Buffer.alloc(SIZE, 'content');
  const server = createServer(SELF_SIGNED, (request, response) => {
    let size = 0;
    request.on('data', (piece: Buffer) => (size += piece.length));
    request.on('end', () => {
      seen.sizes.push(size);
      const id = { 'x-amz-archive-id': `a${seen.sizes.length}` };
      if (request.method === 'GET')
        response.writeHead(206, { 'content-range': `bytes 0-${SIZE - 1}/${SIZE}` }).end(content);
      else if (request.method === 'POST') response.writeHead(201, id).end();
      // Its connection is closed: the next one is made with what this one left.
      else response.writeHead(204, { connection: 'close' }).end();
    });
  });
  server.on('secureConnection', (socket) => {
    seen.handshakes++;
    if (socket.isSessionReused()) seen.resumed++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function run(endpoint: string, environment: Record<string, string> = {}): Promise<unknown> {
  const env = { NODE_EXTRA_CA_CERTS: join(built.folder, 'trusted.pem'), ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [built.script, endpoint], { env });
  return JSON.parse(stdout);
}

/** What needs the SDK finds none. */
const DUE = { archives: ['a1', 'a2', 'a3'], same: true, sdk: 'ERR_MODULE_NOT_FOUND' };
const SIZES = [1000, 1000, 1000, SIZE, 0];

it('tls: archives, parts and ranges go over connections that are used again, and shake hands briefly the next time', async () => {
  await using server = await openServer();
  expect(await run(`https://127.0.0.1:${server.port}`)).toEqual(DUE);
  expect(server.seen).toEqual({ handshakes: 2, resumed: 1, sizes: SIZES });
});

it('tls: they go through a proxy as well, with TLS from end to end', async () => {
  await using server = await openServer();
  const asked: (string | undefined)[] = [];
  const proxy = createProxy().on('connect', (request, socket: Socket) => {
    asked.push(request.url);
    const beyond = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(beyond).pipe(socket);
    });
    for (const end of [socket, beyond]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const through = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  expect(await run('https://glacier.invalid', { HTTPS_PROXY: through })).toEqual(DUE);
  expect(server.seen.sizes).toEqual(SIZES);
  expect(asked).toEqual(['glacier.invalid:443', 'glacier.invalid:443']);
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});
