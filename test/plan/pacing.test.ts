// How much may be asked for now.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { bytesInTime, HourlyShare, hasRoom } from '../../src/plan/pacing.js';

const at = (seconds: number): Instant => Instant.ofSeconds(seconds);

describe('pacing', () => {
  it('pacing: three quarters of a day of the line may be under way', () => {
    // 1 MiB/s × 86,400 s × 0.75
    expect(bytesInTime(1024 * 1024)).toBe(67_947_724_800);
  });

  it('pacing: an archive larger than all that is allowed is asked for when it is alone', () => {
    expect(hasRoom(10, 0, 5)).toBe(true);
    expect(hasRoom(10, 1, 5)).toBe(false);
    expect(hasRoom(4, 1, 5)).toBe(true);
    expect(hasRoom(5, 1, 5)).toBe(false);
  });

  it('pacing: no hour holds more than its share, wherever it begins', () => {
    const sizes = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 100 }), later: fc.integer({ min: 0, max: 1000 }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(sizes, (wanted) => {
        const share = new HourlyShare(100);
        const asked: { at: number; size: number }[] = [];
        let now = 0;
        for (const { size, later } of wanted) {
          now += later;
          if (!share.admits(size, at(now))) continue;
          share.take(size, at(now));
          asked.push({ at: now, size });
        }
        for (const first of asked) {
          const inHour = asked.filter((one) => one.at >= first.at && one.at < first.at + 3600);
          expect(inHour.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('pacing: what the share never admits, it admits later: nothing waits for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (first, second) => {
        const share = new HourlyShare(100);
        expect(share.admits(first, at(0))).toBe(true);
        share.take(first, at(0));
        let now = at(0);
        for (let next = share.nextRoom(now); !share.admits(second, now) && next !== null; next = share.nextRoom(now)) {
          expect(next).toBeGreaterThan(now);
          now = next;
        }
        expect(share.admits(second, now)).toBe(true);
      }),
    );
  });

  it('pacing: an archive of three shares leaves no room for three hours', () => {
    const share = new HourlyShare(100, [{ at: at(0), bytes: 300 }]);
    expect(share.admits(1, at(3 * 3600 - 1))).toBe(false);
    expect(share.nextRoom(at(0))).toBe(3 * 3600);
    expect(share.admits(1, at(3 * 3600))).toBe(true);
  });

  it('pacing: what was asked for before the program was started again still counts', () => {
    const share = new HourlyShare(100, [{ at: at(0), bytes: 60 }]);
    expect(share.admits(60, at(3599))).toBe(false);
    expect(share.admits(40, at(3599))).toBe(true);
  });

  it('pacing: what was not asked for after all leaves its room', () => {
    const share = new HourlyShare(100);
    for (const [size, when] of [
      [40, 0],
      [30, 0],
      [20, 9],
    ] as const) {
      share.take(size, at(when));
    }
    share.giveBack(50);
    expect(share.lately(at(10))).toEqual([{ at: at(0), bytes: 40 }]);
    share.giveBack(40);
    expect(share.lately(at(10))).toEqual([]);
  });

  it('pacing: what was asked for by a clock that was set back since holds nothing up', () => {
    const share = new HourlyShare(100, [{ at: at(1_000_000), bytes: 100 }]);
    expect(share.admits(100, at(0))).toBe(true);
    expect(share.nextRoom(at(0))).toBeNull();
  });

  it('pacing: where nothing was said there is always room', () => {
    const share = new HourlyShare(Number.POSITIVE_INFINITY);
    share.take(1e15, at(0));
    expect(share.admits(1e15, at(0))).toBe(true);
    expect(share.nextRoom(at(0))).toBeNull();
  });
});
