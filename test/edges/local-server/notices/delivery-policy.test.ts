// How often and after which pauses a letter is sent again.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_POLICY,
  parseDeliveryPolicy,
  pausesOf,
} from '../../../../src/edges/local-server/notices/delivery-policy.js';

const pausesFor = (policy: object): number[] =>
  pausesOf(parseDeliveryPolicy(JSON.stringify({ http: { defaultHealthyRetryPolicy: policy } })));

describe('delivery policy', () => {
  test('by default three retries, 20 seconds apart', () => {
    expect(pausesOf(DEFAULT_POLICY)).toEqual([20_000, 20_000, 20_000]);
    expect(pausesFor({})).toEqual([20_000, 20_000, 20_000]);
  });

  test('the four phases follow one another', () => {
    const policy = {
      minDelayTarget: 1,
      maxDelayTarget: 5,
      numNoDelayRetries: 2,
      numMinDelayRetries: 1,
      numMaxDelayRetries: 2,
    };
    expect(pausesFor({ ...policy, numRetries: 8 })).toEqual([0, 0, 1000, 1000, 3000, 5000, 5000, 5000]);
  });

  test('a subscription has the short form', () => {
    const text = '{"healthyRetryPolicy":{"numRetries":1,"minDelayTarget":7}}';
    expect(pausesOf(parseDeliveryPolicy(text))).toEqual([7000]);
  });

  test.each([
    { numRetries: 101 },
    { numRetries: -1 },
    { minDelayTarget: 0 },
    { minDelayTarget: 30 },
    { maxDelayTarget: 3601 },
    { numRetries: 1, numNoDelayRetries: 2 },
    { numRetries: 100, minDelayTarget: 37, maxDelayTarget: 37 },
    { backoffFunction: 'cubic' },
    { backoffFunction: 'toString' },
    { numRetries: '3' },
  ])('%j is none', (policy) => {
    expect(() => pausesFor(policy)).toThrow(/^Invalid parameter: DeliveryPolicy/);
  });

  test.each(['', '[', '3', 'null'])('%j is none', (text) => {
    expect(() => parseDeliveryPolicy(text)).toThrow(/^Invalid parameter: DeliveryPolicy/);
  });

  test('pauses of the backoff grow from the shortest to the longest', () => {
    const functions = fc.constantFrom('linear', 'arithmetic', 'geometric', 'exponential');
    fc.assert(
      fc.property(
        functions,
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 50 }),
        (name, retries, most) => {
          const pauses = pausesFor({
            backoffFunction: name,
            numRetries: retries,
            minDelayTarget: 1,
            maxDelayTarget: most,
          });
          expect(pauses[0]).toBe(1000);
          expect(pauses.at(-1)).toBe(most * 1000);
          expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});
