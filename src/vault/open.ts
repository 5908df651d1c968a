// Opens the vaults that the settings name. Above this nobody asks which kind they are.

import { type Clock, systemClock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import type { VaultName } from '../model/identifiers.js';
import type { GlacierSettings } from './glacier-config.js';
import { ordinaryPatience } from './patience.js';
import { patientVault, patientVaults } from './patient.js';
import type { Vault, Vaults } from './port.js';

export type VaultSettings = GlacierSettings;

/** Patient vaults, and where they are. Disposing closes all connections. */
export interface OpenVaults extends AsyncDisposable {
  readonly vaults: Vaults;
  readonly region: string;
  /** The address that requests go to. */
  readonly endpoint: string;
  /** A vault by its name, which is not looked up: one that is missing fails when something is asked of it. */
  vault(name: VaultName): Vault;
}

/**
 * Sends nothing yet. The SDK is loaded here and not before, so that commands without a vault start fast.
 * @throws Failure CONFIG
 */
export async function openVaults(
  settings: VaultSettings,
  report: Report,
  clock: Clock = systemClock,
): Promise<OpenVaults> {
  const [{ GlacierConnection }, { glacierVault }, { glacierVaults }] = await Promise.all([
    import('./glacier-client.js'),
    import('./glacier.js'),
    import('./glacier-vaults.js'),
  ]);
  const connection = await GlacierConnection.open(settings, clock);
  const patience = ordinaryPatience(report, clock);
  return {
    region: connection.region,
    endpoint: connection.endpoint,
    vaults: patientVaults(glacierVaults(connection), patience),
    vault: (name) => patientVault(glacierVault(connection, name), patience),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
