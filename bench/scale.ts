// What 200 million files and 1 PB would take, reckoned from what was measured on little: printed with its arithmetic.

import { peakOf, wallMsOf } from './medians.js';
import type { UnitCost, Work } from './work.js';

const MIB = 1024 * 1024;
const FILES = 200e6;
const BYTES = 1e15;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Bytes a second of a line of so many Gbit/s. */
const gigabits = (many: number): number => (many * 1e9) / 8;

/** The groups that measure what this is reckoned from. */
export const NEEDED_GROUPS = ['large', 'small', 'many', 'index'];

/** Lines of text; fewer where something was not measured. */
export function scaleModel(works: readonly Work[]): readonly string[] {
  const of = (cost: UnitCost): Work | undefined => works.find(({ tells }) => tells === cost);
  const stored = storing(of('bytes stored'), of('files stored'));
  const looked = [...comparing(of('files compared')), ...indexing(of('index made'))];
  const held = memory(of('memory of few'), of('memory of many'));
  const lines = [...stored, ...looked, ...held];
  return lines.length === 0 ? [] : [`reckoned for ${count(FILES)} files and 1 PB`, ...lines.map((line) => `  ${line}`)];
}

function storing(large: Work | undefined, small: Work | undefined): string[] {
  const lines: string[] = [];
  if (large !== undefined) {
    const speed = large.bytes / (wallMsOf(large) / 1000);
    const sum = `bytes read, hashed and sent: 1e15 ÷ ${count(speed / MIB)} MiB/s`;
    lines.push(`${sum} = ${time(BYTES / speed)}; a line of 1 Gbit/s takes ${time(BYTES / gigabits(1))}`);
  }
  if (small !== undefined) {
    const each = wallMsOf(small) / 1000 / small.files;
    lines.push(`requests and journal: ${count(FILES)} × ${micros(each)} = ${time(FILES * each)}`);
  }
  return lines;
}

function comparing(compared: Work | undefined): string[] {
  if (compared === undefined) return [];
  const each = wallMsOf(compared) / 1000 / compared.files;
  return [`walk and compare, all in cache: ${count(FILES)} × ${micros(each)} = ${time(FILES * each)}`];
}

function indexing(made: Work | undefined): string[] {
  if (made === undefined) return [];
  const each = wallMsOf(made) / 1000 / made.files;
  const [line, left] = [made.bytes / made.files, (made.left ?? Number.NaN) / made.files];
  return [
    `index made anew: ${count(FILES)} × ${micros(each)} = ${time(FILES * each)}, and more where its runs outgrow the cache`,
    `journal on disk: ${count(FILES)} × ${count(line)} bytes = ${gigabytes(FILES * line)}`,
    `index on disk: ${count(FILES)} × ${count(left)} bytes = ${gigabytes(FILES * left)}`,
  ];
}

/** Along the line through the two measured points. */
function memory(few: Work | undefined, many: Work | undefined): string[] {
  if (few === undefined || many === undefined) return [];
  const each = Math.max(0, (peakOf(many) - peakOf(few)) / (many.files - few.files));
  const beyond = FILES - many.files;
  const all = peakOf(many) + each * beyond;
  const sum = `${count(peakOf(many) / MIB)} MiB + ${count(beyond)} × ${each.toFixed(2)} bytes`;
  return [`memory of a run with nothing to do: ${sum} = ${count(all / MIB)} MiB`];
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function micros(seconds: number): string {
  return `${(seconds * 1e6).toFixed(1)} µs`;
}

function gigabytes(bytes: number): string {
  return `${count(bytes / 1e9)} GB`;
}

function time(seconds: number): string {
  if (seconds >= 2 * DAY) return `${(seconds / DAY).toFixed(1)} days`;
  if (seconds >= 2 * HOUR) return `${(seconds / HOUR).toFixed(1)} hours`;
  return `${(seconds / 60).toFixed(1)} minutes`;
}
