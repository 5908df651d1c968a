// What a failed write to a file of ours means.

import { Failure } from '../model/failure.js';

/** @param what the file, as the user knows it */
export function writeFailure(what: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const code = errorCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure('DISK_FULL', `no space left to write ${what}`, {
      hint: 'make room and run the same command again',
      cause,
    });
  }
  return new Failure('JOURNAL_UNWRITABLE', `cannot write ${what}${code === null ? '' : ` (${code})`}`, {
    hint: HINTS[code ?? ''] ?? 'check that the disk is healthy and that you may write the file and its directory',
    cause,
  });
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there; the directory of a journal must be writable too, for the files beside it',
  EROFS: 'the file system is read-only; keep the journal where it can be written',
  EFBIG: 'a limit on the size of files is in force: see ulimit -f',
};

/** The system's name of an error, such as `ENOENT`; null when it has none. */
export function errorCode(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
