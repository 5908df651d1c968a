// A file that only grows: what the appender asks of it, and the real one.

import { constants, promises as fs, writeSync } from 'node:fs';
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

/** @throws the system's error, also when nothing at all goes in */
export async function writeAll(file: AppendFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const written = await file.write(bytes.subarray(at));
    if (written === 0) throw Object.assign(new Error('nothing could be written'), { code: 'EIO' });
    at += written;
  }
}

/** Opens for appending, creating what is missing; a file that was created is durable in its directory. */
export async function openAppendFile(file: string): Promise<AppendFile> {
  const handle = await openOrCreate(file);
  return {
    size: async () => (await handle.stat()).size,
    // A few lines into the system's cache: waiting for another thread to do it takes several times as long.
    write: async (bytes) => writeSync(handle.fd, bytes),
    sync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}

async function openOrCreate(file: string): Promise<fs.FileHandle> {
  const append = constants.O_WRONLY | constants.O_APPEND;
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file, append | constants.O_CREAT | constants.O_EXCL, 0o666);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
    return fs.open(file, append);
  }
  try {
    await syncDirectoryOf(file);
    return handle;
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/**
 * A name is durable only when its directory is. Windows knows no such thing and refuses to open directories; some
 * network file systems know no flush of directories and need none.
 */
export async function syncDirectoryOf(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.open(dirname(file), constants.O_RDONLY);
  try {
    await directory.sync().catch((thrown: unknown) => {
      const code = errorCode(thrown);
      if (code !== 'EINVAL' && code !== 'ENOTSUP') throw thrown;
    });
  } finally {
    await directory.close();
  }
}
