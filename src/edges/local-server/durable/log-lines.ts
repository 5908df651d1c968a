// The lines of a log: one JSON record each, which from format 2 on ends with a checksum of the line before it.

import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../model/failure.js';
import { hasSealForm, isSealed, type SealForm, sealOf, sealSizeOf } from './seal.js';

/** What is written today. Format 1 had no checksums. */
export const LOG_FORMAT = 2;

const NEWLINE = 0x0a;
const READ_SIZE = 1024 * 1024;
const SEAL: SealForm = { before: Buffer.from(',"sum":"'), after: Buffer.from('"}') };
const SEAL_SIZE = sealSizeOf(SEAL);

/** One line as it stands in the log, with its newline, and what it says. */
interface LogLine {
  readonly bytes: Buffer;
  /** Without its checksum. */
  readonly record: unknown;
}

/** Whole lines, as many as were read at once. */
export interface LogLines {
  readonly format: 1 | 2;
  readonly lines: readonly LogLine[];
}

/** Which log it is. */
export interface LogSource {
  /** For messages. */
  readonly path: string;
  /** Type of the first line. */
  readonly first: 'vault' | 'settings' | 'notices';
}

/** A record as a line of today's format, with its newline. */
export function lineOf(record: object): string {
  const unsealed = JSON.stringify(record).slice(0, -1);
  return `${unsealed}${sealOf(unsealed, SEAL)}\n`;
}

/**
 * The lines of a log in order, up to `size` bytes of it. A torn last line is none: it was never acknowledged.
 * @throws Failure CONFIG when a line is damaged, or the log is not of this kind, or a newer program wrote it
 */
export async function* linesOfLog(
  file: FileHandle,
  source: LogSource,
  size = Number.POSITIVE_INFINITY,
): AsyncGenerator<LogLines> {
  const reading = new LogReading(source);
  let rest = Buffer.alloc(0);
  for (let at = 0; at < size; ) {
    const bytes = Buffer.allocUnsafe(rest.length + Math.min(READ_SIZE, size - at));
    rest.copy(bytes);
    const { bytesRead } = await file.read(bytes, rest.length, bytes.length - rest.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const there = bytes.subarray(0, rest.length + bytesRead);
    const end = there.lastIndexOf(NEWLINE) + 1;
    if (end > 0) yield reading.take(there.subarray(0, end));
    rest = there.subarray(end);
  }
  reading.end(rest);
}

/** Told whole lines piece by piece, and at the end what follows the last newline. */
class LogReading {
  readonly #source: LogSource;
  #format: 1 | 2 | null = null;
  #number = 0;
  /** A line of format 1 that says nothing: damage, unless it is the last one. */
  #torn = false;

  constructor(source: LogSource) {
    this.#source = source;
  }

  take(bytes: Buffer): LogLines {
    const lines: LogLine[] = [];
    this.#format ??= this.#formatOf(bytes.subarray(0, bytes.indexOf(NEWLINE) + 1));
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(NEWLINE, start);
      if (this.#torn) throw this.#damage();
      this.#number += 1;
      const record = recordIn(bytes, start, end, this.#format);
      if (record !== undefined) lines.push({ bytes: bytes.subarray(start, end + 1), record });
      else if (this.#format === 1) this.#torn = true;
      else throw this.#damage();
      start = end + 1;
    }
    return { format: this.#format, lines };
  }

  /**
   * What was torn is less than a line; a whole line with something in the place of its newline is damaged. So is a
   * vault's log without a whole line: it gets its name only when it has one.
   */
  end(rest: Buffer): void {
    if (rest.length === 0) return;
    if (this.#torn) throw this.#damage();
    this.#number += 1;
    if (this.#format === null && this.#source.first === 'vault') throw this.#damage();
    if (recordIn(rest, 0, rest.length - 1, this.#format ?? LOG_FORMAT) !== undefined) throw this.#damage();
  }

  /** Of a log with this first line. */
  #formatOf(line: Buffer): 1 | 2 {
    const { path, first } = this.#source;
    const { type, format } = (parse(line.toString()) ?? {}) as { readonly type?: unknown; readonly format?: unknown };
    const sealed = isSealed(line, SEAL, 0, line.length - 1);
    if (type === first && format === 1) return 1;
    if (type === first && format === LOG_FORMAT && sealed) return LOG_FORMAT;
    this.#number = 1;
    // Of newer programs we cannot know how they seal; of a line that is sealed as ours are we know that it is damaged.
    const isSpoilt = !sealed && hasSealForm(line, SEAL, line.length - 1);
    if (type !== first || isSpoilt || typeof format !== 'number' || format <= LOG_FORMAT) throw this.#damage();
    throw new Failure('CONFIG', `${path} has format ${format}, this program knows formats 1 and ${LOG_FORMAT}`, {
      hint: 'use a newer version of mtglacier',
    });
  }

  #damage(): Failure {
    return new Failure('CONFIG', `${this.#source.path} is damaged at line ${this.#number}`, {
      hint: 'restore the folder from a copy',
    });
  }
}

/** What the bytes from `start` up to the newline at `end` say; undefined when they are damaged. */
function recordIn(bytes: Buffer, start: number, end: number, format: 1 | 2): unknown {
  if (format === 1) return parse(bytes.toString('utf8', start, end));
  if (!isSealed(bytes, SEAL, start, end)) return undefined;
  return parse(`${bytes.toString('utf8', start, end - SEAL_SIZE)}}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
