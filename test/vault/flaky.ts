// A vault that fails again and again before it does what it is asked.

import { Failure } from '../../src/model/failure.js';
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
  };
}

/** Breaks after `count` items, also when those were all. */
async function* breaking<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let given = 0;
  for await (const item of items) {
    if (given++ === count) throw new Failure('CONNECTION_BROKEN', `broke after ${count} items`);
    yield item;
  }
}
