// A vault that fails again and again before it does what it is asked.

import { Failure } from '../../src/model/failure.js';
import type { InventoryOutput } from '../../src/vault/inventory-port.js';
import type { Vault, Vaults } from '../../src/vault/port.js';

/** Every deed is throttled at first; every listing breaks after one more item than the time before. */
export function flakyVault(vault: Vault): Vault {
  const turns = new Map<string, number>();
  const turn = (deed: string): number => {
    const count = turns.get(deed) ?? 0;
    turns.set(deed, count + 1);
    return count;
  };
  const seldom = async <T>(deed: string, perform: () => Promise<T>): Promise<T> => {
    if (turn(deed) % 2 === 0) throw new Failure('THROTTLED', `cannot ${deed}: rate exceeded`);
    return perform();
  };
  return {
    uploadWhole: (...asked) => seldom('upload', () => vault.uploadWhole(...asked)),
    beginUpload: (...asked) => seldom('begin', () => vault.beginUpload(...asked)),
    uploadPart: (...asked) => seldom('send', () => vault.uploadPart(...asked)),
    uploadedParts: (...asked) => breaking(vault.uploadedParts(...asked), turn('list parts')),
    completeUpload: (...asked) => seldom('complete', () => vault.completeUpload(...asked)),
    abandonUpload: (...asked) => seldom('abandon', () => vault.abandonUpload(...asked)),
    deleteArchive: (...asked) => seldom('delete', () => vault.deleteArchive(...asked)),
    requestRetrieval: (...asked) => seldom('request', () => vault.requestRetrieval(...asked)),
    retrievals: (wanted, signal) => breaking(vault.retrievals(wanted, signal), turn('list retrievals') % 4),
    read: (...asked) => seldom('read', () => vault.read(...asked)),
    jobs: (signal) => breaking(vault.jobs(signal), turn('list jobs')),
    job: (...asked) => seldom('look up job', () => vault.job(...asked)),
    notifications: (...asked) => seldom('read notifications', () => vault.notifications(...asked)),
    notify: (...asked) => seldom('notify', () => vault.notify(...asked)),
    stopNotifying: (...asked) => seldom('stop notifying', () => vault.stopNotifying(...asked)),
    unfinishedUploads: (signal) => breaking(vault.unfinishedUploads(signal), turn('list uploads')),
    requestInventory: (...asked) => seldom('request inventory', () => vault.requestInventory(...asked)),
    inventories: (...asked) => seldom('list inventories', () => vault.inventories(...asked)),
    inventoryOutput: (...asked) => seldom('open inventory', () => breakingOutput(vault, turn('read inventory'), asked)),
    readInventory: (...asked) => breaking(vault.readInventory(...asked), turn('read items')),
  };
}

export function flakyVaults(vaults: Vaults): Vaults {
  let listings = 0;
  return { ...bound(vaults), list: (signal) => breaking(vaults.list(signal), listings++) };
}

function bound(vaults: Vaults): Omit<Vaults, 'list'> {
  return {
    create: (...asked) => vaults.create(...asked),
    describe: (...asked) => vaults.describe(...asked),
    delete: (...asked) => vaults.delete(...asked),
    retrievalPolicy: (...asked) => vaults.retrievalPolicy(...asked),
  };
}

/** Its body breaks after `count` pieces; every other time it is the whole, as from a server that knows no ranges. */
async function breakingOutput(
  vault: Vault,
  count: number,
  [ready, from, signal]: Parameters<Vault['inventoryOutput']>,
): Promise<InventoryOutput> {
  const output = await vault.inventoryOutput(ready, count % 2 === 0 ? from : 0, signal);
  return { ...output, body: breaking(inCrumbs(output.body), count) };
}

async function* inCrumbs(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of body) for (let at = 0; at < piece.length; at += 50) yield piece.subarray(at, at + 50);
}

/** Breaks after `count` items, also when those were all. */
async function* breaking<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let given = 0;
  for await (const item of items) {
    if (given++ === count) throw new Failure('CONNECTION_BROKEN', `broke after ${count} items`);
    yield item;
  }
}
