// Starts a local vault: a Glacier vault service on a folder, for whoever has its key.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Failure } from '../../model/failure.js';
import { type DataFolder, openDataFolder } from './data-folder.js';
import type { Service, Tier } from './exchange.js';
import { createVaultServer } from './server.js';

/** Milliseconds from asking for a job to its output. */
type Delays = Readonly<Record<Tier | 'Inventory', number>>;

export interface LocalVaultOptions {
  /** Made when it is not there; else empty, or a local vault's already. */
  readonly directory: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** The real service's hours, and its inventory once a day. */
  readonly realistic?: boolean;
  readonly delaysMs?: Partial<Delays>;
  /** Default us-east-1. */
  readonly region?: string;
  /** Clock of vaults and jobs in ms since 1970; signatures are checked against real time. */
  readonly now?: () => number;
  /** Told a line for every request. */
  readonly log?: (line: string) => void;
  /** How long the body of a request may stand still. Default 20 s. */
  readonly bodyIdleMs?: number;
}

export interface LocalVault extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly directory: string;
  readonly delaysMs: Delays;
  /** Breaks off what is under way (it was not acknowledged), and lets go of the folder. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const FAST: Delays = { Expedited: 1000, Standard: 5000, Bulk: 10_000, Inventory: 5000 };
const REALISTIC: Delays = {
  Expedited: 3 * MINUTE_MS,
  Standard: 240 * MINUTE_MS,
  Bulk: 480 * MINUTE_MS,
  Inventory: 240 * MINUTE_MS,
};

/** @throws Failure CONFIG when the folder or the port cannot be used, or another server has the folder */
export async function startLocalVault(options: LocalVaultOptions): Promise<LocalVault> {
  const { realistic = false, region = 'us-east-1', now = Date.now } = options;
  const directory = resolve(options.directory);
  const folder = await openDataFolder(directory, { realistic, now: now() });
  const delaysMs = { ...(realistic ? REALISTIC : FAST), ...options.delaysMs };
  const [key] = folder.account.keys;
  if (key === undefined) throw new Failure('CONFIG', `${directory}/account.json has no key`);
  const service: Service = { folder, region, realistic, delaysMs, now };
  const secrets = new Map(folder.account.keys.map((key) => [key.accessKeyId, key.secretAccessKey]));
  const keys = { region, secretOf: (accessKeyId: string) => secrets.get(accessKeyId) };
  const { log = () => undefined, bodyIdleMs = 20_000 } = options;
  const { server, working } = createVaultServer({ service, keys, bodyIdleMs, log });
  const endpoint = await listen(server, options, folder);
  const close = once(() => stop(server, working, folder));
  const { accountId } = folder.account;
  return { endpoint, region, accountId, ...key, directory, delaysMs, close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, options: LocalVaultOptions, folder: DataFolder): Promise<string> {
  const { host = '127.0.0.1', port = 0 } = options;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    const { why, hint } = reasonOf(cause as NodeJS.ErrnoException);
    throw new Failure('CONFIG', `cannot listen on ${host}:${port}: ${why}`, { hint, cause });
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): { readonly why: string; readonly hint: string } {
  if (code === 'EADDRINUSE') return { why: 'the port is in use', hint: 'choose another port, or 0 for any' };
  if (code === 'EACCES') return { why: 'you may not use that port', hint: 'choose one of 1024 and above' };
  const hint = 'choose an address of this machine, such as 127.0.0.1';
  return { why: code === 'EADDRNOTAVAIL' ? 'the address is not one of this machine' : message, hint };
}

async function stop(server: Server, working: ReadonlySet<Promise<void>>, folder: DataFolder): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
  await Promise.all(working);
  await folder[Symbol.asyncDispose]();
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => (closing ??= close());
}
