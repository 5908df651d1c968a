// The figures of one benchmark, as numbers and as a table.

import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Raw, RawRun } from './raw-figures.js';
import { VERSION } from './stage.js';
import type { Work } from './works.js';

/** A yardstick with its runs. */
export interface MeasuredRaw {
  readonly raw: Raw;
  readonly runs: readonly RawRun[];
}

export interface Report {
  readonly at: Date;
  readonly times: number;
  readonly raws: readonly MeasuredRaw[];
  readonly works: readonly Work[];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export function machine() {
  const [first] = cpus();
  const model = (first?.model ?? 'unknown processor').trim();
  return { processor: model, cores: cpus().length, memory: totalmem(), system: `${type()} ${release()} ${arch()}` };
}

/** Medians for programs: what a table shows, and every run. Sizes are bytes. */
export function asJson({ at, times, raws, works }: Report): unknown {
  return {
    mtglacier: VERSION,
    node: process.version,
    machine: machine(),
    at: at.toISOString(),
    times,
    raw: raws.map(({ raw, runs }) => ({ name: raw.name, unit: raw.unit, perSecond: rateOf(runs), runs })),
    work: works.map(({ against, ...work }) => {
      const shares = ratios(work, against, raws).map(({ raw, ratio }) => ({ of: raw.name, ratio }));
      return { ...work, wallMs: wallOf(work), cpuMs: median(work.runs.map(({ cpuMs }) => cpuMs)), ratios: shares };
    }),
  };
}

export function asTable(report: Report): string {
  const { raws, works, times, at } = report;
  const { processor, cores, memory, system } = machine();
  const on = `${cores} × ${processor}, ${(memory / GIB).toFixed(0)} GiB, ${system}, Node ${process.version}`;
  return [
    `mtglacier ${VERSION} on ${at.toISOString().slice(0, 10)}; medians of ${times} ${times === 1 ? 'run' : 'runs'}`,
    on,
    '',
    ...columns([['this machine at best', 'a second', 'CPU'], ...raws.map(rawRow)]),
    '',
    ...columns([
      ['mtglacier', 's', 'MiB/s', 'files/s', 'CPU s', 'CPU', 'vault CPU s', 'peak MiB', 'limit MiB'],
      ...works.map(workRow),
    ]),
    '',
    ...columns(
      [['held against this machine at best', 'ratio', ''], ...works.flatMap((work) => ratioRows(work, raws))],
      1,
    ),
    '',
  ].join('\n');
}

function rawRow({ raw, runs }: MeasuredRaw): string[] {
  const rate = rateOf(runs);
  const cpuMs = median(runs.map(({ cpuMs, amount }) => cpuMs / amount));
  if (raw.unit === 'bytes') return [raw.name, `${number(rate / MIB)} MiB`, `${number((cpuMs * GIB) / 1000)} s/GiB`];
  return [raw.name, `${number(rate)} ${raw.unit}`, `${number(cpuMs * 1000)} µs each`];
}

function workRow(work: Work): string[] {
  const { name, files, bytes, runs, servers, memoryLimit } = work;
  const [wallS, cpuS] = [wallOf(work) / 1000, median(runs.map(({ cpuMs }) => cpuMs)) / 1000];
  const isOne = files === 1;
  return [
    name,
    number(wallS),
    bytes === 0 ? '' : number(bytes / MIB / wallS),
    isOne ? '' : number(files / wallS),
    number(cpuS),
    isOne ? `${number((cpuS * GIB) / bytes)} s/GiB` : `${number((cpuS / files) * 1e6)} µs/file`,
    servers.length === 0 ? '' : number(median(servers.map(({ cpuMs }) => cpuMs)) / 1000),
    number(peakOf(work) / MIB),
    memoryLimit === null ? '' : number(memoryLimit / MIB),
  ];
}

function ratioRows(work: Work, raws: readonly MeasuredRaw[]): string[][] {
  return ratios(work, work.against, raws).map(({ raw, ratio }) => [work.name, number(ratio), `of ${raw.name}`]);
}

/** How fast the work went, as a part of how fast the machine is at that alone. */
function ratios(work: Omit<Work, 'against'>, against: readonly Raw[], raws: readonly MeasuredRaw[]) {
  return against.flatMap((raw) => {
    const measured = raws.find((measured) => measured.raw === raw);
    if (measured === undefined) return [];
    const amount = raw.unit === 'bytes' ? work.bytes : work.files;
    return [{ raw, ratio: amount / (wallOf(work) / 1000) / rateOf(measured.runs) }];
  });
}

function wallOf({ runs }: Pick<Work, 'runs'>): number {
  return median(runs.map(({ wallMs }) => wallMs));
}

/** The largest of all runs: a limit is a limit. */
function peakOf({ runs }: Work): number {
  return Math.max(...runs.map(({ peakMemory }) => peakMemory));
}

/** Amount a second. */
function rateOf(runs: readonly RawRun[]): number {
  return median(runs.map(({ amount, wallMs }) => (amount / wallMs) * 1000));
}

/** Three figures that say something, whatever the size. */
function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Rows in columns; all but the first `left` are set to the right. */
function columns(rows: readonly (readonly string[])[], left = 1): string[] {
  const last = (rows[0]?.length ?? 1) - 1;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const toLeft = column < left || (rows[0]?.[column] === '' && column === last);
      return toLeft ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
    });
    return cells.join('  ').trimEnd();
  });
}
