// Reads a file line by line: split at LF in large buffers, strictly UTF-8, telling a torn last line from a whole one.

import type { promises } from 'node:fs';

import { Failure } from '../model/failure.js';
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

/**
 * Gives every whole line in order, without its LF or CR LF, numbered from 1.
 * Memory: 2 MiB.
 * @throws Failure JOURNAL_DAMAGED at a line that is too long or not UTF-8, and whatever `take` throws
 */
export async function scanLines(
  file: string,
  handle: promises.FileHandle,
  take: (line: string, number: number) => void,
): Promise<Scanned> {
  const buffer = Buffer.allocUnsafeSlow(LINE_MAX + CHUNK);
  let [lines, length, held] = [0, 0, 0];
  for (;;) {
    const { bytesRead } = await handle.read(buffer, held, CHUNK, null);
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
function decoded(file: string, bytes: Buffer, number: number): string {
  const line = bytes.toString('utf8');
  if (line.includes('\ufffd') && !isUtf8(bytes)) {
    throw new Failure('JOURNAL_DAMAGED', `${file}: line ${number} is not UTF-8: ${showBytes(bytes)}`, {
      hint: 'see "Recovering by hand" in docs/journal-format.md; journals in another encoding must be converted first',
    });
  }
  return line;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function tooLong(file: string, number: number, bytes: Uint8Array): Failure {
  return new Failure('JOURNAL_DAMAGED', `${file}: line ${number} does not end within 1 MiB: ${showBytes(bytes)}`, {
    hint: 'this is hardly a journal: check the name of the file',
  });
}
