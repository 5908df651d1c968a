// Where the vaults are: what the settings, the environment and the profile say of region and endpoint.

import { GlacierClient, ListVaultsCommand } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import type { GlacierSettings } from './glacier-config.js';

/** A region, and the address that requests go to, without a slash at its end. */
export interface GlacierPlace {
  readonly region: string;
  readonly endpoint: string;
}

/** The SDK asks for credentials also where nothing is signed. */
const NOBODY = { accessKeyId: 'nobody', secretAccessKey: 'nothing' };

/**
 * Sends nothing.
 * @throws Failure CONFIG
 */
export async function placeOf(settings: GlacierSettings): Promise<GlacierPlace> {
  const { region: wanted, profile } = settings;
  const given = { ...(wanted === undefined ? {} : { region: wanted }), ...(profile === undefined ? {} : { profile }) };
  const client = new GlacierClient({ ...given, credentials: NOBODY });
  const region = await regionOf(client);
  return { region, endpoint: await endpointOf(settings, region, client) };
}

async function regionOf(client: GlacierClient): Promise<string> {
  return client.config.region().catch((cause: unknown) => {
    throw unusable('region', 'set region in the config file, --region or AWS_REGION, for example us-east-1', cause);
  });
}

function unusable(what: string, hint: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure('CONFIG', `no usable ${what}: ${why}`, { hint, cause });
}

async function endpointOf(
  { endpoint, protocol }: GlacierSettings,
  region: string,
  client: GlacierClient,
): Promise<string> {
  if (endpoint !== undefined) {
    if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint.replace(/\/+$/, '');
    throw new Failure('CONFIG', `endpoint ${JSON.stringify(endpoint)} is not a web address`, {
      hint: 'it begins with https:// or http://',
    });
  }
  if (protocol !== 'http') return endpointChosenBy(client);
  return `http://glacier.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Environment and profile may have a say in it: a request is built, looked at, and not sent. */
async function endpointChosenBy(client: GlacierClient): Promise<string> {
  const command = new ListVaultsCommand({ accountId: '-' });
  let endpoint = '';
  command.middlewareStack.add(
    () => async (args) => {
      const { protocol, hostname, port, path } = args.request as {
        [name in 'protocol' | 'hostname' | 'port' | 'path']?: string | number;
      };
      const base = String(path).replace(/\/-\/vaults$/, '');
      endpoint = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${base}`;
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'build', priority: 'low', name: 'mtglacierEndpoint' },
  );
  await client.send(command).catch((cause: unknown) => {
    throw unusable('endpoint', 'look for endpoint_url in the AWS profile, or AWS_ENDPOINT_URL', cause);
  });
  return endpoint;
}
