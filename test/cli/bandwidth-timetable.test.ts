import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bandwidthAt, bandwidthTimetable } from '../../src/cli/words/bandwidth-timetable.js';
import type { Failure } from '../../src/model/failure.js';
import type { Bandwidth } from '../../src/transfer/bandwidth.js';

const BUILT = new URL('../../dist/cli/words/bandwidth-timetable.js', import.meta.url).href;
const KIB = 1024;
const MIB = 1024 * KIB;
const both = (rate: number | null): Bandwidth => ({ up: rate, down: rate });

function at(text: string, moment: string): Bandwidth {
  return bandwidthAt(bandwidthTimetable(text, '--bwlimit'), new Date(moment));
}

function refusal(text: string): string {
  try {
    bandwidthTimetable(text, '--bwlimit');
    return 'taken';
  } catch (thrown) {
    return (thrown as Failure).message;
  }
}

describe('a limit of bandwidth', () => {
  it.each([
    ['512K', both(512 * KIB)],
    ['512k', both(512 * KIB)],
    ['2MiB/s', both(2 * MIB)],
    ['2M/s', both(2 * MIB)],
    ['1.5G', both(1536 * MIB)],
    ['2048B', both(2048)],
    ['off', both(null)],
    ['0', both(null)],
    ['512K:off', { up: 512 * KIB, down: null }],
    ['off:1M', { up: null, down: MIB }],
  ])('%s is understood', (text, bandwidth) => {
    expect(at(text, '2026-11-20T12:00')).toEqual(bandwidth);
  });

  it.each([
    ['100', '--bwlimit: "100" is no limit'],
    ['2MB', '--bwlimit: "2MB" is no limit'],
    ['2Mbit:1M', '--bwlimit: "2Mbit" in "2Mbit:1M" is no limit'],
    ['1M:', '--bwlimit: "" in "1M:" is no limit'],
    ['512B', '--bwlimit: "512B" is less than 1K, the least there is'],
    ['1M:2M:3M', '--bwlimit: "1M:2M:3M" is no limit'],
    ['08:00,512K 19:00', '--bwlimit: "19:00" is no entry of a timetable'],
    ['08:00,512K 19:00,1X', '--bwlimit: "1X" is no limit'],
    ['25:00,1M', '--bwlimit: "25:00,1M" has no time of day'],
    ['Monx-08:00,1M', '--bwlimit: "Monx-08:00,1M" has no day of the week, such as Mon'],
    ['Mon-08:00,1M monday-8:00,2M', '--bwlimit: "monday-8:00,2M" is the second entry for its time'],
    [' ', '--bwlimit needs a value'],
  ])('of %j the piece that is wrong is named', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

describe('a timetable', () => {
  it.each([
    ['2026-11-20T07:59', null],
    ['2026-11-20T08:00', 512 * KIB],
    ['2026-11-20T18:59', 512 * KIB],
    ['2026-11-20T19:00', null],
    ['2026-11-21T00:00', null],
  ])('by the time of day: at %s it is %s', (moment, rate) => {
    expect(at('08:00,512K 19:00,off', moment)).toEqual(both(rate));
  });

  it('need not be in order, and before its first entry the last of the day before holds', () => {
    expect(at('19:00,1M 08:00,512K', '2026-11-20T07:00')).toEqual(both(MIB));
    expect(at('12:00,1M', '2026-11-20T11:59')).toEqual(both(MIB));
  });

  // The 20th of November 2026 is a Friday.
  it.each([
    ['2026-11-20T12:00', 512 * KIB],
    ['2026-11-21T00:00', null],
    ['2026-11-22T23:59', null],
    ['2026-11-23T06:59', null],
    ['2026-11-23T07:00', 512 * KIB],
  ])('by the day of the week, round its end: at %s it is %s', (moment, rate) => {
    expect(at('Mon-07:00,512K sat-00:00,off', moment)).toEqual(both(rate));
  });

  it('an entry for one day goes before one for every day', () => {
    const text = '08:00,512K 20:00,off Sunday-08:00,1M';
    expect(at(text, '2026-11-22T12:00')).toEqual(both(MIB));
    expect(at(text, '2026-11-22T21:00')).toEqual(both(null));
    expect(at(text, '2026-11-23T12:00')).toEqual(both(512 * KIB));
  });
});

/** As the built program sees it where Berlin's clocks hold, which a thread cannot be told for itself. */
function inBerlin(text: string, moments: readonly string[]): (number | null)[] {
  const script = `
    import { bandwidthAt, bandwidthTimetable } from ${JSON.stringify(BUILT)};
    const [text, ...moments] = JSON.parse(process.argv[1]);
    const timetable = bandwidthTimetable(text, '--bwlimit');
    console.log(JSON.stringify(moments.map((moment) => bandwidthAt(timetable, new Date(moment)).up)));
  `;
  const words = ['--input-type=module', '--eval', script, JSON.stringify([text, ...moments])];
  const options = { encoding: 'utf8', env: { ...process.env, TZ: 'Europe/Berlin' } } as const;
  return JSON.parse(execFileSync(process.execPath, words, options)) as (number | null)[];
}

describe('a timetable, when the clock on the wall is moved', () => {
  const text = '02:30,512K 12:00,off';

  it('forward: an entry for a time that there is not holds from the time after it', () => {
    expect(inBerlin(text, ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'])).toEqual([null, 512 * KIB]);
  });

  it('back: what the clock shows twice holds twice', () => {
    const moments = ['00:15', '00:45', '01:15', '01:45'].map((time) => `2026-10-25T${time}:00Z`);
    expect(inBerlin(text, moments)).toEqual([null, 512 * KIB, null, 512 * KIB]);
  });
});
