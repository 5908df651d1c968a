// Writes a log anew beside the old one: lines that are kept as they are, and new ones.

import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { newSuffix } from '../protocol/ids.js';
import { type LogLines, type LogSource, lineOf } from './log-lines.js';

const WRITTEN_AT_ONCE = 256 * 1024;

/** Where a log lies, and where it is made anew. */
export interface LogPlace extends LogSource {
  /** Where half-made files lie, on the same file system. */
  readonly tmp: string;
}

/** So many lines were here that mean nothing any more; places in the order of a vault's log still count them. */
export interface ShortenedRecord {
  readonly type: 'shortened';
  readonly lines: number;
  /** The latest time that any of them had. */
  readonly at: number;
}

/** A name for a log that is being made. */
export function halfMadeIn(tmp: string): string {
  return join(tmp, `log.${newSuffix()}${newSuffix()}`);
}

/** Writes lines many at a time; flushing is up to the caller. */
export class LogWriter {
  readonly #file: FileHandle;
  #chunks: Buffer[] = [];
  #size = 0;
  #lines = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param line as it stands in another log */
  async keep(line: Buffer): Promise<void> {
    this.#chunks.push(line);
    this.#size += line.length;
    this.#lines += 1;
    if (this.#size >= WRITTEN_AT_ONCE) await this.#flush();
  }

  write(record: object): Promise<void> {
    return this.keep(Buffer.from(lineOf(record)));
  }

  /** Gives the count of lines that were written. */
  async end(): Promise<number> {
    await this.#flush();
    return this.#lines;
  }

  async #flush(): Promise<void> {
    if (this.#size > 0) await this.#file.appendFile(Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#size = 0;
  }
}

interface Timed {
  readonly at: number;
}

/**
 * Copies the lines that are needed, and between them counts of those that are not. Lines are numbered from 1.
 * @returns how many lines fewer that are
 */
export async function copyNeeded(
  source: AsyncIterable<LogLines>,
  needed: (record: unknown, number: number) => boolean,
  made: FileHandle,
): Promise<number> {
  const writer = new LogWriter(made);
  let number = 0;
  let leftOut: ShortenedRecord | null = null;
  for await (const { lines } of source) {
    for (const { bytes, record } of lines as readonly { bytes: Buffer; record: Timed | ShortenedRecord }[]) {
      number += 1;
      if (!needed(record, number)) {
        leftOut = countedIn(leftOut, record);
        continue;
      }
      if (leftOut !== null) await writer.write(leftOut);
      leftOut = null;
      await writer.keep(bytes);
    }
  }
  if (leftOut !== null) await writer.write(leftOut);
  return number - (await writer.end());
}

function countedIn(counted: ShortenedRecord | null, record: Timed | ShortenedRecord): ShortenedRecord {
  const lines = (counted?.lines ?? 0) + ('lines' in record ? record.lines : 1);
  return { type: 'shortened', lines, at: Math.max(counted?.at ?? record.at, record.at) };
}
