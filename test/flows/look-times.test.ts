// When a run that waits looks again.

import { describe, expect, it } from 'vitest';
import { isWorthAnother, type LastLook, nextReady } from '../../src/flows/retrieving/look-times.js';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { UNDER_WAY_MAX } from '../../src/plan/pacing.js';

const at = (seconds: number): Instant => Instant.ofSeconds(seconds);
const FULL: LastLook = {
  found: { later: 1, refused: null, notedUntil: null },
  at: at(1000),
  bytes: 800,
  count: 8,
  nextShare: null,
};

const worth = (last: Partial<LastLook>, bytes = 800, count = 8, now = 1001): boolean =>
  isWorthAnother({ ...FULL, ...last }, { bytes, count }, 800, at(now));

describe('look times', () => {
  it('look times: nothing waits for room, so nothing is looked at', () => {
    expect(worth({ found: { ...FULL.found, later: 0 } }, 0, 0)).toBe(false);
  });

  it('look times: an eighth of the room, or of the number, must have become free, or all', () => {
    expect([worth({}, 701), worth({}, 700), worth({}, 800, 0)]).toEqual([false, true, true]);
    const many = { count: UNDER_WAY_MAX };
    const eighth = UNDER_WAY_MAX / 8;
    expect([worth(many, 800, 7 * eighth + 1), worth(many, 800, 7 * eighth)]).toEqual([false, true]);
  });

  it('look times: where the hour stood in the way, its end is waited for, whatever has come meanwhile', () => {
    const hour = { nextShare: at(2000) };
    expect([worth(hour, 0, 0, 1999), worth(hour, 800, 8, 2000)]).toEqual([false, true]);
  });

  it('look times: what the vault refused, what the journal held back, a clock set back', () => {
    expect(worth({ found: { ...FULL.found, refused: new Failure('NO_CAPACITY', 'none') } })).toBe(true);
    const held = { found: { later: 0, refused: null, notedUntil: at(3000) } };
    expect([worth(held, 0, 0, 2999), worth(held, 0, 0, 3000)]).toEqual([false, true]);
    expect(worth({}, 800, 8, 999)).toBe(true);
  });

  it('look times: what is overdue is looked for less and less often', () => {
    expect(nextReady(null, at(5))).toBeNull();
    expect(nextReady(at(100), at(50))).toBe(101);
    expect(nextReady(at(100), at(101))).toBe(131);
    expect(nextReady(at(100), at(1100))).toBe(1600);
  });
});
