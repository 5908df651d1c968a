// The folder of an index, beside its journal: runs under names that are never used twice, and the table of contents.

import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, promises as fs, fstatSync, openSync, unlinkSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { replaceFile } from '../replace-file.js';
import { type Contents, decodeContents, encodeContents, type KnownRun } from './contents.js';
import { isSameMark, markOf } from './file-mark.js';
import { bytesOfFile, type RunBytes } from './run-bytes.js';

const CONTENTS = 'contents';

/** Null where there is none that this program can read. */
export async function readContents(folder: string): Promise<Contents | null> {
  try {
    return decodeContents(await fs.readFile(join(folder, CONTENTS), 'utf8'));
  } catch {
    return null;
  }
}

/** Also without a lock: of two that write at once, the last one stays. @throws Failure JOURNAL_UNWRITABLE, DISK_FULL */
export async function writeContents(folder: string, contents: Contents): Promise<void> {
  await replaceFile(join(folder, CONTENTS), encodeContents(contents), join(folder, `${randomName()}.new`));
}

/** From then on the index is made anew. Best effort: who comes upon the same damage does the same. */
export function dropContents(folder: string): void {
  try {
    unlinkSync(join(folder, CONTENTS));
  } catch {
    // What cannot be removed is refused for its damage again.
  }
}

/** The run, if its file is the one that was written. */
export function openRun(folder: string, { name, mark }: KnownRun): RunBytes | null {
  try {
    const descriptor = openSync(join(folder, name), 'r');
    const bytes = bytesOfFile(descriptor);
    if (isSameMark(mark, markOf(fstatSync(descriptor, { bigint: true })))) return bytes;
    bytes.close();
    return null;
  } catch {
    return null;
  }
}

/** A run on its way to the disk. */
export interface NewRun {
  write(bytes: Buffer): Promise<void>;
  /** Ends when it is on stable storage. `known` is null where nobody else can find it. */
  finish(): Promise<{ readonly bytes: RunBytes; readonly known: Omit<KnownRun, 'shape'> | null }>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** @throws the system's error */
export async function createRun(folder: string): Promise<NewRun> {
  await fs.mkdir(folder, { recursive: true });
  const name = `${randomName()}.run`;
  const file = join(folder, name);
  const descriptor = openSync(file, 'wx+');
  return {
    write: (bytes) => writeAll(descriptor, bytes),
    async finish() {
      await flush(descriptor);
      const mark = markOf(fstatSync(descriptor, { bigint: true }));
      return { bytes: bytesOfFile(descriptor), known: { name, mark } };
    },
    async abandon() {
      closeSync(descriptor);
      await fs.rm(file, { force: true }).catch(() => undefined);
    },
  };
}

/** One that is for this process only: its name goes at once, where the system lets it. @throws the system's error */
export async function createPassingRun(): Promise<NewRun> {
  const file = join(tmpdir(), `${randomName()}.run`);
  const descriptor = openSync(file, 'wx+');
  await fs.rm(file, { force: true }).catch(() => undefined);
  return {
    write: (bytes) => writeAll(descriptor, bytes),
    finish: async () => ({ bytes: bytesOfFile(descriptor), known: null }),
    abandon: async () => closeSync(descriptor),
  };
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await new Promise<number>((resolve, reject) => {
      write(descriptor, bytes, at, (error, written) => (error === null ? resolve(written) : reject(error)));
    });
  }
}

function flush(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Two processes never have the same. */
function randomName(): string {
  return `mtglacier-${randomBytes(8).toString('hex')}`;
}

/** Removes what no contents speak of. Only for the holder of the journal's lock. Best effort. */
export async function tidyFolder(folder: string, runs: readonly KnownRun[]): Promise<void> {
  const kept = new Set([CONTENTS, ...runs.map(({ name }) => name)]);
  const names = await fs.readdir(folder).catch(() => []);
  for (const name of names) if (!kept.has(name)) await removeRun(folder, name);
}

export async function removeRun(folder: string, name: string): Promise<void> {
  await fs.rm(join(folder, name), { force: true }).catch(() => undefined);
}
