// Where the vaults are where the settings alone do not tell: what the environment and the profile say of it.

import { GlacierClient, ListVaultsCommand } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import { type GlacierPlace, givenEndpoint } from './given-place.js';
import type { GlacierSettings } from './glacier-config.js';

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
  return { region, endpoint: givenEndpoint(settings, region) ?? (await endpointChosenBy(client)) };
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
