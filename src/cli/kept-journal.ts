// Opens a journal to read, in the encodings that it is kept in.

import { readSoundBinding } from '../journal/binding.js';
import type { ReadableJournal } from '../journal/journal.js';
import { checkEncodings, type KeptEncodings } from '../journal/kept-encodings.js';
import { MemoryArchives } from '../journal/memory-archives.js';
import { openForReading } from '../journal/open.js';
import { asFailure } from '../model/failure.js';
import type { CommandContext } from './command-context.js';

/**
 * What a run takes the journal and the names on disk for. It has to do with those of a directory; the maker of a new
 * journal takes the user's word.
 */
export function encodingsOf({
  settings,
  encodings,
  origins,
}: Pick<CommandContext, 'settings' | 'encodings' | 'origins'>): KeptEncodings {
  const { journal, filenames } = encodings;
  const isSaid = settings.newJournal !== undefined && origins.filenamesEncoding !== 'default';
  return {
    journalEncoding: journal.canonicalName,
    filenamesEncoding: settings.dir !== undefined || isSaid ? filenames.canonicalName : undefined,
  };
}

/**
 * To be asked before the journal is opened, which puts in order what lies beside it. A damaged binding refuses nothing
 * here: who needs it comes upon it.
 * @throws Failure JOURNAL_IN_OTHER_ENCODING
 */
export async function assertKeptEncodings(context: CommandContext<'journal'>): Promise<void> {
  const { journal: file, rebindJournal } = context.settings;
  const found = rebindJournal ? null : await readSoundBinding(file);
  if (found !== null) await checkEncodings(file, found, encodingsOf(context));
}

/** A journal to read, to be closed when nothing more is asked of it. */
export type ReadJournal = ReadableJournal & AsyncDisposable;

/** What journals are opened with, by readers and writers. */
export function journalOptions({ settings, encodings, halt }: Pick<CommandContext, 'settings' | 'encodings' | 'halt'>) {
  return {
    encoding: encodings.journal,
    signal: halt.soon,
    ...(settings.index === 'off' ? { index: false as const } : {}),
  };
}

/** @param create whether a journal that does not exist is an empty one */
export async function readJournal(context: CommandContext<'journal'>, create = false): Promise<ReadJournal> {
  const { settings, report } = context;
  const { journal: file } = settings;
  await assertKeptEncodings(context);
  try {
    return await openForReading(file, journalOptions(context), report);
  } catch (thrown) {
    if (create && asFailure(thrown).code === 'JOURNAL_MISSING') {
      return { file, live: new MemoryArchives(), async [Symbol.asyncDispose]() {} };
    }
    throw thrown;
  }
}
