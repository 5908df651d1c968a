// A file that only grows: what the appender asks of it, and the real one.

import { constants, promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

import { errorCode } from './write-failure.js';

/** One open file. Errors are the system's own. */
export interface AppendFile {
  size(): Promise<number>;
  /** Adds bytes at the end and says how many: fewer than given is no error. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends when all that was written is on stable storage. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens for appending, creating what is missing; a file that was created is durable in its directory. */
export async function openAppendFile(file: string): Promise<AppendFile> {
  const append = constants.O_WRONLY | constants.O_APPEND;
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file, append | constants.O_CREAT | constants.O_EXCL, 0o666);
    await syncDirectoryOf(file);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
    handle = await fs.open(file, append);
  }
  return {
    size: async () => (await handle.stat()).size,
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    sync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}

/** A name is durable only when its directory is; Windows knows no such thing and refuses to open directories. */
export async function syncDirectoryOf(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.open(dirname(file), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
