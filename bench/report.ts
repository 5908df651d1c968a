// The figures of one benchmark, as numbers and as tables.

import { arch, cpus, release, totalmem, type } from 'node:os';
import { cpuMsOf, median, peakOf, rateOf, stallMsOf, wallMsOf } from './medians.js';
import type { Raw, RawRun } from './raw-figures.js';
import { VERSION } from './stage.js';
import type { Figure, Limit, Work } from './work.js';

/** A yardstick with its runs. */
export interface MeasuredRaw {
  readonly raw: Raw;
  readonly runs: readonly RawRun[];
}

/** What one group measured. */
export interface Section {
  readonly group: string;
  readonly raws: readonly MeasuredRaw[];
  readonly works: readonly Work[];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

function machine() {
  const [first] = cpus();
  const model = (first?.model ?? 'unknown processor').trim();
  return { processor: model, cores: cpus().length, memory: totalmem(), system: `${type()} ${release()} ${arch()}` };
}

/** What was measured where and when. */
export function heading(at: Date, times: number): string {
  const { processor, cores, memory, system } = machine();
  const medians = `medians of ${times} ${times === 1 ? 'run' : 'runs'}`;
  const on = `${cores} × ${processor}, ${(memory / GIB).toFixed(0)} GiB, ${system}, Node ${process.version}`;
  return `mtglacier ${VERSION} on ${at.toISOString().slice(0, 10)}; ${medians}\n${on}\n`;
}

/** For programs: what the tables show, and every run. Sizes are bytes. */
export function asJson(at: Date, times: number, sections: readonly Section[], scale: readonly string[]): unknown {
  return {
    mtglacier: VERSION,
    node: process.version,
    machine: machine(),
    at: at.toISOString(),
    times,
    groups: sections.map(({ group, raws, works }) => ({
      group,
      raw: raws.map(({ raw, runs }) => ({ name: raw.name, unit: raw.unit, perSecond: rateOf(runs), runs })),
      work: works.map(({ figures, ...work }) => ({
        ...work,
        wallMs: wallMsOf(work),
        cpuMs: cpuMsOf(work),
        figures: figures.map((figure) => judged(figure, { figures, ...work }, raws)),
      })),
    })),
    scale,
  };
}

export function asTables({ group, raws, works }: Section): string {
  const best =
    raws.length === 0 ? [] : ['', ...columns([['this machine at best', 'a second', 'CPU'], ...raws.map(rawRow)])];
  const figures = works.flatMap((work) => figureRows(work, raws));
  const held = figures.length === 0 ? [] : ['', ...columns([['held against', '', 'is', 'to be', ''], ...figures], 2)];
  return [`\n== ${group}`, ...best, '', ...columns([WORK_HEADS, ...works.map(workRow)]), ...held, ''].join('\n');
}

const WORK_HEADS = ['mtglacier', 's', 'MiB/s', 'files/s', 'CPU s', 'CPU', 'vault CPU s', 'peak MiB', 'stall ms'];

function rawRow({ raw, runs }: MeasuredRaw): string[] {
  const rate = rateOf(runs);
  const cpuMs = median(runs.map(({ cpuMs, amount }) => cpuMs / amount));
  if (raw.unit === 'bytes') return [raw.name, `${number(rate / MIB)} MiB`, `${number((cpuMs * GIB) / 1000)} s/GiB`];
  return [raw.name, `${number(rate)} ${raw.unit}`, `${number(cpuMs * 1000)} µs each`];
}

function workRow(work: Work): string[] {
  const { name, files, bytes, servers } = work;
  const [wallS, cpuS] = [wallMsOf(work) / 1000, cpuMsOf(work) / 1000];
  return [
    name,
    number(wallS),
    bytes === 0 ? '' : number(bytes / MIB / wallS),
    files === 1 ? '' : number(files / wallS),
    number(cpuS),
    costEach(work, cpuS),
    servers.length === 0 ? '' : number(median(servers.map(({ cpuMs }) => cpuMs)) / 1000),
    number(peakOf(work) / MIB),
    number(stallMsOf(work)),
  ];
}

/** By GiB where there are few large files, by file where there are many. */
function costEach({ files, bytes }: Work, cpuS: number): string {
  const isOfBytes = bytes >= GIB / 2 && files < 1000;
  if (Number.isNaN(cpuS) || (files === 1 && !isOfBytes)) return '';
  return isOfBytes ? `${number((cpuS * GIB) / bytes)} s/GiB` : `${number((cpuS / files) * 1e6)} µs/file`;
}

interface Judged {
  readonly what: string;
  readonly value: number;
  readonly limit: Limit | null;
  /** Null where nothing is wanted, or the value cannot be told. */
  readonly met: boolean | null;
}

function judged(figure: Figure, work: Work, raws: readonly MeasuredRaw[]): Judged {
  const { what, limit } = figure;
  const value = figure.of(work, (raw) => rateOf(raws.find((measured) => measured.raw === raw)?.runs ?? []));
  return { what, value, limit, met: limit === null || Number.isNaN(value) ? null : isWithin(value, limit) };
}

function isWithin(value: number, limit: Limit): boolean {
  return 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
}

function figureRows(work: Work, raws: readonly MeasuredRaw[]): string[][] {
  return work.figures
    .map((figure) => judged(figure, work, raws))
    .map(({ what, value, limit, met }, row) => {
      const isMet = met === null ? '' : met ? 'met' : 'NOT MET';
      return [row === 0 ? work.name : '', what, number(value), limit === null ? '' : limitOf(limit), isMet];
    });
}

function limitOf(limit: Limit): string {
  const [sign, value] = 'atLeast' in limit ? ['≥', limit.atLeast] : ['≤', limit.atMost];
  return `${sign} ${value.toLocaleString('en')}`;
}

/** Three figures that say something, whatever the size; nothing for what is not known. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) < 1) return value.toPrecision(2);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Rows in columns; all but the first `left` are set to the right, and a last one without a name to the left. */
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
