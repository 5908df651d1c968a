// Proxies: which one the environment names for an address, and connections that go through it.

import { type AgentOptions, Agent as HttpAgent, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent as HttpsAgent, request as requestTls } from 'node:https';
import type { Duplex } from 'node:stream';
import { Failure } from '../model/failure.js';

/** Variables of the process, by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, in small letters too, which come first; null when none of them holds or
 * `NO_PROXY` names the host. This machine is never reached through a proxy.
 * @throws Failure CONFIG when it is not the address of an HTTP proxy
 */
export function proxyFor(address: URL, environment: Environment): URL | null {
  if (isLoopback(address.hostname) || isExempt(address, variable('no_proxy', environment))) return null;
  const text = variable(`${address.protocol.slice(0, -1)}_proxy`, environment) || variable('all_proxy', environment);
  if (text === '') return null;
  const proxy = text.includes('://') ? text : `http://${text}`;
  if (/^https?:\/\/./.test(proxy) && URL.canParse(proxy)) return new URL(proxy);
  throw new Failure('CONFIG', 'the proxy that the environment names is not the address of an HTTP proxy', {
    hint: 'HTTPS_PROXY has the form http://HOST:PORT; NO_PROXY names hosts that are reached without it',
  });
}

/** Agents whose connections go through the proxy, each by a tunnel of its own. */
export function agentsThrough(proxy: URL, options: AgentOptions): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  return {
    httpAgent: tunnelled(new HttpAgent(options), proxy, (tunnel) => tunnel),
    httpsAgent: tunnelled(new HttpsAgent(options), proxy, (tunnel, connect) => connect(tunnel)),
  };
}

function variable(name: string, environment: Environment): string {
  return (environment[name] || environment[name.toUpperCase()] || '').trim();
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** `*`, hosts, and domains with or without a dot before them, each with a port or without, between commas or blanks. */
function isExempt({ hostname, port, protocol }: URL, exempt: string): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, domain = '', onlyPort = ownPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (entry === '*') return true;
      return domain !== '' && onlyPort === ownPort && (hostname === domain || hostname.endsWith(`.${domain}`));
    });
}

/** What an agent makes its connections of. Node documents it, and its types do not have it. */
interface Connecting {
  createConnection(options: Target, done: Done): Duplex | undefined;
}

export interface Target {
  readonly host: string;
  readonly port: number | string;
  /** Already there: to be spoken over. */
  readonly socket?: Duplex;
}

type Done = (error: Error | null, connection?: Duplex) => void;

/** `over` makes the connection of the tunnel, with the agent's own way to connect where it needs that. */
function tunnelled<Agent extends HttpAgent>(
  agent: Agent,
  proxy: URL,
  over: (tunnel: Duplex, connect: (tunnel: Duplex) => Duplex | undefined) => Duplex | undefined,
): Agent {
  const own = (agent as unknown as Connecting).createConnection.bind(agent);
  const createConnection: Connecting['createConnection'] = (target, done) => {
    openTunnel(proxy, target, (error, tunnel) => {
      if (tunnel === undefined) done(error);
      else
        done(
          null,
          over(tunnel, (socket) => own({ ...target, socket }, () => {})),
        );
    });
    return undefined;
  };
  return Object.assign(agent, { createConnection });
}

const CONNECT_MS = 30_000;

/** A connection to the target by way of the proxy, over which nothing has been said. Done is told once. */
export function openTunnel(proxy: URL, { host, port }: Target, done: Done, signal?: AbortSignal): void {
  const path = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const secure = proxy.protocol === 'https:';
  const request = (secure ? requestTls : requestPlain)({
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (secure ? 443 : 80),
    path,
    headers: { host: path, ...authorization(proxy) },
    agent: false,
    timeout: CONNECT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  request.once('connect', (answer: IncomingMessage, tunnel: Duplex) => {
    if (answer.statusCode === 200) return done(null, tunnel);
    tunnel.destroy();
    done(refusal(proxy, answer));
  });
  request.once('timeout', () => request.destroy(coded('ETIMEDOUT', `no answer within ${CONNECT_MS} ms`)));
  request.once('error', (error) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'ECONNRESET';
    done(coded(code, `proxy ${proxy.host}: ${error.message}`));
  });
  request.end();
}

function authorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

/** A proxy that answers as a broken server does may do better the next time; one that says no will not. */
function refusal(proxy: URL, { statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  const code = statusCode >= 500 || statusCode === 429 ? 'EHOSTUNREACH' : 'EPROXY';
  return coded(code, `proxy ${proxy.host} answered ${statusCode} ${statusMessage}`.trimEnd());
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
