// Opens a journal with all that lies beside it: for readers, who change nothing, and for the one writer.

import { basename } from 'node:path';

import type { Report } from '../model/events.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { openAppendFile } from './append-file.js';
import { Appender } from './appender.js';
import { keepCut } from './cut-lines.js';
import { showBytes } from './damage.js';
import type { Intents } from './intents.js';
import type { Journal, ReadableJournal } from './journal.js';
import { JournalFile, type ReadJournal, readJournal } from './journal-file.js';
import { type JournalLock, lockJournal } from './lock.js';
import { MemoryArchives } from './memory-archives.js';
import { openIntents } from './pending.js';
import { assertWritable, missing, openToRead } from './place.js';
import type { Scanned } from './scan.js';
import { type Sidecars, sidecarsOf } from './sidecars.js';

/** Closing it waits for what is under way, then frees the lock. */
export interface OpenJournal extends AsyncDisposable {
  readonly journal: Journal;
  readonly intents: Intents;
  readonly sidecars: Sidecars;
  /** Aborted when the lock was lost; appending then fails with its reason, a Failure JOURNAL_LOCKED. */
  readonly lost: AbortSignal;
}

/** The journal as it is now; a writer at work is no hindrance. @throws Failure JOURNAL_MISSING, JOURNAL_DAMAGED, USAGE */
export async function openForReading(
  file: string,
  { encoding }: { readonly encoding: TextEncoding },
  report: Report,
): Promise<ReadableJournal> {
  const found = await readWhole(file, await sidecarsOf(file), encoding);
  if (found === null) throw missing(file);
  const { live, scanned } = found;
  reportTorn(file, scanned, report);
  return { file, live };
}

export interface WritingOptions {
  /** A missing journal is an empty one; its file is made by the first append. */
  readonly create: boolean;
  /** That of all lines; the files beside the journal are UTF-8 always. */
  readonly encoding: TextEncoding;
}

/**
 * @throws Failure JOURNAL_MISSING, JOURNAL_LOCKED, JOURNAL_DAMAGED, JOURNAL_UNWRITABLE, DISK_FULL, USAGE
 */
export async function openForWriting(file: string, options: WritingOptions, report: Report): Promise<OpenJournal> {
  const sidecars = await sidecarsOf(file);
  await assertWritable(file, sidecars, options.create);
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
  { create, encoding }: WritingOptions,
  report: Report,
): Promise<OpenJournal> {
  const found = await readWhole(file, sidecars, encoding);
  if (found === null && !create) throw missing(file);
  const { live, scanned } = found ?? NOTHING();
  reportTorn(file, scanned, report);
  const intents = await openIntents(sidecars.pending, live, lock.lost);
  const appender = new Appender({
    name: file,
    found: scanned,
    open: () => openAppendFile(sidecars.journal),
    lost: lock.lost,
    beforeCut: async (size) => {
      await keepCut(sidecars.cut, scanned.torn);
      report(cutOff(file, size));
    },
  });
  return {
    journal: new JournalFile(file, live, encoding, appender),
    intents,
    sidecars,
    lost: lock.lost,
    async [Symbol.asyncDispose]() {
      await closeAll([appender, intents, lock]);
    },
  };
}

const NOTHING = (): ReadJournal => {
  return { live: new MemoryArchives(), scanned: { lines: 0, length: 0, size: 0, torn: Buffer.alloc(0) } };
};

/** In order; what follows a failure is closed nevertheless. */
async function closeAll(things: readonly AsyncDisposable[]): Promise<void> {
  const [first, ...rest] = things;
  if (first === undefined) return;
  try {
    await first[Symbol.asyncDispose]();
  } finally {
    await closeAll(rest);
  }
}

/** Null when there is no such file. */
async function readWhole(file: string, sidecars: Sidecars, encoding: TextEncoding): Promise<ReadJournal | null> {
  await using handle = await openToRead(file, sidecars);
  return handle === null ? null : await readJournal({ name: file, handle, encoding });
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

function cutOff(file: string, size: number): Parameters<Report>[0] {
  const message = `cut a torn last line of ${size} bytes off ${basename(file)}`;
  const hint = `it is kept in ${basename(file)}.cut; "Recovering by hand" in docs/journal-format.md says when it matters`;
  return { event: 'notice', topic: 'journal-cut', message, hint };
}
