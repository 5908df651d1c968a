// The faults that were ordered, and which request each of them strikes.

import type { Fault, FaultRule } from './fault-rule.js';

interface Order {
  readonly rule: FaultRule;
  /** Whether the next request that the rule is about is struck. */
  readonly strikes: () => boolean;
}

export class Faults {
  #orders: readonly Order[] = [];

  add(rule: FaultRule): void {
    this.#orders = [...this.#orders, { rule, strikes: strikesOf(rule) }];
  }

  clear(): void {
    this.#orders = [];
  }

  /** As they were ordered, those that are used up too. */
  get rules(): readonly FaultRule[] {
    return this.#orders.map(({ rule }) => rule);
  }

  /** What goes wrong with the next request of this operation; null for nothing. Every rule counts it, one strikes. */
  strike(operation: string): Fault | null {
    let struck: Fault | null = null;
    for (const { rule, strikes } of this.#orders) {
      if (rule.operation !== null && rule.operation !== operation) continue;
      if (strikes()) struck ??= rule;
    }
    return struck;
  }
}

function strikesOf(rule: FaultRule): () => boolean {
  let count = 0;
  if ('next' in rule) return () => ++count <= rule.next;
  if ('every' in rule) return () => ++count % rule.every === 0;
  const random = randomFrom(rule.seed);
  return () => random() < rule.probability;
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
