// A sum over the last hour, as time goes on.

const HOUR_MS = 60 * 60 * 1000;
const COMPACTED_FROM = 1024;

/** Amounts of the hour before the latest time that it was asked for; older ones are dropped for good. */
export class RollingHour {
  #entries: { readonly at: number; readonly amount: number }[] = [];
  #first = 0;
  #sum = 0;

  /** @param at not before the one added last */
  add(at: number, amount: number): void {
    this.#entries.push({ at, amount });
    this.#sum += amount;
  }

  sumAt(now: number): number {
    for (let entry = this.#entries[this.#first]; entry !== undefined; entry = this.#entries[this.#first]) {
      if (entry.at > now - HOUR_MS) break;
      this.#sum -= entry.amount;
      this.#first += 1;
    }
    this.#compact();
    return this.#sum;
  }

  #compact(): void {
    if (this.#first < COMPACTED_FROM || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
