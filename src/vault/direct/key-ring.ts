// The keys that requests are signed with, fetched again before they expire.

import type { Keys } from './signature.js';

export interface ExpiringKeys extends Keys {
  /** When the service stops taking them; absent when it does not. */
  readonly expiration?: Date | undefined;
}

/** Keys are renewed when they have no longer than this. As the SDK does it. */
const SPARE_MS = 5 * 60_000;

export class KeyRing {
  readonly #source: () => Promise<ExpiringKeys>;
  #keys: ExpiringKeys | null = null;
  #renewing: Promise<ExpiringKeys> | null = null;

  /** @param source gives keys that last, or new ones when the last ones do not */
  constructor(source: () => Promise<ExpiringKeys>) {
    this.#source = source;
  }

  /** null when there are none, or none that last. */
  current(): Keys | null {
    const until = this.#keys?.expiration;
    return until === undefined || until.getTime() - Date.now() > SPARE_MS ? this.#keys : null;
  }

  /** Whoever asks while they are fetched gets the same. @throws what the source throws */
  async renewed(): Promise<ExpiringKeys> {
    this.#renewing ??= this.#source().finally(() => (this.#renewing = null));
    this.#keys = await this.#renewing;
    return this.#keys;
  }
}
