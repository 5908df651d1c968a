// Where the request log of the local vault goes: a file that grows, or standard error.

import { closeSync, openSync, writeSync } from 'node:fs';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';

const STANDARD_ERROR = 2;

export interface RequestLines extends Disposable {
  /** Never throws: a full disk, or a reader that went away, ends the log and not the service. */
  write(line: string): void;
  /**
   * Opens the file anew, whatever its name leads to now, so that the one before can be renamed and kept; lines go on
   * where they had ended. Where it cannot be opened, lines go where they went. Never throws. Standard error stays.
   */
  reopen(): void;
}

/**
 * Opens the file to append to; `-` is standard error.
 * @param onFailure told once, when a line could not be written; none is written after that, until it is opened anew
 * @throws Failure FILE_UNWRITABLE
 */
export function openRequestLines(file: string, onFailure: (failure: Failure) => void): RequestLines {
  let descriptor = file === '-' ? STANDARD_ERROR : opened(file);
  let works = true;
  return {
    write(line) {
      if (!works) return;
      try {
        writeSync(descriptor, `${line}\n`);
      } catch (cause) {
        works = false;
        onFailure(unwritable(file, cause));
      }
    },
    reopen() {
      if (descriptor === STANDARD_ERROR) return;
      try {
        const next = opened(file);
        closeSync(descriptor);
        descriptor = next;
        works = true;
      } catch (cause) {
        onFailure(cause as Failure);
      }
    },
    [Symbol.dispose]() {
      works = false;
      if (descriptor !== STANDARD_ERROR) closeSync(descriptor);
    },
  };
}

function opened(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): Failure {
  const message = `cannot write the log ${printable(file)}: ${(cause as NodeJS.ErrnoException).code}`;
  return new Failure('FILE_UNWRITABLE', message, { hint: 'name a file that you can write to with --log', cause });
}
