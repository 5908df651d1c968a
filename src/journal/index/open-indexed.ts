// Opens the index over a journal: takes what holds of it, and follows the journal from there to its end.

import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';

import type { Report } from '../../model/events.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import { UTF_8 } from '../../model/text-encoding.js';
import { decodeRecord } from '../codec.js';
import { damagedLine } from '../damage.js';
import { NOTHING_SEEN, type WatchedEncoding, watched } from '../mistaken-encoding.js';
import { assertBeginsLikeJournal } from '../records.js';
import { decodeLine, type LinedFile, type LineOfBytes, NOTHING_SCANNED, type Scanned, scanBytes } from '../scan.js';
import type { Sidecars } from '../sidecars.js';
import { errorCode } from '../write-failure.js';
import type { Contents, Covered } from './contents.js';
import { type FileMark, isSameMark, markOf } from './file-mark.js';
import { dropContents, openRun, readContents, tidyFolder } from './index-folder.js';
import { IndexedArchives } from './indexed-archives.js';
import { JournalLines } from './journal-lines.js';
import { PlainLine } from './plain-line.js';
import { Run } from './run.js';
import { type About, RunShelf, type ShelfSetup, type Shelved } from './run-shelf.js';

const MIB = 1024 * 1024;
const CHUNK = MIB;

/** In bytes. */
export interface IndexLimits {
  /** A shorter journal is read each time: that is as fast as an index. */
  readonly worthKeeping: number;
  /** Of a journal with an index, a shorter end is read each time: of each line it is asked where else its archive is. */
  readonly worthAdding: number;
  /** Recent facts that gather while a journal is read. */
  readonly whileReading: number;
  /** Recent facts that gather while one is written. */
  readonly whileWriting: number;
}

export const USUAL_LIMITS: IndexLimits = {
  worthKeeping: 4 * MIB,
  worthAdding: MIB / 8,
  whileReading: 56 * MIB,
  whileWriting: 4 * MIB,
};

export interface IndexSetup {
  readonly sidecars: Sidecars;
  /** Whether this is the holder of the journal's lock. */
  readonly isWriter: boolean;
  readonly report: Report;
  readonly limits: IndexLimits;
}

/** Closing it notes what was followed, where this is the writer, and lets go of the files. */
export interface OpenIndex extends AsyncDisposable {
  readonly live: IndexedArchives;
  readonly scanned: Scanned;
}

/**
 * An index is made of journals that are worth it. What of an index does not hold is passed over and made anew.
 * @param file its handle is null for a journal that does not exist yet
 * @throws Failure JOURNAL_DAMAGED, INTERRUPTED, USAGE: what reading all of the journal would throw
 */
export async function openIndexed(
  { handle, ...file }: Omit<LinedFile, 'handle'> & { readonly handle: LinedFile['handle'] | null },
  setup: IndexSetup,
): Promise<OpenIndex> {
  // Whatever changes the journal from here on makes its mark another one.
  const mark = handle === null ? null : markOf(await handle.stat({ bigint: true }));
  const { about, shelved } = await indexFound({ handle, ...file }, mark, setup);
  const encoding = watched(file.encoding, about.seen);
  const shelf = new RunShelf(await shelfSetup(file, setup), shelved);
  const lines = new JournalLines(setup.sidecars.journal, file.name, file.encoding);
  const live = new IndexedArchives({ shelf, lines, about, seen: encoding.seen, recentMax: setup.limits.whileWriting });
  try {
    const scanned = handle === null ? NOTHING_SCANNED : await follow({ handle, ...file }, encoding, live, setup.limits);
    const isNoted = !isWorthShelving(live, setup.limits) && mark !== null && isSameMark(about.journal, mark);
    if (!isNoted) await note(live, mark, setup);
    return { live, scanned, [Symbol.asyncDispose]: () => closed(live, scanned, setup) };
  } catch (thrown) {
    await live.close();
    throw thrown;
  }
}

const NOTHING_COVERED: Covered = { length: 0, lines: 0, checksum: 0 };

interface Found {
  readonly about: About;
  readonly shelved: readonly Shelved[];
}

/** The index beside the journal, if it is one of this journal, as it is now, and whole. */
async function indexFound(
  file: Parameters<typeof openIndexed>[0],
  mark: FileMark | null,
  { sidecars, isWriter }: IndexSetup,
): Promise<Found> {
  const contents = await readContents(sidecars.index);
  const isOfThis = contents !== null && mark !== null && (await holdsOf(contents, file, mark));
  const shelved = isOfThis ? openRuns(sidecars.index, contents) : null;
  if (isWriter && contents !== null && shelved === null) dropContents(sidecars.index);
  if (isWriter) await tidyFolder(sidecars.index, shelved === null ? [] : (contents?.runs ?? []));
  if (contents !== null && shelved !== null) return { about: contents, shelved };
  const { canonicalName: encoding } = file.encoding;
  return { about: { covered: NOTHING_COVERED, journal: null, encoding, seen: NOTHING_SEEN, alive: 0 }, shelved: [] };
}

/** Whether the journal begins with what the contents are about, and is read as it was then. */
async function holdsOf(
  { covered, journal, encoding }: Contents,
  file: Parameters<typeof openIndexed>[0],
  mark: FileMark,
): Promise<boolean> {
  if (encoding !== file.encoding.canonicalName || file.handle === null) return false;
  return isSameMark(journal, mark) || (await checksumOf(file.handle, covered.length, file.signal)) === covered.checksum;
}

/** Null where the file is shorter. @throws Failure INTERRUPTED */
async function checksumOf(handle: LinedFile['handle'], length: number, signal: AbortSignal): Promise<number | null> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  let checksum = 0;
  for (let at = 0; at < length; ) {
    throwIfInterrupted(signal);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK, length - at), at);
    if (bytesRead === 0) return null;
    checksum = crc32(buffer.subarray(0, bytesRead), checksum);
    at += bytesRead;
  }
  return checksum;
}

function openRuns(folder: string, { runs }: Contents): readonly Shelved[] | null {
  const shelved: Shelved[] = [];
  for (const known of runs) {
    const bytes = openRun(folder, known);
    if (bytes === null) {
      for (const { run } of shelved) run.release();
      return null;
    }
    shelved.push({ known, run: new Run({ shape: known.shape, bytes, onDamage: () => damagedIndex(folder) }) });
  }
  return shelved;
}

async function shelfSetup({ name, signal }: Omit<LinedFile, 'handle'>, setup: IndexSetup): Promise<ShelfSetup> {
  const { sidecars, report } = setup;
  return {
    folder: sidecars.index,
    ways: (await mayPublish(setup)) ? ['folder', 'passing'] : ['passing'],
    onDamage: () => damagedIndex(sidecars.index),
    signal,
    onTrouble: (cause) => report(withoutIndex(name, cause)),
  };
}

/** Readers leave the folder to a writer that is at work. */
async function mayPublish({ sidecars, isWriter }: IndexSetup): Promise<boolean> {
  return (
    isWriter ||
    !(await fs.stat(sidecars.lock).then(
      () => true,
      () => false,
    ))
  );
}

/** Takes the lines behind what is covered. */
async function follow(
  file: LinedFile,
  encoding: WatchedEncoding,
  live: IndexedArchives,
  limits: IndexLimits,
): Promise<Scanned> {
  const plain = new PlainLine();
  const isUtf8 = file.encoding === UTF_8;
  const take = (line: LineOfBytes): void => {
    const { bytes, start, end, number, place } = line;
    const why = isUtf8 && plain.read(bytes, start, end) ? live.takePlain(plain, bytes, place) : takeUnusual(line);
    if (why !== null) throw damagedLine(file.name, { number, text: textOf(line) }, why);
  };
  const textOf = ({ bytes, start, end, number }: LineOfBytes): string => {
    return decodeLine({ name: file.name, encoding: encoding.encoding }, bytes.subarray(start, end), number);
  };
  const takeUnusual = (line: LineOfBytes): string | null => {
    const text = textOf(line);
    const record = decodeRecord(text);
    if (record.type !== 'unreadable') return live.takeRecord(record, line.place);
    throw damagedLine(file.name, { number: line.number, text }, record.why, record.hint);
  };
  const scanned = await scanBytes(file, live.covered, take, async (bytes, lines) => {
    live.pass(bytes, lines);
    if (live.recentSize < limits.whileReading) return;
    await live.settled();
    live.shelve();
  });
  encoding.assertMeant(file.name);
  if (scanned.lines === 0) assertBeginsLikeJournal(file.name, scanned.torn);
  return scanned;
}

/** Puts on disk what is worth it, and what the journal was like. */
async function note(live: IndexedArchives, mark: FileMark | null, setup: IndexSetup): Promise<void> {
  if (isWorthShelving(live, setup.limits)) live.shelve();
  await live.settled();
  if (await mayPublish(setup)) await live.publish(mark);
}

function isWorthShelving({ behind, covered }: IndexedArchives, { worthKeeping, worthAdding }: IndexLimits): boolean {
  return behind >= (behind === covered.length ? worthKeeping : worthAdding);
}

async function closed(live: IndexedArchives, { length }: Scanned, setup: IndexSetup): Promise<void> {
  if (setup.isWriter && live.covered.length > length) await note(live, await markAsFollowed(live, setup), setup);
  await live.close();
}

/** Null where another program has written, too: then it is to be looked at. */
async function markAsFollowed({ covered }: IndexedArchives, { sidecars }: IndexSetup): Promise<FileMark | null> {
  const mark = await fs.stat(sidecars.journal, { bigint: true }).then(markOf, () => null);
  return mark?.size === `${covered.length}` ? mark : null;
}

/** The next run makes it anew. */
function damagedIndex(folder: string): Failure {
  dropContents(folder);
  return new Failure('JOURNAL_DAMAGED', `${folder} is damaged`, {
    hint: 'run the same command again: it is made anew from the journal, which is unharmed; and check the disk',
  });
}

function withoutIndex(name: string, cause: unknown): Parameters<Report>[0] {
  const message = `the index of ${basename(name)} could not be written (${errorCode(cause) ?? 'unknown error'})`;
  const hint = 'nothing is lost; without it the journal is held in memory, and read anew by the next command';
  return { event: 'notice', topic: 'index-unwritable', message, hint };
}
