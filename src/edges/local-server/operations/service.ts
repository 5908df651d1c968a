// The service that operations act on, as one account sees it, and the vaults that their calls name.

import type { HashThreads } from '../bodies/hash-threads.js';
import type { VaultClock } from '../control/clock.js';
import type { Conditions } from '../control/conditions.js';
import type { AccountFolder } from '../folder/account-folder.js';
import { notFound } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import type { Tier } from '../protocol/tier.js';
import type { Vault } from '../vault/vault.js';

/** What every operation is given. */
export interface Service {
  readonly folder: AccountFolder;
  readonly region: string;
  readonly realistic: boolean;
  /** From a job's creation to its output. */
  readonly delaysMs: Readonly<Record<Tier | 'Inventory', number>>;
  readonly conditions: Conditions;
  /** Where the bodies of archives are hashed. */
  readonly hashing: HashThreads;
  /** Of vaults and jobs; may go faster than real time, and be moved. */
  readonly clock: VaultClock;
  /** What it shows, in ms since 1970. */
  now(): number;
}

/** Does what a call asks for. @throws ApiError */
export type Operation = (service: Service, call: Call) => Promise<Answer> | Answer;

export function arnOf(service: Service, vault: string): string {
  return `arn:aws:glacier:${service.region}:${service.folder.account.accountId}:vaults/${vault}`;
}

/** Path below the account, as `Location` headers have it: with the real account number. */
export function locationOf(service: Service, path: string): string {
  return `/${service.folder.account.accountId}/vaults/${path}`;
}

const VAULT_NAME = /^[A-Za-z0-9_.-]{1,255}$/;

export function isVaultName(name: string): boolean {
  return VAULT_NAME.test(name);
}

/** @throws ApiError when there is no such vault; a name that none can have is repeated as it came */
export function vaultOf(service: Service, call: Call): Vault {
  const name = call.names.vault;
  const vault = service.folder.vaults.get(name);
  if (vault !== undefined) return vault;
  throw notFound(`Vault not found for ARN: ${isVaultName(name) ? arnOf(service, name) : name}`);
}
