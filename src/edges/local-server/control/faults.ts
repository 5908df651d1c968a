// The faults that were ordered, and which request or delivery each of them strikes.

import { limitExceeded } from '../protocol/errors.js';
import type { DeliveryName } from '../protocol/notice-names.js';
import {
  type DeliveryFault,
  type DeliveryRule,
  type Fault,
  type FaultRule,
  isDeliveryRule,
  type RequestRule,
} from './fault-rule.js';

interface Order {
  readonly rule: FaultRule;
  /** Whether the next of those that the rule is about is struck. */
  readonly strikes: () => boolean;
  /** Whether none of them ever will be again. */
  readonly isUsedUp: () => boolean;
}

/** So many rules are kept: they are shown, and every request goes through all of them. */
const ORDERS_MAX = 1000;

/** All rules in the order in which they were ordered; not kept from one run to the next. */
export class Faults {
  #orders: readonly Order[] = [];

  /** @throws ApiError when there are too many, and none of them is used up */
  add(rule: FaultRule): void {
    const kept = this.#orders.length < ORDERS_MAX ? this.#orders : this.#orders.filter(({ isUsedUp }) => !isUsedUp());
    if (kept.length >= ORDERS_MAX)
      throw limitExceeded(`There are ${ORDERS_MAX} faults already; DELETE /faults withdraws them.`);
    this.#orders = [...kept, orderOf(rule)];
  }

  clear(): void {
    this.#orders = [];
  }

  /** As they were ordered; those that are used up too, until a thousand have come together. */
  get rules(): readonly FaultRule[] {
    return this.#orders.map(({ rule }) => rule);
  }

  /** What goes wrong with the next request of this operation; null for nothing. Every rule counts it, one strikes. */
  strike(operation: string): Fault | null {
    const isMeant = (rule: RequestRule): boolean => rule.operation === null || rule.operation === operation;
    return this.#struck((rule): rule is RequestRule => !isDeliveryRule(rule) && isMeant(rule));
  }

  /** The same for the next delivery of this kind; rules for all requests do not count it. */
  strikeDelivery(name: DeliveryName): DeliveryFault | null {
    return this.#struck((rule): rule is DeliveryRule => isDeliveryRule(rule) && rule.operation === name);
  }

  #struck<Rule extends FaultRule>(isMeant: (rule: FaultRule) => rule is Rule): Rule | null {
    let struck: Rule | null = null;
    for (const { rule, strikes } of this.#orders) if (isMeant(rule) && strikes()) struck ??= rule;
    return struck;
  }
}

function orderOf(rule: FaultRule): Order {
  let count = 0;
  if ('next' in rule) return { rule, strikes: () => ++count <= rule.next, isUsedUp: () => count >= rule.next };
  const isUsedUp = (): boolean => false;
  if ('every' in rule) return { rule, strikes: () => ++count % rule.every === 0, isUsedUp };
  const random = randomFrom(rule.seed);
  return { rule, strikes: () => random() < rule.probability, isUsedUp };
}

/** Numbers from 0 up to, not including, 1; the same for the same seed. The generator is mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
