// Reads a file line by line: split at LF in large buffers, decoded strictly, telling a torn last line from a whole one.

import type { promises } from 'node:fs';

import { Failure, throwIfInterrupted } from '../model/failure.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { showBytes } from './damage.js';

const CHUNK = 1024 * 1024;
/** No record comes near it: a name of 4 KiB, an id, a hash. Bytes. */
const LINE_MAX = 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** `length` is where the last line end stands, `size` where the file ended when it was read. Bytes. */
export interface Scanned {
  readonly lines: number;
  readonly length: number;
  readonly size: number;
  /** What stands after the last line end, empty when nothing does: a line that was never written to its end. */
  readonly torn: Buffer;
}

/** Of a file that does not exist. */
export const NOTHING_SCANNED: Scanned = { lines: 0, length: 0, size: 0, torn: Buffer.alloc(0) };

/** An open file of lines. `name` stands in messages. */
export interface LinedFile {
  readonly name: string;
  readonly handle: promises.FileHandle;
  readonly encoding: TextEncoding;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * Gives every whole line in order, without its LF or CR LF, numbered from 1.
 * Memory: 2 MiB.
 * @throws Failure JOURNAL_DAMAGED at a line that is too long or no text of the encoding, INTERRUPTED, and whatever `take` throws
 */
export async function scanLines(file: LinedFile, take: (line: string, number: number) => void): Promise<Scanned> {
  return scanBytes(file, BEGINNING, ({ bytes, start, end, number }) => {
    take(decodeLine(file, bytes.subarray(start, end), number), number);
  });
}

/** Where lines are to be read from: behind so many bytes, which hold so many whole lines. */
export interface LinesBefore {
  readonly length: number;
  readonly lines: number;
}

const BEGINNING: LinesBefore = { length: 0, lines: 0 };

/** One whole line, without its LF or CR LF; the object and its bytes are used again for the next. */
export interface LineOfBytes {
  bytes: Buffer;
  start: number;
  end: number;
  number: number;
  /** Where it begins in the file. */
  place: number;
}

/**
 * Gives every whole line behind `before`; what is told in the end is of the whole file.
 * @param passed is given all the bytes of the lines that were taken since it was called last, and waited for
 * @throws Failure JOURNAL_DAMAGED at a line that is too long, INTERRUPTED, and whatever `take` and `passed` throw
 */
export async function scanBytes(
  file: LinedFile,
  before: LinesBefore,
  take: (line: Readonly<LineOfBytes>) => void,
  passed?: (bytes: Buffer, lines: number) => Promise<void> | void,
): Promise<Scanned> {
  const buffer = Buffer.allocUnsafeSlow(LINE_MAX + CHUNK);
  const line: LineOfBytes = { bytes: buffer, start: 0, end: 0, number: before.lines, place: before.length };
  let [length, held] = [before.length, 0];
  for (;;) {
    throwIfInterrupted(file.signal);
    const { bytesRead } = await file.handle.read(buffer, held, CHUNK, length + held);
    const filled = buffer.subarray(0, held + bytesRead);
    if (bytesRead === 0) return { lines: line.number, length, size: length + held, torn: Buffer.from(filled) };
    let start = 0;
    for (let end = filled.indexOf(LF, held); end !== -1; end = filled.indexOf(LF, start)) {
      line.number += 1;
      line.start = start;
      line.end = end > start && filled[end - 1] === CR ? end - 1 : end;
      line.place = length + start;
      take(line);
      start = end + 1;
    }
    length += start;
    if (start > 0) await passed?.(filled.subarray(0, start), line.number);
    held = filled.length - start;
    if (held > LINE_MAX) throw tooLong(file, line.number + 1, filled.subarray(start));
    filled.copyWithin(0, start);
  }
}

/** Each line becomes a string of its own, so that what is kept of it keeps no chunk alive. */
export function decodeLine(
  { name, encoding }: Pick<LinedFile, 'name' | 'encoding'>,
  bytes: Buffer,
  number: number,
): string {
  const line = encoding.decode(bytes);
  if (line !== null) return line;
  throw new Failure('JOURNAL_DAMAGED', `${name}: line ${number} is not ${encoding.name}: ${showBytes(bytes)}`, {
    hint: 'give the encoding of the journal with --journal-encoding; for one bad line see docs/journal-format.md',
  });
}

function tooLong({ name }: LinedFile, number: number, bytes: Uint8Array): Failure {
  return new Failure('JOURNAL_DAMAGED', `${name}: line ${number} does not end within 1 MiB: ${showBytes(bytes)}`, {
    hint: 'this is hardly a journal: check the name of the file',
  });
}
