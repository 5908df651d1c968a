// How people write sizes, rates and spans of time: 10G, 512K, 2MiB/s, 2h30m.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { Parser } from './option-values.js';

const UNITS = 'BKMGTP';
/** Decimal prefixes are no shorter way to write binary ones: `MB` is refused rather than guessed at. */
const AMOUNT = /^(\d+(?:\.\d+)?)(?:(B)|([KMGTP])(?:iB)?)$/i;

/** `512K`, `1.5MiB`: bytes; null for what is no such thing. A number without its unit says nothing. */
export function bytesIn(given: string): number | null {
  const [, number, , prefix = 'B'] = AMOUNT.exec(given) ?? [];
  if (number === undefined) return null;
  return Math.round(Number(number) * 1024 ** UNITS.indexOf(prefix.toUpperCase()));
}

/** Null for `off`, as which a command line takes back what a config file says. */
export const sizeOrOff: Parser<number | null> = (given, subject) => {
  if (isOff(given)) return null;
  const size = bytesIn(given);
  if (size !== null && size >= 1 && size <= Number.MAX_SAFE_INTEGER) return size;
  throw new Failure('USAGE', `${subject} must be a size, or off, not ${printable(given)}`, {
    hint: 'write it with its unit, K, M, G or T for KiB, MiB, GiB or TiB: 500M, 1.5G',
  });
};

const SPAN = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/i;
const DAYS_MAX = 24;

/** Milliseconds; null for `off`. A timer waits for no more than these 24 days. */
export const spanOrOff: Parser<number | null> = (given, subject) => {
  if (isOff(given)) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (SPAN.exec(given) ?? []).slice(1).map((n) => Number(n ?? 0));
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (ms > 0 && ms <= DAYS_MAX * 86_400_000) return ms;
  throw new Failure('USAGE', `${subject} must be a span of time up to ${DAYS_MAX}d, or off, not ${printable(given)}`, {
    hint: 'write it with its units: 2h30m, 90m, 1d12h, 45s',
  });
};

export function isOff(given: string): boolean {
  return /^off$/i.test(given);
}

/** As it can be read again: in the greatest unit that leaves it whole. */
export function shownSize(size: number | null): string {
  if (size === null) return 'off';
  let unit = 0;
  while (size % 1024 ** (unit + 1) === 0 && unit < UNITS.length - 1) unit++;
  return `${size / 1024 ** unit}${UNITS[unit]}`;
}

export function shownSpan(ms: number | null): string {
  if (ms === null) return 'off';
  const seconds = ms / 1000;
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}
