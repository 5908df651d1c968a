// The vaults of an account at Glacier: what storing needs goes over a client of our own, the rest over the SDK, which loads when needed.

import process from 'node:process';
import type { Clock } from '../model/clock.js';
import type { VaultName } from '../model/identifiers.js';
import { type Pace, UNPACED } from '../model/pace.js';
import { Dialer } from './direct/dial.js';
import { DirectClient } from './direct/direct-client.js';
import { directControl, directDescribe } from './direct/direct-control.js';
import { directVault } from './direct/direct-vault.js';
import { KeyRing } from './direct/key-ring.js';
import { Lines } from './direct/lines.js';
import { translated } from './errors.js';
import { type GlacierPlace, givenPlace } from './given-place.js';
import { connectMs, type GlacierSettings, givenKeys } from './glacier-config.js';
import { vaultOnDemand, vaultsOnDemand } from './on-demand.js';
import type { Vault, Vaults } from './port.js';
import { proxyFor } from './proxy.js';
import type { RequestRate } from './request-rate.js';

/** How fast bytes may go, and come. */
export interface Paces {
  readonly up: Pace;
  readonly down: Pace;
}

export const NO_PACES: Paces = { up: UNPACED, down: UNPACED };

export interface GlacierOptions {
  /** Tells what is readable; requests are signed with the machine's time. */
  readonly clock: Clock;
  readonly rate: RequestRate;
  readonly paces?: Paces;
  /** May name a proxy. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Impatient vaults: each request is made once. Disposing closes all connections. */
export interface GlacierService extends AsyncDisposable {
  readonly region: string;
  readonly endpoint: string;
  readonly vaults: Vaults;
  vault(name: VaultName): Vault;
  /**
   * Settings that lead to the same vaults with what the environment and the profile say of them looked up; keys too,
   * unless they expire. @throws Failure ACCESS_DENIED when there are no keys
   */
  resolved(signal: AbortSignal): Promise<GlacierSettings>;
}

/** Sends nothing yet. @throws Failure CONFIG */
export async function openGlacier(settings: GlacierSettings, options: GlacierOptions): Promise<GlacierService> {
  const { rate, paces = NO_PACES, environment = process.env } = options;
  const given = givenKeys(settings);
  const place = await placeOf(settings);
  const endpoint = new URL(place.endpoint);
  const proxy = proxyFor(endpoint, environment);
  const sdk = once(() => loadSdk(settings, place, proxy, options));
  const keys = new KeyRing(async () => given ?? (await sdk()).connection.keys());
  const dialer = new Dialer(endpoint, proxy, connectMs(settings));
  const limits = { inactivityMs: settings.timeoutMs, up: paces.up, elapsedMs: () => performance.now() };
  const lines = new Lines((signal) => dialer.dial(signal), limits);
  const { userAgent = 'mtglacier' } = settings;
  const client = new DirectClient({ endpoint, region: place.region, userAgent, keys, lines, rate });
  return {
    ...place,
    vaults: { ...vaultsOnDemand(async () => (await sdk()).vaults), describe: directDescribe(client) },
    vault: (name) => ({
      ...vaultOnDemand(once(async () => (await sdk()).vault(name))),
      ...directVault(client, name, paces.down),
      ...directControl(client, name, options.clock),
    }),
    async resolved(signal) {
      const found = await keys.renewed().catch((thrown: unknown) => {
        throw translated(thrown, { deed: 'find keys', what: 'vault', vault: null }, signal);
      });
      const { accessKeyId: key, secretAccessKey: secret, sessionToken: token, expiration } = found;
      return { ...settings, ...place, ...(expiration === undefined ? { key, secret, token } : {}) };
    },
    async [Symbol.asyncDispose]() {
      await lines[Symbol.asyncDispose]();
      if (sdk.begun) await (await sdk()).connection[Symbol.asyncDispose]();
    },
  };
}

async function placeOf(settings: GlacierSettings): Promise<GlacierPlace> {
  const given = givenPlace(settings);
  if (given !== null) return given;
  silenceSdk();
  const glacierPlace = await import('./glacier-place.js');
  return glacierPlace.placeOf(settings);
}

async function loadSdk(settings: GlacierSettings, place: GlacierPlace, proxy: URL | null, options: GlacierOptions) {
  silenceSdk();
  const [{ GlacierConnection }, { controlledVault }, { glacierVaults }] = await Promise.all([
    import('./glacier-client.js'),
    import('./glacier.js'),
    import('./glacier-vaults.js'),
  ]);
  const connection = new GlacierConnection(settings, place, proxy, options);
  return {
    connection,
    vaults: glacierVaults(connection),
    vault: (name: VaultName) => controlledVault(connection, name),
  };
}

/** It warns of versions of Node.js that it will not support one day. */
function silenceSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}

/** Made when first asked for, and again after that has failed. */
function once<T>(make: () => Promise<T>): { (): Promise<T>; readonly begun: boolean } {
  let made: Promise<T> | undefined;
  const get = (): Promise<T> => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined;
      throw thrown;
    });
    return made;
  };
  return Object.defineProperty(get, 'begun', { get: () => made !== undefined }) as typeof get & { begun: boolean };
}
