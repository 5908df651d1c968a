// The client's configuration out of the user's settings.

import type { GlacierClientConfig } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import type { HashedBody } from './port.js';
import { agentsThrough } from './proxy.js';

/** Where the vaults are, who asks, and how patiently a socket is waited for. What is left out the SDK finds. */
export interface GlacierSettings {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Towards AWS; an endpoint tells its own. */
  readonly protocol?: 'http' | 'https' | undefined;
  readonly key?: string | undefined;
  readonly secret?: string | undefined;
  readonly token?: string | undefined;
  readonly profile?: string | undefined;
  /** A connection on which nothing moves for so long is given up. */
  readonly timeoutMs: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

const CONNECT_MS = 30_000;
/** Below the time after which servers close an idle connection, so that none is used while it is being closed. */
const IDLE_MS = 4_000;

/**
 * All but the place of the vaults. `hashes` knows those of each body that will be sent.
 * @param proxy null to connect directly
 * @throws Failure CONFIG
 */
export function glacierConfig(
  settings: GlacierSettings,
  hashes: WeakMap<Uint8Array, HashedBody>,
  proxy: URL | null,
): GlacierClientConfig {
  const agent = { keepAlive: true, maxSockets: settings.concurrency + 4, timeout: IDLE_MS };
  return {
    ...credentialsOf(settings),
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    maxAttempts: 1,
    bodyChecksumGenerator: async ({ body }: { body?: unknown }) => {
      const known = body instanceof Uint8Array ? hashes.get(body) : undefined;
      // Of the small JSON of other calls the signer takes the SHA-256 itself; a tree hash has no meaning there.
      return known === undefined ? ['', ''] : [known.sha256, known.treeHash];
    },
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, settings.timeoutMs),
      socketTimeout: settings.timeoutMs,
      ...(proxy === null ? { httpAgent: agent, httpsAgent: agent } : agentsThrough(proxy, agent)),
      logger: SILENT,
    },
    logger: SILENT,
  };
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function credentialsOf({ key, secret, token }: GlacierSettings): Pick<GlacierClientConfig, 'credentials'> {
  if (key === undefined && secret === undefined) return {};
  if (key === undefined || secret === undefined) {
    throw new Failure('CONFIG', key === undefined ? 'secret without key' : 'key without secret', {
      hint: 'give both, or neither to use the AWS environment variables or a profile',
    });
  }
  return {
    credentials: { accessKeyId: key, secretAccessKey: secret, ...(token === undefined ? {} : { sessionToken: token }) },
  };
}
