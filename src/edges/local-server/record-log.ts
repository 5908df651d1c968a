// The append-only log of a vault: one JSON record a line, on stable storage before anything is answered.

import { type FileHandle, open } from 'node:fs/promises';
import { Failure } from '../../model/failure.js';

const NEWLINE = 0x0a;

/**
 * Lines appended while a write is under way share the next one, and its single flush. After a failed write the log
 * takes nothing more: what is in memory would be ahead of what is on disk.
 */
export class RecordLog {
  readonly #file: FileHandle;
  #lines: string[] = [];
  #directories = new Set<string>();
  #settled: Promise<void> = Promise.resolve();
  #queued = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param directories in which files were made that this record speaks of; flushed before it is written */
  append(record: object, directories: readonly string[]): void {
    this.#lines.push(`${JSON.stringify(record)}\n`);
    for (const directory of directories) this.#directories.add(directory);
    if (this.#queued) return;
    this.#queued = true;
    this.#settled = this.#settled.then(() => this.#write());
    // Whoever answers a request waits for `settled`, so the failure is heard there.
    this.#settled.catch(() => undefined);
  }

  /** Resolves when all that was appended so far is on stable storage. */
  settled(): Promise<void> {
    return this.#settled;
  }

  async close(): Promise<void> {
    await this.#settled.catch(() => undefined);
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const text = this.#lines.join('');
    const directories = [...this.#directories];
    this.#lines = [];
    this.#directories = new Set();
    this.#queued = false;
    await Promise.all(directories.map(syncDirectory));
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }
}

/**
 * Opens a log, gives its records to `apply` in order, and cuts off a torn last line: it was never acknowledged.
 * @throws Failure CONFIG when a line before the last is not a record
 */
export async function openLog(path: string, apply: (record: unknown) => void): Promise<RecordLog> {
  const file = await open(path, 'a+');
  let good = 0;
  let number = 0;
  let torn = false;
  for await (const line of linesOf(file)) {
    number += 1;
    if (torn)
      throw new Failure('CONFIG', `${path} is damaged at line ${number - 1}`, {
        hint: 'restore the folder from a copy',
      });
    const record = parse(line);
    if (record === undefined) torn = true;
    else {
      apply(record);
      good += line.length;
    }
  }
  await file.truncate(good);
  return new RecordLog(file);
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
async function* linesOf(file: FileHandle): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const chunks: AsyncIterable<Buffer> = file.createReadStream({ start: 0, autoClose: false });
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
