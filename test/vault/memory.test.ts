import { type Clock, Instant } from '../../src/model/clock.js';
import { MemoryVaults } from '../../src/vault/memory.js';
import { contractOfVaults, type Service } from './contract.js';
import { contractOfInventories } from './inventory-contract.js';

contractOfVaults('memory', openMemory);
contractOfInventories('memory', openMemory);

async function openMemory(): Promise<Service> {
  let now = Instant.ofSeconds(1_800_000_000);
  const clock: Clock = { now: () => now };
  const vaults = new MemoryVaults(clock);
  return {
    vaults,
    vault: (name) => vaults.vault(name),
    now: () => now,
    pass: (seconds) => {
      now = Instant.plusSeconds(now, seconds);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
