// Starts a local vault: a Glacier vault service on a folder, for whoever has one of its keys.

import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { VaultClock } from './control/clock.js';
import type { Control } from './control/control.js';
import { CONTROL_HOST } from './control/control-server.js';
import { saveAheadMs } from './folder/clock-file.js';
import { type DataFolder, openDataFolder } from './folder/data-folder.js';
import { openHouse } from './house.js';
import { listen } from './http/listening.js';
import { publicUrlOf } from './http/public-address.js';
import type { ServerSettings } from './http/server.js';
import type { Notices } from './notices/notice-port.js';
import type { Tier } from './protocol/tier.js';
import {
  atLeast,
  checkOptions,
  DELAY,
  FUNCTION,
  NAME,
  numbersFor,
  type OptionRule,
  objectWith,
  PORT,
  REGION,
  TEXT,
  TRUTH,
  whole,
} from './start-options.js';

/** Milliseconds from asking for a job to its output. */
type Delays = Readonly<Record<Tier | 'Inventory', number>>;

/** What can be chosen; all but the folder can be left out. */
export interface LocalVaultOptions {
  /** Made when it is not there; else empty, or a local vault's already. */
  readonly directory: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /**
   * The name by which clients reach it, when that is not its address: `https://vault.example`. Letters and the URLs of
   * queues have links to it. Default: the address that it listens on, or loopback where that is all addresses.
   */
  readonly publicUrl?: string;
  /** The real service's hours, and its inventory once a day. */
  readonly realistic?: boolean;
  /** Of the vaults' clock. */
  readonly delaysMs?: Partial<Delays>;
  /** How much faster than real time the clock of vaults and jobs goes. Default 1. */
  readonly speed?: number;
  /** Default us-east-1. */
  readonly region?: string;
  /** How many accounts there are to be; those that are missing are made. Default 1. */
  readonly accounts?: number;
  /** Real time in ms since 1970, for the clock of vaults and jobs; signatures are checked against the machine's. */
  readonly now?: () => number;
  /** Serves the control endpoint on this port of 127.0.0.1; 0 is any that is free. Default: there is none. */
  readonly controlPort?: number;
  /** Told of jobs that ended, in place of the topics of this server. */
  readonly notices?: Notices;
  /** Told a line of JSON for every request. */
  readonly log?: (line: string) => void;
  /**
   * How long an upload in parts may stand still before it is gone, in ms of the vaults' clock. Default 24 hours, the
   * least that the real service promises; Infinity keeps it for ever.
   */
  readonly uploadIdleMs?: number;
  /** Checks the bytes of archives and throws them away: they cannot be retrieved. For measuring clients. */
  readonly discard?: boolean;
  /**
   * How many connections are served at once; more are refused with 503. Fewer where the process may not open as many
   * files as they need. Default 1024.
   */
  readonly maxConnections?: number;
  /** How long the body of a request may stand still. Default 20 s. */
  readonly bodyIdleMs?: number;
  /** How long the headers of a request may take, or a new connection to send any. Default 60 s. */
  readonly headersMs?: number;
  /** How long a client may take nothing of a long answer. Default 2 min. */
  readonly answerIdleMs?: number;
}

/** A server that listens. It is closed by `close()`, or at the end of its scope with `await using`. */
export interface LocalVault extends AsyncDisposable {
  /** Where clients reach it. */
  readonly endpoint: string;
  /** The address that it listens on, as a URL. */
  readonly listensOn: string;
  /** Null when there is none. */
  readonly controlEndpoint: string | null;
  readonly region: string;
  /** Of the first account; `control.accounts` has all. */
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly directory: string;
  readonly delaysMs: Delays;
  /** All that the control endpoint does, and more, from within this process. */
  readonly control: Control;
  /** Breaks off what is under way (it was not acknowledged), and lets go of the folder. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const FAST: Delays = { Expedited: 1000, Standard: 5000, Bulk: 10_000, Inventory: 5000 };
const REALISTIC: Delays = {
  Expedited: 3 * MINUTE_MS,
  Standard: 240 * MINUTE_MS,
  Bulk: 480 * MINUTE_MS,
  Inventory: 240 * MINUTE_MS,
};

/** What each may be, for callers whose language does not check it. */
const RULES: Readonly<Record<keyof LocalVaultOptions, OptionRule>> = {
  directory: NAME,
  host: NAME,
  port: PORT,
  publicUrl: TEXT,
  realistic: TRUTH,
  delaysMs: numbersFor('Expedited', 'Standard', 'Bulk', 'Inventory'),
  speed: atLeast(1),
  region: REGION,
  accounts: whole(1, 100),
  now: FUNCTION,
  controlPort: PORT,
  notices: objectWith('publish'),
  log: FUNCTION,
  uploadIdleMs: atLeast(0),
  discard: TRUTH,
  maxConnections: whole(1, 100_000),
  bodyIdleMs: DELAY,
  headersMs: DELAY,
  answerIdleMs: DELAY,
};

type CheckedOptions = Omit<LocalVaultOptions, 'publicUrl'> & { readonly publicUrl: string | null };
type Patience = Pick<ServerSettings, 'bodyIdleMs' | 'headersMs' | 'answerIdleMs'>;

/** @throws Failure CONFIG when an option, the folder or a port cannot be used, or another server has the folder */
export async function startLocalVault(options: LocalVaultOptions): Promise<LocalVault> {
  checkOptions('startLocalVault', options, { needed: 'directory', rules: RULES });
  const { realistic = false, speed = 1, now: realNow = Date.now, discard: discards = false } = options;
  const { uploadIdleMs = DAY_MS } = options;
  const publicUrl = options.publicUrl === undefined ? null : publicUrlOf(options.publicUrl);
  const folder = await openDataFolder(resolve(options.directory), { realistic, realNow, discards, uploadIdleMs });
  const clock = new VaultClock({ realNow, speed, aheadMs: folder.aheadMs ?? 0 });
  try {
    // From now on the folder knows that its clock is not real time, even after kill -9.
    if (speed > 1) await saveAheadMs(folder.directory, clock.aheadMs);
    while (folder.accounts.length < (options.accounts ?? 1)) await folder.addAccount(clock.now());
    return await serve({ ...options, publicUrl }, folder, clock);
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    throw cause;
  }
}

async function serve(options: CheckedOptions, folder: DataFolder, clock: VaultClock): Promise<LocalVault> {
  const { host = '127.0.0.1', port = 0, region = 'us-east-1', realistic = false } = options;
  const delaysMs = { ...(realistic ? REALISTIC : FAST), ...options.delaysMs };
  const house = await openHouse(folder, clock, {
    region,
    realistic,
    delaysMs,
    ...patienceOf(options),
    maxConnections: options.maxConnections ?? 1024,
    notices: options.notices ?? null,
    log: options.log ?? null,
  });
  const { control } = house;
  const close = once(async () => {
    await house.close();
    if (folder.aheadMs !== null || clock.aheadMs > 0) await saveAheadMs(folder.directory, clock.aheadMs);
    await folder[Symbol.asyncDispose]();
  });
  try {
    const { bound, reachable } = await listen(house.server, host, port);
    // A connection that cannot be accepted is lost, and no reason to lose the others.
    house.server.on('error', (cause) => house.log.addDefect(cause));
    const endpoint = options.publicUrl ?? reachable;
    house.notices.open(endpoint);
    const controlEndpoint = await listenForControl(house.controlServer, options);
    house.jobNotices.open();
    const { accountId, accessKeyId, secretAccessKey } = control.accounts[0] ?? missing();
    const mine = { accountId, accessKeyId, secretAccessKey, directory: folder.directory, delaysMs, region };
    return { endpoint, listensOn: bound, controlEndpoint, ...mine, control, close, [Symbol.asyncDispose]: close };
  } catch (cause) {
    await house.close();
    throw cause;
  }
}

function patienceOf({ bodyIdleMs = 20_000, headersMs = 60_000, answerIdleMs = 120_000 }: CheckedOptions): Patience {
  return { bodyIdleMs, headersMs, answerIdleMs };
}

async function listenForControl(server: Server, { controlPort }: CheckedOptions): Promise<string | null> {
  return controlPort === undefined ? null : (await listen(server, CONTROL_HOST, controlPort)).bound;
}

function missing(): never {
  throw new Error('there is no account');
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => (closing ??= close());
}
