import { expect, test } from 'vitest';
import { lineSpeedOf } from '../../src/cli/line-speed.js';
import { bandwidthTimetable } from '../../src/cli/words/bandwidth-timetable.js';
import type { Settings } from '../../src/cli/words/options.js';
import { Instant } from '../../src/model/clock.js';

const MIB = 2 ** 20;

function speed(said: { lineSpeed?: number | null; bwlimit?: string }, hour = 12) {
  const { lineSpeed, bwlimit } = said;
  const timetable = bwlimit === undefined ? undefined : bandwidthTimetable(bwlimit, '--bwlimit');
  const clock = { now: () => Instant.ofMs(new Date(2026, 10, 20, hour).getTime()) };
  const { bytesPerSecond, by } = lineSpeedOf({ settings: { lineSpeed, bwlimit: timetable } as Settings, clock });
  return [bytesPerSecond, by];
}

test('line speed: what is said of the line counts', () => {
  expect(speed({ lineSpeed: 3 * MIB })).toEqual([3 * MIB, 'line-speed']);
});

test('line speed: without a word it is assumed', () => {
  expect(speed({})).toEqual([10 * MIB, 'assumption']);
  expect(speed({ lineSpeed: null, bwlimit: 'off' })).toEqual([10 * MIB, 'assumption']);
  expect(speed({ bwlimit: '512K:off' })).toEqual([10 * MIB, 'assumption']);
});

test('line speed: no more comes in than --bwlimit lets in now', () => {
  expect(speed({ bwlimit: 'off:2M' })).toEqual([2 * MIB, 'bwlimit']);
  expect(speed({ lineSpeed: 3 * MIB, bwlimit: '2M' })).toEqual([2 * MIB, 'bwlimit']);
  expect(speed({ lineSpeed: MIB, bwlimit: '2M' })).toEqual([MIB, 'line-speed']);
  expect(speed({ bwlimit: '08:00,1M 19:00,4M' }, 12)).toEqual([MIB, 'bwlimit']);
  expect(speed({ bwlimit: '08:00,1M 19:00,4M' }, 20)).toEqual([4 * MIB, 'bwlimit']);
});
