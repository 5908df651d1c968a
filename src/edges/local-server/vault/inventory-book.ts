// The inventories of a vault: always of this moment, or (realistic) taken once a day and on demand.

import type { Archive } from './archive.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The list that an inventory shows. */
export interface Inventory {
  readonly at: number;
  readonly archives: readonly Archive[];
  readonly size: number;
}

/** What there is to be listed, as it is at the moment. */
export interface Holdings {
  readonly archives: ReadonlyMap<string, Archive>;
  readonly size: number;
  /** When an archive was last stored or deleted. */
  readonly lastWriteAt: number | null;
  /** How often one was. */
  readonly writes: number;
}

/** What inventories show, and whether the vault may be deleted. */
export class InventoryBook {
  readonly #holdings: Holdings;
  readonly #realistic: boolean;
  #taken: Inventory | null = null;
  /** How many writes the one that was taken last shows. */
  #writesShown = 0;
  #createdAt = 0;

  constructor(holdings: Holdings, options: { readonly realistic: boolean }) {
    this.#holdings = holdings;
    this.#realistic = options.realistic;
  }

  /** Days are counted from the vault's creation. */
  begin(createdAt: number): void {
    this.#createdAt = createdAt;
  }

  /** The last one that was taken, whoever may ask. */
  get taken(): Inventory | null {
    return this.#taken;
  }

  /**
   * The inventory as of `now`; null before the first one. Live unless the vault is realistic: then it is taken every
   * 24 hours counted from the vault's creation, when something was stored or deleted since the one before.
   */
  inventory(now: number): Inventory | null {
    const { lastWriteAt } = this.#holdings;
    if (!this.#realistic) return lastWriteAt === null ? null : this.#snapshot(lastWriteAt);
    this.takeDaily(now);
    return this.#taken;
  }

  /** Counters of the inventory, without its list. */
  counters(now: number): { at: number; archives: number; size: number } | null {
    const { lastWriteAt, archives, size } = this.#holdings;
    if (!this.#realistic) return lastWriteAt === null ? null : { at: lastWriteAt, archives: archives.size, size };
    const inventory = this.inventory(now);
    return inventory && { at: inventory.at, archives: inventory.archives.length, size: inventory.size };
  }

  /** Whether the vault may be deleted: the inventory shows nothing, and nothing was written after it. */
  isDeletable(now: number): boolean {
    const { lastWriteAt } = this.#holdings;
    if (lastWriteAt === null) return true;
    const counters = this.counters(now);
    const showsAll = !this.#realistic || this.#writesShown === this.#holdings.writes;
    return counters !== null && counters.archives === 0 && showsAll;
  }

  /** An inventory besides the daily ones. */
  take(at: number): void {
    this.#taken = this.#snapshot(at);
    this.#writesShown = this.#holdings.writes;
  }

  /**
   * Called before anything changes: nothing did since the last write, so the list as it is now is the list as it was at
   * the end of that write's day. Which day that is follows from the writes alone, not from when someone looks.
   */
  takeDaily(now: number): void {
    const { lastWriteAt, writes } = this.#holdings;
    if (!this.#realistic || lastWriteAt === null || writes === this.#writesShown) return;
    const days = Math.floor((lastWriteAt - this.#createdAt) / DAY_MS) + 1;
    const at = this.#createdAt + days * DAY_MS;
    if (at <= now) this.take(at);
  }

  #snapshot(at: number): Inventory {
    return { at, archives: [...this.#holdings.archives.values()], size: this.#holdings.size };
  }
}
