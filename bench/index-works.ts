// What the index over a journal costs: made, opened as it was, compared when nothing has changed, and brought up to date.

import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { milliseconds, peakMiB, peakOfSmaller, seconds, speedOf } from './figures.js';
import { makeJournal } from './index-journal.js';
import { rawScan } from './raw-figures.js';
import type { Ran, Stage } from './stage.js';
import type { Figure, Group, Tell, Work } from './work.js';

const MILLION = { file: 'million.journal', count: 1_000_000, words: '1 million' };
const TEN_MILLION = { file: 'ten-million.journal', count: 10_000_000, words: '10 million' };
const SCAN = rawScan(MILLION.file);

/** An index of 10 million takes its time to make, and several runs of it tell nothing new. */
const TIMES_OF_TEN_MILLION = 1;

export const INDEX_GROUP: Group = {
  name: 'index',
  about: 'the index over journals of 1 and 10 million archives: made, opened, compared, brought up to date',
  raw: [SCAN],
  prepare: (stage) => makeJournal(stage.path(MILLION.file), MILLION.count),
  async *run(stage, times, tell) {
    const open = (journal: Journal, opened: Opening): Promise<Work> => opening(stage, tell, journal, opened);
    const remove = (): void => stage.remove(`${MILLION.file}.index`);
    const figures = [seconds(3), peakMiB(300), speedOf(SCAN)];
    const made = await open(MILLION, { what: 'index made', times, figures, before: remove });
    yield { ...made, ...sizesOf(stage, MILLION) };
    yield await open(MILLION, { what: 'index opened', times, figures: [milliseconds(50)] });
    const compared = await comparing(stage, times, tell, MILLION, []);
    yield { ...compared, tells: 'memory of few' };
    const added = (): void => addHundredLines(stage.path(MILLION.file));
    yield await open(MILLION, { what: 'index opened, 100 lines more', times, figures: [], before: added });

    tell(`journal of ${TEN_MILLION.words} archives`);
    makeJournal(stage.path(TEN_MILLION.file), TEN_MILLION.count);
    const long = await open(TEN_MILLION, { what: 'index made', times: TIMES_OF_TEN_MILLION, figures: [] });
    const left = sizeOf(stage.path(`${TEN_MILLION.file}.index`));
    yield { ...long, ...sizesOf(stage, TEN_MILLION), tells: 'index made', left };
    yield await open(TEN_MILLION, { what: 'index opened', times, figures: [milliseconds(50)] });
    const longCompared = await comparing(stage, times, tell, TEN_MILLION, [peakOfSmaller(compared, 1.2)]);
    yield { ...longCompared, tells: 'memory of many' };
  },
};

type Journal = typeof MILLION;

interface Opening {
  readonly what: string;
  readonly times: number;
  readonly figures: readonly Figure[];
  readonly before?: () => void;
}

/** What opening it takes once Node and the program's files are there. */
async function opening(
  stage: Stage,
  tell: Tell,
  { file, words }: Journal,
  { what, before, times, figures }: Opening,
): Promise<Work> {
  const name = `${what}, ${words}`;
  const runs: Ran[] = [];
  for (let time = 1; time <= times; time++) {
    tell(`${name}, ${time}`);
    before?.();
    const ran = await stage.runScript('index-opening.js', file);
    runs.push({ ...ran, wallMs: said(ran).openedMs });
  }
  return { name, files: 1, bytes: 0, runs, servers: [], figures };
}

/** A sync that finds nothing to do, without the disk: the walk is made up. */
async function comparing(
  stage: Stage,
  times: number,
  tell: Tell,
  { file, count, words }: Journal,
  figures: readonly Figure[],
): Promise<Work> {
  const name = `nothing to do with ${words}, made-up walk`;
  const runs: Ran[] = [];
  for (let time = 1; time <= times; time++) {
    tell(`${name}, ${time}`);
    const ran = await stage.runScript('index-opening.js', file, String(count));
    runs.push({ ...ran, wallMs: said(ran).comparedMs });
  }
  return { name, files: count, bytes: 0, runs, servers: [], figures };
}

/** Of a work that reads all of the journal. */
function sizesOf(stage: Stage, { file, count }: Journal): Pick<Work, 'files' | 'bytes'> {
  return { files: count, bytes: statSync(stage.path(file)).size };
}

function said(ran: { readonly said: string }): { readonly openedMs: number; readonly comparedMs: number } {
  return JSON.parse(ran.said) as { openedMs: number; comparedMs: number };
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

let added = 0;

function addHundredLines(journal: string): void {
  const lineOf = (): string => `B\t1900000000\tCREATED\tadded-${++added}\t1\t1\t${'0'.repeat(64)}\tadded/${added}\n`;
  appendFileSync(journal, Array.from({ length: 100 }, lineOf).join(''));
}
