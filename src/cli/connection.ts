// The vaults that the settings speak of: at AWS, at another endpoint, or in a folder that this process serves itself.

import { existsSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { pacesOf, type SharedBandwidth } from '../transfer/bandwidth.js';
import type { OpenVaults, VaultSettings } from '../vault/open.js';
import { keepBandwidth } from './bandwidth.js';
import type { CommandContext } from './command-context.js';
import { versionOfProgram } from './version.js';
import type { Settings } from './words/options.js';

export interface Connection extends AsyncDisposable {
  readonly vaults: OpenVaults;
  /** What they were opened with; topics and queues beside them are opened with the same. */
  readonly settings: VaultSettings;
  /** Where they are, as journals remember it: `local:DIR` or a URL. */
  readonly endpoint: string;
  /** That of the vaults, for threads to keep too; null where nothing is ever held back. */
  readonly bandwidth: SharedBandwidth | null;
}

const LOCAL = 'local:';

/**
 * The vaults are not asked anything yet.
 * @param folderMode whether a folder that does not exist is made, or is a mistake
 * @throws Failure when the settings lead nowhere
 */
export async function connect(
  { settings, report, clock }: Pick<CommandContext, 'settings' | 'report' | 'clock'>,
  folderMode: 'make-folder' | 'find-folder' = 'find-folder',
): Promise<Connection> {
  const folder = await serveFolder(settings, folderMode);
  const kept = await keepBandwidth(settings, report);
  try {
    // A dry run, which asks no vault, does not load what leads to one.
    const { openVaults } = await import('../vault/open.js');
    const paces = kept === null ? undefined : pacesOf(kept.shared);
    const own = folder?.settings ?? vaultSettings(settings);
    const vaults = await openVaults(own, report, clock, paces);
    return {
      vaults,
      settings: own,
      bandwidth: kept?.shared ?? null,
      endpoint: folder?.endpoint ?? vaults.endpoint,
      async [Symbol.asyncDispose]() {
        kept?.[Symbol.dispose]();
        await vaults[Symbol.asyncDispose]();
        await folder?.close();
      },
    };
  } catch (thrown) {
    kept?.[Symbol.dispose]();
    await folder?.close();
    throw thrown;
  }
}

function vaultSettings(settings: Settings): VaultSettings {
  const { endpoint, region, key, secret, token, profile, protocol, timeout, concurrency } = settings;
  const userAgent = `mtglacier/${versionOfProgram()}`;
  const place = { endpoint, region, protocol };
  return { ...place, key, secret, token, profile, timeoutMs: timeout * 1000, concurrency, userAgent };
}

/** With `endpoint = local:DIR`: a server on that folder, on loopback, for as long as the command runs. */
async function serveFolder(settings: Settings, mode: 'make-folder' | 'find-folder') {
  if (settings.endpoint?.startsWith(LOCAL) !== true) return null;
  const directory = settings.endpoint.slice(LOCAL.length);
  if (mode === 'find-folder' && !existsSync(directory)) {
    const hint = 'check the endpoint; mtglacier create-vault makes the folder with its first vault';
    throw new Failure('CONFIG', `there is no folder ${printable(directory)} with local vaults`, { hint });
  }
  const { startLocalVault } = await import('../edges/local-server/start.js');
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
