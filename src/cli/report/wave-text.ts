// How waves of retrievals and the waits between them are told to people.

import type { Instant } from '../../model/clock.js';
import type { RunEvent } from '../../model/events.js';
import { printable } from '../../model/rel-path.js';
import { expectedTime } from '../words/expectation.js';
import { counted, sizeText, timeText } from './quantities.js';

type Wave = Extract<RunEvent, { event: 'wave' }>;
type Sleeping = Extract<RunEvent, { event: 'sleeping' }>;

/** `wave 2: 1204 files, 96.0 GiB requested, expected from 18:00 to 20:00`. */
export function waveText(wave: Wave, now: Instant): string {
  const place = wave.directory === null ? '' : `${printable(wave.directory)}, `;
  const name = `${place}${wave.wave === 0 ? 'under way before' : `wave ${wave.wave}`}`;
  const all = `${counted(wave.files, 'file')}, ${sizeText(wave.bytes)}`;
  switch (wave.state) {
    case 'requested':
      return `${name}: ${all} requested${expectation(wave, now)}${wave.ready > 0 ? `, ${wave.ready} ready` : ''}`;
    case 'ready':
      return `${name}: ${wave.ready} of ${counted(wave.files, 'file')} ready${readable(wave, now)}, ${hereText(wave)}`;
    case 'ended':
      return `${name}: ${hereText(wave)}${wave.lost > 0 ? `; ${wave.lost} not had` : ''}`;
  }
}

/** `Waiting for 1204 files, 96.0 GiB, until 18:02`. */
export function sleepingText(event: Sleeping, now: Instant): string {
  const { underWay, toAskFor } = event;
  const what = underWay > 0 ? ` for ${underWayText(event)},` : '';
  const later = toAskFor > 0 ? `; ${toAskFor} to be asked for later` : '';
  return `Waiting${what} ${untilText(event, now)}${later}`;
}

/** The same for a line that may be too narrow for all of it, most important first. */
export function sleepingParts(event: Sleeping, now: Instant): string[] {
  const { underWay, toAskFor } = event;
  return [
    `Waiting ${untilText(event, now)}`,
    ...(underWay > 0 ? [`${underWayText(event)} under way`] : []),
    ...(toAskFor > 0 ? [`${toAskFor} to be asked for later`] : []),
  ];
}

function untilText({ until }: Sleeping, now: Instant): string {
  return `until ${timeText(until, now, until - now < 120 ? 'seconds' : 'minutes')}`;
}

function underWayText({ underWay, underWayBytes }: Sleeping): string {
  return `${counted(underWay, 'file')}, ${sizeText(underWayBytes)}`;
}

function expectation({ expected }: Wave, now: Instant): string {
  return expected === null ? '' : `, expected ${expectedTime(expected, now)}`;
}

function readable({ readableUntil }: Wave, now: Instant): string {
  return readableUntil === null ? '' : ` until ${timeText(readableUntil, now)}`;
}

function hereText({ files, here, hereBytes, bytes }: Wave): string {
  return `${here} of ${files} here, ${sizeText(hereBytes)} of ${sizeText(bytes)}`;
}
