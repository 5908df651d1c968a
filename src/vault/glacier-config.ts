// The client's configuration out of the user's settings.

import type { GlacierClientConfig } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import type { ExpiringKeys } from './direct/key-ring.js';
import { IDLE_MS } from './direct/lines.js';
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
  /** As servers are told who asks. */
  readonly userAgent?: string | undefined;
  /** Whether others in this process have had answers from there: an outage is then borne for longer. */
  readonly reached?: boolean | undefined;
}

const CONNECT_MS = 30_000;

/** How long a connection may take to be made. */
export function connectMs({ timeoutMs }: GlacierSettings): number {
  return Math.min(CONNECT_MS, timeoutMs);
}

/**
 * The SDK's configuration, all but the place of the vaults.
 * @param proxy null to connect directly
 * @throws Failure CONFIG
 */
export function glacierConfig(settings: GlacierSettings, proxy: URL | null): GlacierClientConfig {
  // Of the small JSON of these calls the signer takes the SHA-256 itself; a tree hash has no meaning there.
  return { ...sdkConfig(settings, proxy), bodyChecksumGenerator: async () => ['', ''] };
}

/**
 * As much of it as clients of other services of AWS take too.
 * @param proxy null to connect directly
 * @throws Failure CONFIG
 */
export function sdkConfig(settings: GlacierSettings, proxy: URL | null) {
  const agent = { keepAlive: true, maxSockets: settings.concurrency + 4, timeout: IDLE_MS };
  return {
    ...sdkCredentials(settings),
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    maxAttempts: 1,
    ...(settings.userAgent === undefined ? {} : { customUserAgent: settings.userAgent }),
    requestHandler: {
      connectionTimeout: connectMs(settings),
      socketTimeout: settings.timeoutMs,
      ...(proxy === null ? { httpAgent: agent, httpsAgent: agent } : agentsThrough(proxy, agent)),
      logger: SILENT,
    },
    logger: SILENT,
  };
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function sdkCredentials(settings: GlacierSettings): Pick<GlacierClientConfig, 'credentials'> {
  const keys = givenKeys(settings);
  if (keys === null) return {};
  const { accessKeyId, secretAccessKey, sessionToken: token } = keys;
  return { credentials: { accessKeyId, secretAccessKey, ...(token === undefined ? {} : { sessionToken: token }) } };
}

/** The keys that the settings hold; null when they are to be found elsewhere. @throws Failure CONFIG */
export function givenKeys({ key, secret, token }: GlacierSettings): ExpiringKeys | null {
  if (key === undefined && secret === undefined) return null;
  if (key === undefined || secret === undefined) {
    throw new Failure('CONFIG', key === undefined ? 'secret without key' : 'key without secret', {
      hint: 'give both, or neither to use the AWS environment variables or a profile',
    });
  }
  return { accessKeyId: key, secretAccessKey: secret, sessionToken: token };
}
