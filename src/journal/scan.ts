// Reads a file line by line: split at LF in large buffers, decoded strictly, telling a torn last line from a whole one.

import type { promises } from 'node:fs';

import { Failure } from '../model/failure.js';
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

/** An open file of lines. `name` stands in messages. */
export interface LinedFile {
  readonly name: string;
  readonly handle: promises.FileHandle;
  readonly encoding: TextEncoding;
}

/**
 * Gives every whole line in order, without its LF or CR LF, numbered from 1.
 * Memory: 2 MiB.
 * @throws Failure JOURNAL_DAMAGED at a line that is too long or no text of the encoding, and whatever `take` throws
 */
export async function scanLines(file: LinedFile, take: (line: string, number: number) => void): Promise<Scanned> {
  const buffer = Buffer.allocUnsafeSlow(LINE_MAX + CHUNK);
  let [lines, length, held] = [0, 0, 0];
  for (;;) {
    const { bytesRead } = await file.handle.read(buffer, held, CHUNK, null);
    const filled = buffer.subarray(0, held + bytesRead);
    if (bytesRead === 0) return { lines, length, size: length + held, torn: Buffer.from(filled) };
    let start = 0;
    for (let end = filled.indexOf(LF, held); end !== -1; end = filled.indexOf(LF, start)) {
      lines += 1;
      const bytes = filled.subarray(start, end > start && filled[end - 1] === CR ? end - 1 : end);
      take(decoded(file, bytes, lines), lines);
      start = end + 1;
    }
    length += start;
    held = filled.length - start;
    if (held > LINE_MAX) throw tooLong(file, lines + 1, filled.subarray(start));
    filled.copyWithin(0, start);
  }
}

/** Each line becomes a string of its own, so that what is kept of it keeps no chunk alive. */
function decoded({ name, encoding }: LinedFile, bytes: Buffer, number: number): string {
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
