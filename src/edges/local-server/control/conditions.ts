// Under which conditions the services work: how much they take, whether Glacier has capacity, whether it is closed.

import { ApiError } from '../protocol/errors.js';
import { type Fields, numberOf, onlyFields, truthOf } from '../protocol/json-fields.js';

/** What holds for one account. */
export interface ConditionSettings {
  /** More requests a second to one of the services are refused with `Rate exceeded`; null for no limit. */
  readonly requestsPerSecond: number | null;
  /** Whether there is capacity for Expedited retrievals; provisioned capacity is never without. */
  readonly expeditedCapacity: boolean;
  /** Glacier refuses everything, as to an account that never had a vault. */
  readonly serviceClosed: boolean;
}

/** What holds for all accounts, and where it is otherwise. */
export interface AllConditions extends ConditionSettings {
  /** What is otherwise for some accounts, by their numbers. */
  readonly accounts: Readonly<Record<string, Partial<ConditionSettings>>>;
}

const NAMES = ['requestsPerSecond', 'expeditedCapacity', 'serviceClosed'] as const;

/**
 * Reads a change of them, such as `{"requestsPerSecond":10}`; null lifts that limit.
 * @throws ApiError
 * @internal
 */
export function parseConditions(fields: Fields): Partial<ConditionSettings> {
  onlyFields(fields, NAMES);
  const limits = fields['requestsPerSecond'] !== undefined;
  const [expeditedCapacity, serviceClosed] = [truthOf(fields, 'expeditedCapacity'), truthOf(fields, 'serviceClosed')];
  return {
    ...(limits ? { requestsPerSecond: numberOf(fields, 'requestsPerSecond', 1e-6, 1e9) } : {}),
    ...(expeditedCapacity === null ? {} : { expeditedCapacity }),
    ...(serviceClosed === null ? {} : { serviceClosed }),
  };
}

/** Each has its own count of requests, as at AWS. */
export type CountedService = 'glacier' | 'sns' | 'sqs';

/** How many requests may come at once, and when that was so. */
interface Allowance {
  readonly requests: number;
  readonly at: number;
}

/** Those in force; not kept from one run to the next. */
export class Conditions {
  #settings: ConditionSettings = { requestsPerSecond: null, expeditedCapacity: true, serviceClosed: false };
  #otherwise = new Map<string, Partial<ConditionSettings>>();
  /** By account and service; nothing for those that may use all that a second allows. */
  readonly #allowances = new Map<string, Allowance>();

  get settings(): AllConditions {
    return { ...this.#settings, accounts: Object.fromEntries(this.#otherwise) };
  }

  of(account: string): ConditionSettings {
    return { ...this.#settings, ...this.#otherwise.get(account) };
  }

  /** Changes them for all accounts, also for those where they were otherwise. What is not named stays. */
  change(settings: Partial<ConditionSettings>): void {
    const isNamed = (name: string): boolean => Object.hasOwn(settings, name);
    this.#settings = { ...this.#settings, ...settings };
    for (const [account, theirs] of this.#otherwise) {
      const rest = Object.fromEntries(Object.entries(theirs).filter(([name]) => !isNamed(name)));
      if (Object.keys(rest).length === 0) this.#otherwise.delete(account);
      else this.#otherwise.set(account, rest);
    }
    this.#allowances.clear();
  }

  /** Changes them for one account. What is not named stays. */
  changeFor(account: string, settings: Partial<ConditionSettings>): void {
    this.#otherwise.set(account, { ...this.#otherwise.get(account), ...settings });
    this.#allowances.clear();
  }

  /**
   * Called once for every request whose signature is right.
   * @param now of a clock that real time moves, in ms
   * @throws ApiError when it is not to be served
   */
  admit(account: string, service: CountedService, now: number): void {
    const { serviceClosed, requestsPerSecond } = this.of(account);
    if (serviceClosed && service === 'glacier') {
      throw new ApiError(
        400,
        'NoLongerSupportedException',
        'Amazon Glacier no longer accepts accounts that have not used its vaults.',
      );
    }
    if (requestsPerSecond !== null) this.#spend(`${account} ${service}`, requestsPerSecond, now);
  }

  /** What one second allows may come at once, at least one request. */
  #spend(counted: string, requestsPerSecond: number, now: number): void {
    const burst = Math.max(1, requestsPerSecond);
    const { requests, at } = this.#allowances.get(counted) ?? { requests: burst, at: now };
    const allowed = Math.min(burst, requests + ((now - at) / 1000) * requestsPerSecond);
    if (allowed < 1) throw new ApiError(400, 'ThrottlingException', 'Rate exceeded');
    this.#allowances.set(counted, { requests: allowed - 1, at: now });
  }
}
