import { type Clock, Instant } from '../../src/model/clock.js';
import { MemoryVaults } from '../../src/vault/memory.js';
import { contractOfVaults } from './contract.js';
import { contractOfInventories } from './inventory-contract.js';
import { contractOfRetrieving, type FailingService } from './retrieving-contract.js';

contractOfVaults('memory', openMemory);
contractOfInventories('memory', openMemory);
contractOfRetrieving('memory', openMemory);

async function openMemory(): Promise<FailingService> {
  let now = Instant.ofSeconds(1_800_000_000);
  const clock: Clock = { now: () => now };
  const vaults = new MemoryVaults(clock);
  return {
    vaults,
    vault: (name) => vaults.vault(name),
    now: () => now,
    failJob: async (name, job, why) => vaults.vault(name).failRetrieval(job, why),
    pass: (seconds) => {
      now = Instant.plusSeconds(now, seconds);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
