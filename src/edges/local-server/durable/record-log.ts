// An append-only log: one JSON record a line, on stable storage before anything is answered.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.js';
import { convertLog } from './log-conversion.js';
import { lineOf, linesOfLog } from './log-lines.js';
import { halfMadeIn, type LogPlace } from './log-writer.js';

const COPY_SIZE = 1024 * 1024;

/** What is in a log. */
export interface LogContent {
  /** Bytes on stable storage. */
  readonly size: number;
  readonly lines: number;
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
    this.#waiting.push(lineOf(record));
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
   * Has the log written anew, shorter, and puts that in its place. Lines are appended all the while, and wait only for those that came meanwhile to be copied behind the shorter ones.
   * Whatever fails before the one is in the other's place leaves the log as it is.
   */
  async rewrite({ path, tmp }: LogPlace, shorten: Shorten): Promise<void> {
    await this.#settled;
    const size = this.#size;
    const made = halfMadeIn(tmp);
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
    { made, path }: { made: string; path: string },
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
 * Opens a log, or makes it; gives its records to `apply` in order, and cuts off a torn last line. One of an earlier
 * format is one of today's from then on.
 * @throws Failure CONFIG when it is damaged, of another kind, or of a newer format
 */
export async function openLog(place: LogPlace, apply: (record: unknown) => void): Promise<RecordLog> {
  await convertLog(place);
  const file = await open(place.path, 'a+');
  try {
    let [size, count] = [0, 0];
    for await (const { lines } of linesOfLog(file, place)) {
      for (const { bytes, record } of lines) {
        apply(record);
        size += bytes.length;
      }
      count += lines.length;
    }
    await file.truncate(size);
    // What a killed process wrote need not be on stable storage yet, and is told from now on.
    await file.sync();
    await syncDirectory(dirname(place.path));
    return new RecordLog(file, { size, lines: count });
  } catch (cause) {
    await file.close();
    throw cause;
  }
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
