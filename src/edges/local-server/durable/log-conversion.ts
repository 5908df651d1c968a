// Turns a log of format 1, which has no checksums, into one of today's, so that older programs refuse it from then on.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.js';
import { ifThere } from './if-there.js';
import { LOG_FORMAT, linesOfLog } from './log-lines.js';
import { halfMadeIn, type LogPlace, LogWriter } from './log-writer.js';

/**
 * Writes the log beside the old one and renames it, where it is of format 1: whenever the machine stops, the one or the
 * other is there, whole. A torn last line is left out; any other log, and one that is not there, stays as it is.
 * @throws Failure CONFIG when it is damaged, of another kind, or of a newer format
 */
export async function convertLog(place: LogPlace): Promise<void> {
  const old = await ifThere(open(place.path));
  if (old === null) return;
  try {
    if ((await formatOf(old, place)) === 1) await convert(old, place);
  } finally {
    await old.close();
  }
}

/** Null for a log without a line. */
async function formatOf(file: FileHandle, place: LogPlace): Promise<number | null> {
  for await (const { format } of linesOfLog(file, place)) return format;
  return null;
}

async function convert(old: FileHandle, place: LogPlace): Promise<void> {
  const made = halfMadeIn(place.tmp);
  const file = await open(made, 'ax', 0o600);
  try {
    await copySealed(old, place, file);
    await file.sync();
    await rename(made, place.path);
  } finally {
    await file.close();
    await rm(made, { force: true });
  }
  await syncDirectory(dirname(place.path));
}

async function copySealed(old: FileHandle, place: LogPlace, made: FileHandle): Promise<void> {
  const writer = new LogWriter(made);
  let isFirst = true;
  for await (const { lines } of linesOfLog(old, place)) {
    for (const { record } of lines as readonly { readonly record: object }[]) {
      await writer.write(isFirst ? { ...record, format: LOG_FORMAT } : record);
      isFirst = false;
    }
  }
  await writer.end();
}
