// Errors of the file system in the program's own words.

import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';

/**
 * Why something could not be read: FILE_VANISHED or FILE_UNREADABLE.
 * @throws the cause itself when it is no error of the file system
 */
export function readFailure(path: string, cause: unknown): Failure {
  const { code, reason } = systemError(cause);
  if (code === 'ENOENT') return new Failure('FILE_VANISHED', `${printable(path)} is no longer there`, { cause });
  return new Failure('FILE_UNREADABLE', `cannot read ${printable(path)}: ${reason}`, { cause });
}

/**
 * Why something could not be written: DISK_FULL or FILE_UNWRITABLE.
 * @throws the cause itself when it is no error of the file system
 */
export function writeFailure(path: string, cause: unknown): Failure {
  return writeFailureOf(printable(path), cause);
}

/** The same for what is no file with a name, as it stands in a sentence. */
export function writeFailureOf(what: string, cause: unknown): Failure {
  const { code, reason } = systemError(cause);
  const message = `cannot write ${what}: ${reason}`;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return new Failure('FILE_UNWRITABLE', message, { cause });
  return new Failure('DISK_FULL', message, { cause, hint: 'free some space and run the same command again' });
}

/** The error's code, such as ENOENT; null when it is no error of the file system. */
export function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) return null;
  return String(thrown.code);
}

function systemError(cause: unknown): { code: string; reason: string } {
  const code = systemCode(cause);
  if (code === null) throw cause;
  const reason = /^[A-Z0-9]+: ([^,]+)/.exec((cause as Error).message)?.[1] ?? code;
  return { code, reason };
}
