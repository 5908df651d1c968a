import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.js';
import type { GlacierService } from '../../src/vault/glacier-service.js';
import { proxyFor } from '../../src/vault/proxy.js';
import { bytesOf, hashed } from './bytes.js';
import { NAME, openRaw, openService } from './raw-server.js';
import { SELF_SIGNED } from './self-signed.js';

const signal = new AbortController().signal;
const AWS = 'https://glacier.eu-west-1.amazonaws.com';
const P = 'http://p:3128';
const BUILT = join(import.meta.dirname, '..', '..', 'dist');
/** A host that nobody has: whoever gets an answer from it has asked the proxy. */
const NOWHERE = 'glacier.invalid';

describe('the proxy that the environment names', () => {
  it.each<[environment: Record<string, string>, address: string, due: string | null]>([
    [{}, AWS, null],
    [{ HTTPS_PROXY: P }, AWS, P],
    [{ https_proxy: P }, AWS, P],
    [{ https_proxy: P, HTTPS_PROXY: 'http://other' }, AWS, P],
    [{ ALL_PROXY: P }, AWS, P],
    [{ HTTPS_PROXY: 'https://p' }, AWS, 'https://p'],
    [{ HTTPS_PROXY: 'p:3128' }, AWS, P],
    [{ HTTPS_PROXY: ' ' }, AWS, null],
    [{ HTTP_PROXY: P }, AWS, null],
    [{ HTTP_PROXY: P }, 'http://glacier.eu-west-1.amazonaws.com', P],
    [{ HTTPS_PROXY: P, NO_PROXY: '*' }, AWS, null],
    [{ HTTPS_PROXY: P, NO_PROXY: 'amazonaws.com' }, AWS, null],
    [{ HTTPS_PROXY: P, no_proxy: 'a.b, .AmazonAWS.com' }, AWS, null],
    [{ HTTPS_PROXY: P, NO_PROXY: '*.amazonaws.com' }, AWS, null],
    [{ HTTPS_PROXY: P, NO_PROXY: 'azonaws.com' }, AWS, P],
    [{ HTTPS_PROXY: P, NO_PROXY: 'amazonaws.com:443' }, AWS, null],
    [{ HTTPS_PROXY: P, NO_PROXY: 'amazonaws.com:8443' }, AWS, P],
    [{ HTTPS_PROXY: P, NO_PROXY: 'amazonaws.com:8443' }, `${AWS}:8443`, null],
    [{ HTTPS_PROXY: P, NO_PROXY: ', ,' }, AWS, P],
    [{ HTTPS_PROXY: P, HTTP_PROXY: P }, 'http://127.0.0.1:4000', null],
    [{ HTTPS_PROXY: P, HTTP_PROXY: P }, 'http://[::1]:4000', null],
    [{ HTTPS_PROXY: P, HTTP_PROXY: P }, 'https://localhost:4000', null],
  ])('the proxy that the environment names: %j for %s is %s', (environment, address, due) => {
    expect(proxyFor(new URL(address), environment)?.href ?? null).toBe(due === null ? null : new URL(due).href);
  });

  it('the proxy that the environment names: what is no HTTP proxy is refused, and its password is not told', () => {
    for (const HTTPS_PROXY of ['socks5://user:SECRET@p', 'http://', 'http://user:SECRET@p:port']) {
      const thrown = caught(() => proxyFor(new URL(AWS), { HTTPS_PROXY }));
      expect(thrown).toMatchObject({ code: 'CONFIG', hint: expect.stringContaining('HTTPS_PROXY') });
      expect(`${thrown.message}${thrown.hint}`).not.toContain('SECRET');
    }
  });
});

describe('through a proxy', () => {
  it('through a proxy: requests share a tunnel, which names the host and the user', async () => {
    await using raw = await openRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"VaultName":"${NAME}"}`);
    });
    await using proxy = await startProxy(Number(new URL(raw.endpoint).port));
    await using service = await connectThrough(
      `http://me:pass%20word@127.0.0.1:${proxy.port}`,
      `http://${NOWHERE}:8080`,
    );
    for (let i = 0; i < 3; i++) expect(await service.vaults.describe(NAME, signal)).toMatchObject({ name: NAME });
    expect(proxy.asked.map(({ url }) => url)).toEqual([`${NOWHERE}:8080`]);
    const user = Buffer.from('me:pass word').toString('base64');
    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${user}`);
  });

  it('through a proxy: archives go through tunnels of their own, which are used again', async () => {
    await using raw = await openRaw((request, response) => {
      request.resume().on('end', () => response.writeHead(201, { 'x-amz-archive-id': 'a' }).end());
    });
    await using proxy = await startProxy(Number(new URL(raw.endpoint).port));
    await using service = await connectThrough(`http://127.0.0.1:${proxy.port}`, `http://${NOWHERE}:8080`);
    const vault = service.vault(NAME);
    for (const size of [10, 3_000_000, 10]) {
      expect((await vault.uploadWhole(hashed(bytesOf(size)), '', signal)).archiveId).toBe('a');
    }
    expect(proxy.asked.map(({ url }) => url)).toEqual([`${NOWHERE}:8080`]);
  });

  it('through a proxy: a signal, or the time for connecting, ends the waiting for a tunnel', async () => {
    await using silent = await startProxy(0);
    const address = `http://127.0.0.1:${silent.port}`;
    await using hasty = await openService(`http://${NOWHERE}`, 50, { ALL_PROXY: address });
    expect((await failureOf(bothWays(hasty)[1]!())).code).toBe('TIMED_OUT');
    await using patient = await connectThrough(address, `http://${NOWHERE}`);
    const raised = new AbortController();
    const asking = patient.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', raised.signal);
    raised.abort();
    expect((await failureOf(asking)).code).toBe('INTERRUPTED');
  });

  it('through a proxy: TLS is spoken with the host at the other end, and nobody else is believed', async () => {
    const names: string[] = [];
    const server = createTlsServer({
      ...SELF_SIGNED,
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    server.on('tlsClientError', (_, socket: TLSSocket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using proxy = await startProxy((server.address() as AddressInfo).port);
    await using service = await connectThrough(`http://127.0.0.1:${proxy.port}`, `https://${NOWHERE}`);
    for (const asking of bothWays(service)) {
      const message = expect.stringContaining('self-signed certificate');
      expect(await failureOf(asking())).toMatchObject({ code: 'ACCESS_DENIED', message });
    }
    expect(names).toEqual([NOWHERE, NOWHERE]);
    expect(proxy.asked.map(({ url }) => url)).toEqual([`${NOWHERE}:443`, `${NOWHERE}:443`]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('through a proxy: a program whose environment names it reaches a host over TLS that it trusts', async () => {
    const server = createHttpsServer(SELF_SIGNED, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"VaultName":"${NAME}"}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using proxy = await startProxy((server.address() as AddressInfo).port);
    const home = await mkdtemp(join(tmpdir(), 'mtglacier-proxy-'));
    await writeFile(join(home, 'trusted.pem'), SELF_SIGNED.cert);
    const script = `
      import { openVaults } from '${BUILT}/vault/open.js';
      const settings = { endpoint: 'https://${NOWHERE}', region: 'r', key: 'k', secret: 's', timeoutMs: 5000, concurrency: 1 };
      const opened = await openVaults(settings, (event) => console.log(JSON.stringify(event)));
      console.log((await opened.vaults.describe('${NAME}', new AbortController().signal)).name);`;
    const env = { HTTPS_PROXY: `127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: join(home, 'trusted.pem') };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env });
    expect(stdout).toBe(`${NAME}
`);
    expect(proxy.asked.map(({ url }) => url)).toEqual([`${NOWHERE}:443`]);
    await rm(home, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    [407, 'ACCESS_DENIED'],
    [403, 'ACCESS_DENIED'],
    [502, 'UNREACHABLE'],
    [503, 'UNREACHABLE'],
  ] as const)('through a proxy: its own answer %i is %s, and told as its', async (status, code) => {
    await using proxy = await startProxy(status);
    await using service = await connectThrough(`http://me:SECRET@127.0.0.1:${proxy.port}`, `https://${NOWHERE}`);
    for (const asking of bothWays(service)) {
      const thrown = await failureOf(asking());
      expect(thrown.code).toBe(code);
      expect(thrown.message).toMatch(`vault photos: proxy 127.0.0.1:${proxy.port} answered ${status}`);
      expect(`${thrown.message}${thrown.hint}`).not.toContain('SECRET');
    }
  });

  it('through a proxy: one that is not there is named', async () => {
    const { port, ...proxy } = await startProxy(200);
    await proxy[Symbol.asyncDispose]();
    await using service = await connectThrough(`http://127.0.0.1:${port}`, `https://${NOWHERE}`);
    for (const asking of bothWays(service)) {
      const message = expect.stringContaining(`proxy 127.0.0.1:${port}`);
      expect(await failureOf(asking())).toMatchObject({ code: 'UNREACHABLE', message });
    }
  });
});

/** Over the SDK, and over our own client. */
function bothWays(service: GlacierService): readonly (() => Promise<unknown>)[] {
  return [
    () => service.vaults.describe(NAME, signal),
    () => service.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', signal),
  ];
}

interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** The tunnels that were asked for. */
  readonly asked: readonly IncomingMessage[];
}

/** A proxy all of whose tunnels lead to one port of this machine; below 1000 it is the status that it answers with, 0 silence. */
async function startProxy(to: number): Promise<Proxy> {
  const asked: IncomingMessage[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer().on('connect', (request, socket: Socket) => {
    asked.push(request);
    sockets.add(socket);
    if (to === 0) return;
    if (to < 1000) {
      socket.end(`HTTP/1.1 ${to} Whatever\r\n\r\n`);
      return;
    }
    const beyond = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(beyond).pipe(socket);
    });
    for (const [one, other] of [
      [socket, beyond],
      [beyond, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connectThrough(proxy: string, endpoint: string): Promise<GlacierService> {
  return openService(endpoint, 5_000, { ALL_PROXY: proxy });
}

function caught(deed: () => unknown): Failure {
  try {
    deed();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('succeeded');
}

async function failureOf(deed: Promise<unknown>): Promise<Failure> {
  const outcome = await deed.then(
    () => new Error('succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(outcome instanceof Failure)) throw outcome;
  return outcome;
}
