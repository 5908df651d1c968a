// The vaults that the settings speak of: at AWS, at another endpoint, or in a folder that this process serves itself.

import { type OpenVaults, openVaults, type VaultSettings } from '../vault/open.js';
import type { CommandContext } from './command-context.js';
import type { Settings } from './options.js';

export interface Connection extends AsyncDisposable {
  readonly vaults: OpenVaults;
  /** Where they are, as journals remember it: `local:DIR` or a URL. */
  readonly endpoint: string;
}

const LOCAL = 'local:';

/** @throws Failure when the settings lead nowhere; the vaults are not asked anything yet */
export async function connect({ settings, report }: Pick<CommandContext, 'settings' | 'report'>): Promise<Connection> {
  const folder = await serveFolder(settings);
  try {
    const vaults = await openVaults(folder?.settings ?? vaultSettings(settings), report);
    return {
      vaults,
      endpoint: folder?.endpoint ?? vaults.endpoint,
      async [Symbol.asyncDispose]() {
        await vaults[Symbol.asyncDispose]();
        await folder?.close();
      },
    };
  } catch (thrown) {
    await folder?.close();
    throw thrown;
  }
}

function vaultSettings(settings: Settings): VaultSettings {
  const { endpoint, region, key, secret, token, profile, protocol, timeout, concurrency } = settings;
  return { endpoint, region, key, secret, token, profile, protocol, timeoutMs: timeout * 1000, concurrency };
}

/** With `endpoint = local:DIR`: a server on that folder, on loopback, for as long as the command runs. */
async function serveFolder(settings: Settings) {
  if (settings.endpoint?.startsWith(LOCAL) !== true) return null;
  const { startLocalVault } = await import('../edges/local-server/start.js');
  const directory = settings.endpoint.slice(LOCAL.length);
  const server = await startLocalVault({
    directory,
    port: 0,
    ...(settings.region === undefined ? {} : { region: settings.region }),
  });
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = server;
  return {
    settings: { ...vaultSettings(settings), endpoint, region, key, secret, token: undefined, profile: undefined },
    endpoint: `${LOCAL}${server.directory}`,
    close: () => server.close(),
  };
}
