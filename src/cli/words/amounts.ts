// How people write sizes, rates, spans of time and money: 10G, 512K, 2MiB/s, 2h30m, 0.25.

import { Failure } from '../../model/failure.js';
import { Money } from '../../model/money.js';
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

/** Bytes a second; null for `off`. */
export const rate: Parser<number | null> = (given, subject) => {
  if (isOff(given)) return null;
  const size = bytesIn(given.replace(/\/s$/i, ''));
  if (size !== null && size >= 1 && size <= Number.MAX_SAFE_INTEGER) return size;
  throw new Failure('USAGE', `${subject} must be bytes a second, or off, not ${printable(given)}`, {
    hint: 'write it with its unit: 512K, 10M, 1.5MiB/s',
  });
};

export function shownRate(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? 'off' : `${shownSize(bytesPerSecond)}/s`;
}

/** US dollars; null for `off`. */
export const dollarsOrOff: Parser<Money | null> = (given, subject) => {
  if (isOff(given)) return null;
  const amount = Money.parse(given);
  if (amount !== null) return amount;
  throw new Failure('USAGE', `${subject} must be an amount in US dollars, or off, not ${printable(given)}`, {
    hint: 'write it with a point and without other signs: 5, 0.25, 1200.50',
  });
};

export function shownDollars(amount: Money | null): string {
  return amount === null ? 'off' : Money.written(amount);
}

const SPAN = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/i;
const DAYS_MAX = 24;

/** Milliseconds; null for `off`. A timer waits for no more than these 24 days. */
export const spanOrOff: Parser<number | null> = (given, subject) => {
  if (isOff(given)) return null;
  return spanIn(given) ?? refuseSpan(given, subject, ', or off,');
};

/** The same where there is always one. */
export const span: Parser<number> = (given, subject) => spanIn(given) ?? refuseSpan(given, subject, ',');

function spanIn(given: string): number | null {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (SPAN.exec(given) ?? []).slice(1).map((n) => Number(n ?? 0));
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return ms > 0 && ms <= DAYS_MAX * 86_400_000 ? ms : null;
}

function refuseSpan(given: string, subject: string, orOff: string): never {
  const message = `${subject} must be a span of time up to ${DAYS_MAX}d${orOff} not ${printable(given)}`;
  throw new Failure('USAGE', message, { hint: 'write it with its units: 2h30m, 90m, 1d12h, 45s' });
}

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
