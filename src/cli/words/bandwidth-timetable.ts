// Limits of bandwidth as people write them, by the time of day and week: `512K`, `1M:off`, `08:00,512K 19:00,off`.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { Bandwidth } from '../../transfer/bandwidth.js';
import { bytesIn, isOff } from './amounts.js';
import type { Parser } from './option-values.js';

export interface BandwidthTimetable {
  /** As it was written. */
  readonly text: string;
  /** By time, never empty. Each holds until the next; the last also from the beginning of the week until the first. */
  readonly entries: readonly Entry[];
}

interface Entry {
  /** Since Sunday, 00:00. */
  readonly minute: number;
  readonly bandwidth: Bandwidth;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 24 * 60;

/** Less would not carry the requests themselves. */
const RATE_MIN = 1024;

const RATE_HINT =
  'a limit is off, or a number with its unit, K, M or G for KiB, MiB or GiB a second: 512K, 1.5M, 2MiB/s; ' +
  'one for each direction is UP:DOWN, such as 512K:off';
const TIME_HINT = 'a timetable is written as 08:00,512K 19:00,off, also with days of the week: Sat-00:00,off';

/** @throws Failure USAGE that names the piece that is wrong */
export const bandwidthTimetable: Parser<BandwidthTimetable> = (given, subject) => {
  const text = given.trim();
  const pieces = text.split(/\s+/);
  if (text === '') throw wrong(subject, 'needs a value', RATE_HINT);
  if (pieces.length === 1 && !text.includes(',')) {
    return { text, entries: [{ minute: 0, bandwidth: bandwidthIn(text, subject) }] };
  }
  return { text, entries: entriesOf(pieces, subject) };
};

/** What holds at that moment by the clock on the wall, which summer time moves. */
export function bandwidthAt({ entries }: BandwidthTimetable, moment: Date): Bandwidth {
  const minute = (moment.getDay() * 24 + moment.getHours()) * 60 + moment.getMinutes();
  const holding = entries.findLast((entry) => entry.minute <= minute) ?? entries.at(-1);
  if (holding === undefined) throw new Error('a timetable has no entry');
  return holding.bandwidth;
}

/** An entry for one day of the week goes before one of every day. */
function entriesOf(pieces: readonly string[], subject: string): Entry[] {
  const daily = new Map<number, Bandwidth>();
  const ofADay = new Map<number, Bandwidth>();
  for (const piece of pieces) {
    const [, day, hours, minutes, limit] = /^(?:([a-z]+)-)?(\d{1,2}):(\d\d),(\S+)$/i.exec(piece) ?? [];
    if (limit === undefined) throw wrong(subject, `${printable(piece)} is no entry of a timetable`, TIME_HINT);
    if (Number(hours) > 23 || Number(minutes) > 59)
      throw wrong(subject, `${printable(piece)} has no time of day`, TIME_HINT);
    const minute = Number(hours) * 60 + Number(minutes);
    const [entries, at] =
      day === undefined ? [daily, minute] : [ofADay, dayIn(day, piece, subject) * DAY_MINUTES + minute];
    if (entries.has(at)) throw wrong(subject, `${printable(piece)} is the second entry for its time`, TIME_HINT);
    entries.set(at, bandwidthIn(limit, subject));
  }
  const everyDay = DAYS.flatMap((_, day) =>
    [...daily].map(([minute, limit]) => [day * DAY_MINUTES + minute, limit] as const),
  );
  const all = new Map([...everyDay, ...ofADay]);
  return [...all].map(([minute, bandwidth]) => ({ minute, bandwidth })).sort((a, b) => a.minute - b.minute);
}

function dayIn(word: string, piece: string, subject: string): number {
  const day = DAYS.indexOf(word.slice(0, 3).toLowerCase());
  const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  if (day >= 0 && (word.length === 3 || word.toLowerCase() === names[day])) return day;
  throw wrong(subject, `${printable(piece)} has no day of the week, such as Mon`, TIME_HINT);
}

function bandwidthIn(text: string, subject: string): Bandwidth {
  const rates = text.split(':').map((rate) => rateIn(rate, text, subject));
  const [up, down = up] = rates;
  if (up === undefined || down === undefined || rates.length > 2) {
    throw wrong(subject, `${printable(text)} is no limit`, RATE_HINT);
  }
  return { up, down };
}

function rateIn(rate: string, text: string, subject: string): number | null {
  if (isOff(rate) || rate === '0') return null;
  const bytes = bytesIn(rate.replace(/\/s$/i, ''));
  const within = rate === text ? '' : ` in ${printable(text)}`;
  if (bytes === null) throw wrong(subject, `${printable(rate)}${within} is no limit`, RATE_HINT);
  if (bytes < RATE_MIN)
    throw wrong(subject, `${printable(rate)}${within} is less than 1K, the least there is`, RATE_HINT);
  if (bytes > Number.MAX_SAFE_INTEGER) throw wrong(subject, `${printable(rate)}${within} is too much`, RATE_HINT);
  return bytes;
}

function wrong(subject: string, why: string, hint: string): Failure {
  return new Failure('USAGE', `${subject}${why.startsWith('needs') ? '' : ':'} ${why}`, { hint });
}
