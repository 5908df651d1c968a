// Opens the vaults that the settings name. Above this nobody asks which kind they are.

import { type Clock, systemClock } from '../model/clock.js';
import type { Report } from '../model/events.js';
import type { VaultName } from '../model/identifiers.js';
import type { GlacierSettings } from './glacier-config.js';
import { NO_PACES, openGlacier, type Paces } from './glacier-service.js';
import { ordinaryPatience } from './patience.js';
import { patientVault, patientVaults } from './patient.js';
import type { Vault, Vaults } from './port.js';
import { RequestRate } from './request-rate.js';

export type VaultSettings = GlacierSettings;

/** Patient vaults, and where they are. Disposing closes all connections. */
export interface OpenVaults extends AsyncDisposable {
  readonly vaults: Vaults;
  readonly region: string;
  /** The address that requests go to. */
  readonly endpoint: string;
  /**
   * A vault by its name, which is not looked up: one that is missing fails when something is asked of it.
   * @param report where its retries are told, if not where the others are
   */
  vault(name: VaultName, report?: Report): Vault;
  /**
   * Settings for other threads: they lead to the same vaults with little left to look up, tell whether those were reached
   * until now, and are plain data. Keys that expire are not among them: those each thread gets by itself.
   * @throws Failure ACCESS_DENIED when there are no keys
   */
  resolved(signal: AbortSignal): Promise<VaultSettings>;
}

/**
 * Sends nothing yet. The SDK is loaded when it is needed and not before, so that commands without a vault, and threads,
 * start fast.
 * @throws Failure CONFIG
 */
export async function openVaults(
  settings: VaultSettings,
  report: Report,
  clock: Clock = systemClock,
  paces: Paces = NO_PACES,
): Promise<OpenVaults> {
  const patience = ordinaryPatience(report, clock, settings.reached);
  const service = await openGlacier(settings, { clock, paces, rate: new RequestRate(patience) });
  return {
    region: service.region,
    endpoint: service.endpoint,
    vaults: patientVaults(service.vaults, patience),
    vault: (name, own = report) => patientVault(service.vault(name), { ...patience, report: own }),
    resolved: async (signal) => ({ ...(await service.resolved(signal)), reached: patience.contact.made }),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
