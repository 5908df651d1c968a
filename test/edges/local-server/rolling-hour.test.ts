// The sum of the last hour, held against one that keeps everything.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingHour } from '../../../src/edges/local-server/vault/rolling-hour.js';

const HOUR_MS = 3_600_000;

/** Steps of time around an hour's length, and amounts. */
const STEPS = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom(0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1), fc.nat(HOUR_MS / 4)), fc.nat(1000)),
  { maxLength: 40 },
);

test('rolling hour: what is an hour old counts no more, all later ones do', () => {
  fc.assert(
    fc.property(STEPS, fc.constantFrom(1, 800), (steps, times) => {
      const hour = new RollingHour();
      const all: { at: number; amount: number }[] = [];
      let now = 1_780_000_000_000;
      for (const [later, amount] of steps) {
        now += later;
        // So many at once that what is over is dropped from memory too.
        for (let i = 0; i < times; i++) {
          hour.add(now, amount + i);
          all.push({ at: now, amount: amount + i });
        }
        const last = all.filter(({ at }) => at > now - HOUR_MS);
        expect(hour.sumAt(now)).toBe(last.reduce((sum, one) => sum + one.amount, 0));
      }
      expect(hour.sumAt(now + HOUR_MS)).toBe(0);
    }),
  );
});
