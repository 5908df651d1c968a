// Sizes, durations and times as people read them.

import type { Instant } from '../../model/clock.js';

const SIZE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `512 B`, `1.5 KiB`, `20.0 MiB`, `1.2 GiB`. */
export function sizeText(size: number): string {
  if (size < 1024) return `${Math.round(size)} B`;
  let unit = 0;
  let amount = size / 1024;
  // From 1023.95 on, one digit after the point would say 1024.0.
  while (amount >= 1023.95 && unit < SIZE_UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

/** `512.0 KiB/s`, `1.0 MiB/s up, 4.0 MiB/s down`, `unlimited`. */
export function bandwidthText({ up, down }: { readonly up: number | null; readonly down: number | null }): string {
  if (up === down) return up === null ? 'unlimited' : rateText(up);
  return [...(up === null ? [] : [`${rateText(up)} up`]), ...(down === null ? [] : [`${rateText(down)} down`])].join(
    ', ',
  );
}

function rateText(rate: number): string {
  return `${sizeText(rate)}/s`;
}

/** `1 vault`, `2 vaults`: for things whose plural ends in s. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** The two greatest units that count: `0.4 s`, `45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (durationMs > 0 && durationMs < 950) return `${(Math.max(durationMs, 100) / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 1, 's');
  if (seconds < 86_400) return twoUnits(seconds, 3600, 'h', 60, 'min');
  return twoUnits(seconds, 86_400, 'd', 3600, 'h');
}

function twoUnits(seconds: number, great: number, greatName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % great) / small);
  return `${Math.floor(seconds / great)} ${greatName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** Local time of day, with the date when it is not the day of `now`: `14:05`, `14:05:09`, `2026-11-21 02:30`. */
export function timeText(at: Instant, now: Instant, fineness: 'minutes' | 'seconds' = 'minutes'): string {
  const date = new Date(at * 1000);
  if (Number.isNaN(date.getTime())) return `${at}`;
  const day = dayText(date);
  const seconds = fineness === 'seconds' ? `:${twoDigits(date.getSeconds())}` : '';
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}${seconds}`;
  return day === dayText(new Date(now * 1000)) ? time : `${day} ${time}`;
}

/** Local date and time of day, whatever day it is: `2026-11-21 02:30`. */
export function minuteText(at: Instant): string {
  const date = new Date(at * 1000);
  if (Number.isNaN(date.getTime())) return `${at}`;
  return `${dayText(date)} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function dayText(date: Date): string {
  return `${date.getFullYear().toString().padStart(4, '0')}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function twoDigits(number: number): string {
  return number.toString().padStart(2, '0');
}

/** Both ends of a span of time as `timestamp` gives them; null where there is none. */
export function timestamps(span: { readonly from: Instant; readonly to: Instant } | null) {
  return span === null ? null : { from: timestamp(span.from), to: timestamp(span.to) };
}

/** RFC 3339 in UTC; the seconds themselves where a file time lies outside what dates can say. */
export function timestamp(at: Instant): string | number {
  const date = new Date(at * 1000);
  return Number.isNaN(date.getTime()) ? at : date.toISOString().replace('.000Z', 'Z');
}
