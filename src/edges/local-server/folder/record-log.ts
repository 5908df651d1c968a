// The append-only log of a vault: one JSON record a line, on stable storage before anything is answered.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../../model/failure.js';

const NEWLINE = 0x0a;
const COPY_SIZE = 1024 * 1024;

/** One line as it stands in the log, with its newline, and what it says. */
export interface LogLine {
  readonly bytes: Buffer;
  readonly record: unknown;
}

/** What is in a log. */
export interface LogContent {
  /** Bytes on stable storage. */
  readonly size: number;
  readonly lines: number;
}

/** Where a log is, and where on the same file system another one can be made. */
export interface LogPlaces {
  readonly path: string;
  readonly made: string;
}

/** Writes what the lines up to `size` mean to `made`, and gives how many lines it could do without. */
export type Shorten = (source: FileHandle, size: number, made: FileHandle) => Promise<number>;

/**
 * Lines appended while a write is under way share the next one, and its single flush. After a failed write the log
 * takes nothing more: what is in memory would be ahead of what is on disk.
 */
export class RecordLog {
  #file: FileHandle;
  /** Of what was written, without the lines that wait. */
  #size: number;
  #lineCount: number;
  #waiting: string[] = [];
  #directories = new Set<string>();
  #settled: Promise<void> = Promise.resolve();
  #queued = false;

  constructor(file: FileHandle, { size, lines }: LogContent) {
    this.#file = file;
    this.#size = size;
    this.#lineCount = lines;
  }

  /** How many lines it has, those included that are not written yet. */
  get lines(): number {
    return this.#lineCount;
  }

  /** @param directories in which files were made that this record speaks of; flushed before it is written */
  append(record: object, directories: readonly string[]): void {
    this.#waiting.push(`${JSON.stringify(record)}\n`);
    this.#lineCount += 1;
    for (const directory of directories) this.#directories.add(directory);
    if (this.#queued) return;
    this.#queued = true;
    void this.#inTurn(() => this.#write());
  }

  /** Resolves when all that was appended so far is on stable storage. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /**
   * Has the log written anew, shorter, to `made`, and puts that in its place. Lines are
   * appended all the while, and wait only for those that came meanwhile to be copied behind the shorter ones.
   * Whatever fails before the one is in the other's place leaves the log as it is.
   */
  async rewrite({ made, path }: LogPlaces, shorten: Shorten): Promise<void> {
    await this.#settled;
    const size = this.#size;
    const file = await open(made, 'ax+', 0o600);
    try {
      const dropped = await shorten(this.#file, size, file);
      await file.sync();
      await this.#inTurn(() => this.#replaceBy(file, { made, path }, { size, dropped }));
    } finally {
      if (this.#file !== file) {
        await file.close();
        await rm(made, { force: true });
      }
    }
  }

  async close(): Promise<void> {
    await this.#settled.catch(() => undefined);
    await this.#file.close();
  }

  /** One after another; once one of them failed no other begins. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#settled = this.#settled.then(work);
    // Whoever answers a request waits for `settled`, so the failure is heard there.
    this.#settled.catch(() => undefined);
    return this.#settled;
  }

  async #write(): Promise<void> {
    const text = this.#waiting.join('');
    const directories = [...this.#directories];
    this.#waiting = [];
    this.#directories = new Set();
    this.#queued = false;
    await Promise.all(directories.map(syncDirectory));
    await this.#file.appendFile(text);
    await this.#file.datasync();
    this.#size += Buffer.byteLength(text);
  }

  /** A copy that fails only costs the shorter log; a folder that cannot be flushed leaves open which of the two holds. */
  async #replaceBy(
    file: FileHandle,
    { made, path }: LogPlaces,
    { size, dropped }: { size: number; dropped: number },
  ): Promise<void> {
    try {
      await copyBytes(this.#file, size, this.#size, file);
      await file.sync();
      await rename(made, path);
    } catch {
      return;
    }
    const old = this.#file;
    this.#file = file;
    this.#lineCount -= dropped;
    this.#size = (await file.stat()).size;
    await syncDirectory(dirname(path));
    await old.close();
  }
}

/**
 * Opens a log, gives its records to `apply` in order, and cuts off a torn last line: it was never acknowledged.
 * @throws Failure CONFIG when a line before the last is not a record
 */
export async function openLog(path: string, apply: (record: unknown) => void): Promise<RecordLog> {
  const file = await open(path, 'a+');
  try {
    let [size, lines] = [0, 0];
    for await (const { bytes, record } of linesOfLog(file, path)) {
      apply(record);
      size += bytes.length;
      lines += 1;
    }
    await file.truncate(size);
    return new RecordLog(file, { size, lines });
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/**
 * The lines of a log in order, up to `size` bytes of it; a torn last line is none.
 * @throws Failure CONFIG when a line before the last is not a record
 */
export async function* linesOfLog(
  file: FileHandle,
  path: string,
  size = Number.POSITIVE_INFINITY,
): AsyncGenerator<LogLine> {
  let number = 0;
  let torn = false;
  for await (const bytes of linesOf(file, size)) {
    if (torn) {
      throw new Failure('CONFIG', `${path} is damaged at line ${number}`, { hint: 'restore the folder from a copy' });
    }
    number += 1;
    const record = parse(bytes);
    torn = record === undefined;
    if (!torn) yield { bytes, record };
  }
}

/** Makes the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parse(line: Buffer): unknown {
  if (line[line.length - 1] !== NEWLINE) return undefined;
  try {
    return JSON.parse(line.toString());
  } catch {
    return undefined;
  }
}

/** Lines with their newline; the last may lack it. */
async function* linesOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  if (size === 0) return;
  let rest: Buffer = Buffer.alloc(0);
  const chunks: AsyncIterable<Buffer> = file.createReadStream({ start: 0, end: size - 1, autoClose: false });
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      yield bytes.subarray(0, end + 1);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}

async function copyBytes(from: FileHandle, start: number, end: number, to: FileHandle): Promise<void> {
  const buffer = Buffer.alloc(Math.min(COPY_SIZE, end - start));
  for (let at = start; at < end; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error('a log ends before its end');
    await to.appendFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
