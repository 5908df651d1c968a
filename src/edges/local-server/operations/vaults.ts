// CreateVault, DescribeVault, ListVaults, DeleteVault.

import { invalidParameter } from '../protocol/errors.js';
import { type Answer, type Call, timeOf } from '../protocol/exchange.js';
import { pageOf, parsePage } from '../protocol/paging.js';
import type { Vault } from '../vault/vault.js';
import { arnOf, isVaultName, locationOf, type Service, vaultOf } from './service.js';

const PAGE_MAX = 10;

export async function createVault(service: Service, call: Call): Promise<Answer> {
  const name = call.names.vault;
  if (!isVaultName(name)) throw invalidParameter(`Invalid vault name: ${name}`);
  await service.folder.create(name, service.now());
  return { status: 201, headers: { Location: locationOf(service, name) } };
}

export function describeVault(service: Service, call: Call): Answer {
  return { status: 200, json: descriptionOfVault(service, vaultOf(service, call)) };
}

export function listVaults(service: Service, call: Call): Answer {
  const { limit, marker } = parsePage(call.query, PAGE_MAX);
  const first = marker === null ? '' : nameInArn(service, marker);
  const names = [...service.folder.vaults.keys()].filter((name) => name >= first).sort();
  const { page, next } = pageOf(names, limit, (name) => arnOf(service, name));
  const vaults = page.map((name) => service.folder.vaults.get(name)).filter((vault) => vault !== undefined);
  return { status: 200, json: { Marker: next, VaultList: vaults.map((vault) => descriptionOfVault(service, vault)) } };
}

/** A vault that is not there is deleted already; what no vault can be called is not found, as in all operations. */
export async function deleteVault(service: Service, call: Call): Promise<Answer> {
  const name = call.names.vault;
  const vault = isVaultName(name) ? service.folder.vaults.get(name) : vaultOf(service, call);
  if (vault !== undefined && !vault.state.inventories.isDeletable(service.now())) {
    throw invalidParameter(`Vault not empty or recently written to: ${arnOf(service, name)}`);
  }
  await service.folder.remove(name);
  return { status: 204 };
}

function nameInArn(service: Service, marker: string): string {
  const prefix = arnOf(service, '');
  if (!marker.startsWith(prefix)) throw invalidParameter(`Invalid marker: ${marker}`);
  return marker.slice(prefix.length);
}

function descriptionOfVault(service: Service, vault: Vault): object {
  const counters = vault.state.inventories.counters(service.now());
  return {
    CreationDate: timeOf(vault.state.createdAt),
    LastInventoryDate: counters === null ? null : timeOf(counters.at),
    NumberOfArchives: counters?.archives ?? 0,
    SizeInBytes: counters?.size ?? 0,
    VaultARN: arnOf(service, vault.state.name),
    VaultName: vault.state.name,
  };
}
