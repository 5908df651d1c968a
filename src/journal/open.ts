// Opens a journal with all that lies beside it: for readers, who change nothing, and for the one writer.

import { basename } from 'node:path';

import type { Report } from '../model/events.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { showBytes } from './damage.js';
import { type IndexLimits, type IndexSetup, openIndexed, USUAL_LIMITS } from './index/open-indexed.js';
import type { Intents } from './intents.js';
import type { FollowingArchives, Journal, ReadableJournal } from './journal.js';
import type { JournalLock } from './lock.js';
import { MemoryArchives } from './memory-archives.js';
import { assertWritable, missing, openToRead } from './place.js';
import { scanRecords } from './records.js';
import { type LinedFile, NOTHING_SCANNED, type Scanned } from './scan.js';
import { type Sidecars, sidecarsOf } from './sidecars.js';

/** Closing it waits for what is under way, then frees the lock. */
export interface OpenJournal extends AsyncDisposable {
  readonly journal: Journal;
  readonly intents: Intents;
  readonly sidecars: Sidecars;
  /** Aborted when the lock was lost; appending then fails with its reason, a Failure JOURNAL_LOCKED. */
  readonly lost: AbortSignal;
}

export interface ReadingOptions {
  /** That of all lines; the files beside the journal are UTF-8 always. */
  readonly encoding: TextEncoding;
  /** False: the journal is read whole, and all that it holds alive is held in memory. */
  readonly index?: false | IndexLimits;
  /** Ends the reading of a journal that takes long, with INTERRUPTED. What was made of its index by then is kept. */
  readonly signal?: AbortSignal;
}

const NEVER = new AbortController().signal;

/** The journal as it is now; a writer at work is no hindrance. @throws Failure JOURNAL_MISSING, JOURNAL_DAMAGED, INTERRUPTED, USAGE */
export async function openForReading(
  file: string,
  options: ReadingOptions,
  report: Report,
): Promise<ReadableJournal & AsyncDisposable> {
  const sidecars = await sidecarsOf(file);
  await using handle = await openToRead(file, sidecars);
  if (handle === null) throw missing(file);
  const read = await readAll({ name: file, handle, options, sidecars, isWriter: false, report });
  reportTorn(file, read.scanned, report);
  return { file, live: read.live, [Symbol.asyncDispose]: () => read[Symbol.asyncDispose]() };
}

export interface WritingOptions extends ReadingOptions {
  /** A missing journal is an empty one; its file is made when the first thing is announced or noted. */
  readonly create: boolean;
}

/**
 * @throws Failure JOURNAL_MISSING, JOURNAL_LOCKED, JOURNAL_DAMAGED, JOURNAL_UNWRITABLE, DISK_FULL, INTERRUPTED, USAGE
 */
export async function openForWriting(file: string, options: WritingOptions, report: Report): Promise<OpenJournal> {
  const sidecars = await sidecarsOf(file);
  await assertWritable(file, sidecars, options.create);
  // Readers do without what only a writer needs.
  const { lockJournal } = await import('./lock.js');
  const lock = await lockJournal(sidecars);
  try {
    return await openLocked(file, sidecars, lock, options, report);
  } catch (thrown) {
    await lock[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function openLocked(
  file: string,
  sidecars: Sidecars,
  lock: JournalLock,
  options: WritingOptions,
  report: Report,
): Promise<OpenJournal> {
  await using handle = await openToRead(file, sidecars);
  if (handle === null && !options.create) throw missing(file);
  const read = await readAll({ name: file, handle, options, sidecars, isWriter: true, report });
  reportTorn(file, read.scanned, report);
  try {
    const { beginWriting } = await import('./writing.js');
    return await beginWriting({ file, sidecars, lock, encoding: options.encoding, read, report });
  } catch (thrown) {
    await read[Symbol.asyncDispose]();
    throw thrown;
  }
}

interface Reading extends Omit<IndexSetup, 'sidecars' | 'limits'> {
  readonly name: string;
  /** Null when there is no such file. */
  readonly handle: LinedFile['handle'] | null;
  readonly options: ReadingOptions;
  readonly sidecars: Sidecars;
}

interface ReadJournal extends AsyncDisposable {
  readonly live: FollowingArchives;
  readonly scanned: Scanned;
}

/** @throws Failure JOURNAL_DAMAGED, INTERRUPTED, USAGE */
async function readAll({ name, handle, options, ...setup }: Reading): Promise<ReadJournal> {
  const { encoding, index = USUAL_LIMITS, signal = NEVER } = options;
  if (index !== false) return openIndexed({ name, handle, encoding, signal }, { ...setup, limits: index });
  const live = new MemoryArchives();
  const scanned =
    handle === null
      ? NOTHING_SCANNED
      : await scanRecords({ name, handle, encoding, signal }, (record) => live.apply(record));
  return { live, scanned, async [Symbol.asyncDispose]() {} };
}

function reportTorn(file: string, { torn }: Scanned, report: Report): void {
  if (torn.length === 0) return;
  report({
    event: 'notice',
    topic: 'journal-torn',
    message: `last line of ${basename(file)} is not fully written and was ignored: ${showBytes(torn)}`,
    hint: 'an interrupted run leaves such a line; nothing was promised by it',
  });
}
