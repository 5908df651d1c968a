// node build/bench/walk-and-compare.js: what comparing costs when nothing has changed, with files and archives that are only made up; each figure in a process of its own.

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Entry {
  readonly key: string;
  readonly kind: 'file';
}

interface Disk {
  readonly SortedEntries: new () => Iterable<Entry> & { add(entry: Entry): void };
}

interface Flows {
  readonly storingSteps: (wanted: object, ports: object, survey: object, halt: object) => AsyncIterable<unknown>;
  readonly emptySurvey: () => { readonly unchanged: number };
}

interface Walk {
  readonly batchesOf: (place: object, options: object, fileSystem: object) => AsyncIterable<readonly unknown[]>;
}

const BATCH = 1000;

async function built<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(resolve('dist', file)).href)) as T;
}

/** Paths of so many files, a hundred in a directory, ascending. */
function* paths(files: number): Generator<readonly string[]> {
  for (let from = 0; from < files; from += BATCH) {
    yield Array.from({ length: Math.min(BATCH, files - from) }, (_, index) => {
      const number = String(from + index).padStart(9, '0');
      return `photos/${number.slice(0, 4)}/album-${number.slice(4, 7)}/photo-${number}.jpg`;
    });
  }
}

/** Nothing to do over so many files: the walk and the journal are made up as they are asked for. */
async function compare(files: number): Promise<void> {
  const { storingSteps, emptySurvey } = await built<Flows>('flows/storing/survey.js');
  const state = { size: 4096, mtime: 1_700_000_000 };
  async function* walk(): AsyncGenerator<readonly object[]> {
    for (const batch of paths(files))
      yield batch.map((path) => ({ kind: 'file', file: { path, size: state.size, mtime: state.mtime } }));
  }
  async function* latestInBatches(): AsyncGenerator<readonly object[]> {
    const { size, mtime } = state;
    const treeHash = '0'.repeat(64);
    const archiveOf = (path: string) => ({ id: `id of ${path}`, path, size, mtime, treeHash, createdAt: 0 });
    for (const batch of paths(files)) yield batch.map((path) => archiveOf(path));
  }
  const everything = { includes: () => true, enters: () => true };
  const journal = { live: { count: files, latestInBatches } };
  const ports = { directory: { walk }, journal, selection: everything, report: () => undefined };
  const wanted = { new: true, replaceModified: true, deleteRemoved: true, detect: 'mtime-and-treehash' };
  const never = new AbortController().signal;
  const survey = emptySurvey();
  for await (const _ of storingSteps(wanted, ports, survey, { soon: never, now: never })) throw new Error('a step');
  if (survey.unchanged !== files) throw new Error(`${survey.unchanged} of ${files} were compared`);
}

/** The names of one directory with so many of them. */
async function sort(names: number): Promise<void> {
  const { SortedEntries } = await built<Disk>('disk/sorted-entries.js');
  const all = new SortedEntries();
  for (let index = 0; index < names; index++) {
    const number = String((index * 7_368_787) % names).padStart(9, '0');
    all.add({ key: `photo-${number}.jpg`, kind: 'file' });
  }
  let count = 0;
  for (const _ of all) count++;
  if (count !== names) throw new Error(`${count} of ${names} came back`);
}

/** So many files in directories of ten, on a file system that answers each look after 2 ms. */
async function slow(files: number, concurrency: number): Promise<void> {
  const { batchesOf } = await built<Walk>('disk/walk.js');
  const ten = Array.from({ length: 10 }, (_, index): Entry => ({ key: `${index}`, kind: 'file' }));
  const directories = Array.from({ length: files / 10 }, (_, index) => ({
    key: `${String(index).padStart(9, '0')}/`,
    kind: 'directory',
  }));
  const status = { size: 1n, mtimeNs: 0n, ctimeNs: 0n, isDirectory: () => false, isFile: () => true };
  const fileSystem = {
    status: async () => (await wait(2), status),
    entries: async ({ path }: { path: string | null }) => (await wait(2), path === null ? directories : ten),
  };
  const place = { root: '/', location: '/', encoding: null, locate: (path: string) => `/${path}` };
  let found = 0;
  for await (const batch of batchesOf(place, { concurrency }, fileSystem)) found += batch.length;
  if (found !== files) throw new Error(`${found} of ${files} were found`);
}

const WORKS: Record<string, (count: number, width: number) => Promise<void>> = { compare, sort, slow };

/** One figure, in this process. */
async function work(name: string, count: number, width: number): Promise<void> {
  const startedMs = performance.now();
  await WORKS[name]?.(count, width);
  const wallMs = performance.now() - startedMs;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuUs = (userCPUTime + systemCPUTime) / count;
  const figures = [cpuUs.toFixed(2).padStart(9), ((wallMs * 1000) / count).toFixed(1).padStart(10)];
  process.stdout.write(`${figures.join(' ')} ${String(Math.round(maxRSS / 1024)).padStart(9)}\n`);
}

const [name, count = '0', width = '1'] = process.argv.slice(2);
if (name !== undefined) {
  await work(name, Number(count), Number(width));
} else {
  process.stdout.write(`${''.padEnd(52)}CPU µs/file wall µs/file peak MiB\n`);
  const figures: [what: string, ...words: string[]][] = [
    ...[200_000, 2_000_000, 10_000_000].map((files): [string, ...string[]] => [
      `compare ${files} files, nothing to do`,
      'compare',
      String(files),
    ]),
    ...[10_000, 1_000_000, 5_000_000].map((names): [string, ...string[]] => [
      `order the names of a directory of ${names}`,
      'sort',
      String(names),
    ]),
    ...[2, 4, 16, 64].map((lanes): [string, ...string[]] => [
      `walk where each look takes 2 ms, ${lanes} at once`,
      'slow',
      '10000',
      String(lanes),
    ]),
  ];
  for (const [what, ...words] of figures) {
    const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...words], {
      encoding: 'utf8',
    });
    process.stdout.write(`${what.padEnd(52)}${stdout}${stderr}`);
  }
}
