// node index-opening.js JOURNAL [COUNT]: opens a journal of the built program with its index; with COUNT compares all that it holds with files that are only made up. Prints milliseconds of opening, and of comparing.

import { built } from './built-program.js';
import { numbered } from './index-journal.js';

interface Opening {
  readonly openForReading: (
    file: string,
    options: { readonly encoding: unknown },
    report: () => void,
  ) => Promise<AsyncDisposable & { readonly live: { readonly count: number } }>;
}

interface Surveys {
  readonly storingSteps: (wanted: object, ports: object, survey: object, halt: object) => AsyncIterable<unknown>;
  readonly emptySurvey: () => { readonly unchanged: number };
}

const BATCH = 1000;
const [file = '', count] = process.argv.slice(2);
const { openForReading } = await built<Opening>('journal/open.js');
const { UTF_8 } = await built<{ readonly UTF_8: unknown }>('model/text-encoding.js');
const began = performance.now();
await using journal = await openForReading(file, { encoding: UTF_8 }, () => undefined);
const opened = performance.now();
if (count !== undefined) await nothingToDo(Number(count));
process.stdout.write(`${JSON.stringify({ openedMs: opened - began, comparedMs: performance.now() - opened })}\n`);

/** The survey of a sync that finds nothing to do. */
async function nothingToDo(count: number): Promise<void> {
  const { storingSteps, emptySurvey } = await built<Surveys>('flows/storing/survey.js');
  const { EVERYTHING: selection } = await built<{ readonly EVERYTHING: unknown }>('model/selection.js');
  const directory = { walk: () => files(count) };
  const compared = { isSame: () => false };
  const ports = { directory, journal, selection, compared, report: () => undefined };
  const wanted = { new: true, replaceModified: true, deleteRemoved: true, detect: 'mtime-and-treehash' };
  const never = new AbortController().signal;
  const survey = emptySurvey();
  for await (const _ of storingSteps(wanted, ports, survey, { soon: never, now: never })) throw new Error('a step');
  if (survey.unchanged !== journal.live.count) throw new Error(`${survey.unchanged} of ${journal.live.count} compared`);
}

async function* files(count: number): AsyncGenerator<readonly object[]> {
  for (let from = 0; from < count; from += BATCH) {
    const batch: object[] = [];
    for (let n = from; n < Math.min(count, from + BATCH); n++) {
      const { alive, ...file } = numbered(n);
      if (alive) batch.push({ kind: 'file', file });
    }
    yield batch;
  }
}
