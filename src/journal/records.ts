// Reads a journal record by record, also those of archives that are no longer alive.

import type { JournalRecord } from '../model/journal-record.js';
import { decodeRecord } from './codec.js';
import { damagedLine } from './damage.js';
import { watched } from './mistaken-encoding.js';
import { missing, openToRead } from './place.js';
import { type LinedFile, type Scanned, scanLines } from './scan.js';
import { sidecarsOf } from './sidecars.js';

/**
 * Gives every record of a journal in order, as it is now; a writer at work is no hindrance, and a torn last line is
 * none. What one record means beside the others is left to the taker. Memory: 2 MiB.
 * @throws Failure JOURNAL_MISSING, JOURNAL_DAMAGED, INTERRUPTED, USAGE, and whatever `take` throws
 */
export async function readRecords(
  file: string,
  { encoding, signal }: Pick<LinedFile, 'encoding' | 'signal'>,
  take: (record: JournalRecord) => void,
): Promise<void> {
  await using handle = await openToRead(file, await sidecarsOf(file));
  if (handle === null) throw missing(file);
  await scanRecords({ name: file, handle, encoding, signal }, (record) => {
    take(record);
    return null;
  });
}

/**
 * The same of an open file.
 * @param take says, as the end of a sentence, why the record contradicts those before; null when it does not
 * @throws Failure JOURNAL_DAMAGED, INTERRUPTED, USAGE when it is UTF-8 and not of the given encoding, and whatever `take` throws
 */
export async function scanRecords(file: LinedFile, take: (record: JournalRecord) => string | null): Promise<Scanned> {
  const { encoding, assertMeant } = watched(file.encoding);
  const scanned = await scanLines({ ...file, encoding }, (text, number) => {
    const record = decodeRecord(text);
    if (record.type === 'unreadable') throw damagedLine(file.name, { number, text }, record.why, record.hint);
    const why = take(record);
    if (why !== null) throw damagedLine(file.name, { number, text }, why);
  });
  assertMeant(file.name);
  if (scanned.lines === 0) assertBeginsLikeJournal(file.name, scanned.torn);
  return scanned;
}

/** Where not one line is whole, a torn one may be cut only if this is a journal at all. NULs are what crashes leave. */
export function assertBeginsLikeJournal(name: string, torn: Buffer): void {
  const text = torn.toString('latin1');
  if (/^(?:\0*|[0-9]+|[0-9]+[ \t].*|[A-C]|[A-C]\t.*)$/s.test(text)) return;
  throw damagedLine(
    name,
    { number: 1, text },
    'is in no known format',
    'this is hardly a journal: check the name of the file',
  );
}
