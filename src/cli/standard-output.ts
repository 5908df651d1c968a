// Bytes that were asked for, to standard output: as fast as its reader takes them, until it goes away.

import { writeFailureOf } from '../disk/disk-failure.js';
import { Failure } from '../model/failure.js';

/** What a write fails with when nobody reads any more. */
const GONE: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** What is used of a stream. */
interface ByteStream {
  write(bytes: Uint8Array, done: (error?: NodeJS.ErrnoException | null) => void): unknown;
}

/**
 * Writes bytes, and answers when they are on their way, so that their memory can serve again.
 * @throws Failure INTERRUPTED, also while a reader that has stopped reading is waited for; DISK_FULL, FILE_UNWRITABLE,
 * since output may go to a file
 */
export function bytesTo(stream: ByteStream): (bytes: Uint8Array, signal: AbortSignal) => Promise<'taken' | 'gone'> {
  return (bytes, signal) =>
    new Promise((resolve, reject) => {
      const leave = (): void => reject(new Failure('INTERRUPTED', 'interrupted'));
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      stream.write(bytes, (error) => {
        signal.removeEventListener('abort', leave);
        if (error === null || error === undefined) return resolve('taken');
        const failure = outputFailure(error);
        if (failure === null) resolve('gone');
        else reject(failure);
      });
    });
}

/** DISK_FULL or FILE_UNWRITABLE, since output may go to a file; null for a reader that has gone, which is no failure. */
export function outputFailure(error: NodeJS.ErrnoException): Failure | null {
  if (GONE.has(error.code ?? '')) return null;
  if (error.syscall !== undefined) return writeFailureOf('standard output', error);
  return new Failure('FILE_UNWRITABLE', `cannot write standard output: ${error.message}`, { cause: error });
}
