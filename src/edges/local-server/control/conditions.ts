// Under which conditions the service works: how much it takes, whether it has capacity, whether it is closed.

import { ApiError } from '../http/errors.js';

export interface ConditionSettings {
  /** More requests a second are refused with `Rate exceeded`; null for no limit. */
  readonly requestsPerSecond: number | null;
  /** Whether there is capacity for Expedited retrievals; provisioned capacity is never without. */
  readonly expeditedCapacity: boolean;
  /** Everything is refused, as to an account that never had a vault. */
  readonly serviceClosed: boolean;
}

export class Conditions {
  #settings: ConditionSettings = { requestsPerSecond: null, expeditedCapacity: true, serviceClosed: false };
  /** How many requests may come at once, and when that was so. */
  #allowance = { requests: 0, at: 0 };

  get settings(): ConditionSettings {
    return this.#settings;
  }

  /** What is not named stays. */
  change(settings: Partial<ConditionSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#allowance = { requests: this.#burst, at: Number.NEGATIVE_INFINITY };
  }

  /**
   * Called once for every request whose signature is right.
   * @param now of a clock that real time moves, in ms
   * @throws ApiError when it is not to be served
   */
  admit(now: number): void {
    if (this.#settings.serviceClosed) {
      throw new ApiError(
        400,
        'NoLongerSupportedException',
        'Amazon Glacier no longer accepts accounts that have not used its vaults.',
      );
    }
    if (this.#settings.requestsPerSecond === null) return;
    const gained = ((now - this.#allowance.at) / 1000) * this.#settings.requestsPerSecond;
    const requests = Math.min(this.#burst, this.#allowance.requests + gained);
    if (requests < 1) throw new ApiError(400, 'ThrottlingException', 'Rate exceeded');
    this.#allowance = { requests: requests - 1, at: now };
  }

  /** What one second allows may come at once. */
  get #burst(): number {
    return Math.max(1, this.#settings.requestsPerSecond ?? 1);
  }
}
