// Vaults that are made when they are first asked something: what carries them is slow to load, and threads never need it.

import type { ControlledVault } from './glacier.js';
import type { ControlledVaults } from './glacier-vaults.js';

export function vaultOnDemand(vault: () => Promise<ControlledVault>): ControlledVault {
  return {
    async *uploadedParts(upload, signal) {
      yield* (await vault()).uploadedParts(upload, signal);
    },
    requestRetrieval: async (archive, terms, signal) => (await vault()).requestRetrieval(archive, terms, signal),
    async *retrievals(wanted, signal) {
      yield* (await vault()).retrievals(wanted, signal);
    },
    requestInventory: async (format, description, signal) =>
      (await vault()).requestInventory(format, description, signal),
    inventories: async (signal) => (await vault()).inventories(signal),
    inventoryOutput: async (ready, from, signal) => (await vault()).inventoryOutput(ready, from, signal),
    async *readInventory(ready, signal) {
      yield* (await vault()).readInventory(ready, signal);
    },
    async *jobs(signal) {
      yield* (await vault()).jobs(signal);
    },
    job: async (id, signal) => (await vault()).job(id, signal),
    notifications: async (signal) => (await vault()).notifications(signal),
    notify: async (notifications, signal) => (await vault()).notify(notifications, signal),
    stopNotifying: async (signal) => (await vault()).stopNotifying(signal),
    async *unfinishedUploads(signal) {
      yield* (await vault()).unfinishedUploads(signal);
    },
  };
}

export function vaultsOnDemand(vaults: () => Promise<ControlledVaults>): ControlledVaults {
  return {
    create: async (name, signal) => (await vaults()).create(name, signal),
    async *list(signal) {
      yield* (await vaults()).list(signal);
    },
    delete: async (name, signal) => (await vaults()).delete(name, signal),
    retrievalPolicy: async (signal) => (await vaults()).retrievalPolicy(signal),
  };
}
