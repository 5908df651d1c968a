// The vaults of an account in memory: the shortest correct ones, and the model that tests hold the others against.

import type { Clock, Instant } from '../model/clock.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { type HashEngine, nodeEngine } from '../model/hash-engine.js';
import type { VaultName } from '../model/identifiers.js';
import type { Tier } from '../model/tier.js';
import { emptyContents, type MemorySettings, type VaultContents } from './memory-contents.js';
import { type Failing, memoryInventorying, memoryNotifying, memoryRetrieving } from './memory-jobs.js';
import { MemoryStoring } from './memory-storing.js';
import type { Vault, VaultDescription, Vaults } from './port.js';
import type { RetrievalPolicy } from './retrieving-port.js';

/** One vault in memory, which also lets itself be looked into, and its jobs fail. */
export type MemoryVault = Vault & MemoryStoring & Failing;

/** The documented times at their longest. */
const DOCUMENTED: Readonly<Record<Tier, number>> = { Expedited: 300, Standard: 5 * 3600, Bulk: 12 * 3600 };

/** Counts in descriptions are of now: this service takes its inventory at every look. */
export class MemoryVaults implements Vaults {
  readonly #vaults = new Map<VaultName, VaultContents>();
  readonly #settings: MemorySettings;

  constructor(clock: Clock, delaysSeconds = DOCUMENTED, engine: HashEngine = nodeEngine) {
    let given = 0;
    this.#settings = { clock, delaysSeconds, engine, nextId: (kind) => `${kind}-${++given}` };
  }

  /** A vault by its name, which need not exist yet. */
  vault(name: VaultName): MemoryVault {
    const contents = (): VaultContents => this.#contents(name);
    return Object.assign(
      new MemoryStoring(contents, this.#settings),
      memoryRetrieving(contents, this.#settings),
      memoryNotifying(contents),
      memoryInventorying(contents, this.#settings),
    );
  }

  async create(name: VaultName, signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    if (!this.#vaults.has(name)) this.#vaults.set(name, emptyContents(this.#settings.clock.now()));
  }

  async describe(name: VaultName, signal: AbortSignal): Promise<VaultDescription> {
    throwIfInterrupted(signal);
    const { createdAt, archives } = this.#contents(name);
    let size = 0;
    for (const archive of archives.values()) size += archive.bytes.length;
    const arn = `arn:aws:glacier:memory:000000000000:vaults/${name}`;
    const inventoryAt = iso(this.#settings.clock.now());
    return { name, arn, createdAt: iso(createdAt), archives: archives.size, size, inventoryAt };
  }

  async *list(signal: AbortSignal): AsyncGenerator<VaultDescription> {
    for (const name of [...this.#vaults.keys()].sort()) yield await this.describe(name, signal);
  }

  async delete(name: VaultName, signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    const held = this.#vaults.get(name)?.archives.size ?? 0;
    if (held > 0) throw new Failure('VAULT_NOT_EMPTY', `vault ${name} holds ${held} archives`, { hint: 'purge it' });
    this.#vaults.delete(name);
  }

  async retrievalPolicy(signal: AbortSignal): Promise<RetrievalPolicy> {
    throwIfInterrupted(signal);
    return { strategy: 'none' };
  }

  #contents(name: VaultName): VaultContents {
    const contents = this.#vaults.get(name);
    if (contents === undefined) throw new Failure('VAULT_NOT_FOUND', `vault ${name} does not exist`);
    return contents;
  }
}

function iso(at: Instant): string {
  return new Date(at * 1000).toISOString();
}
