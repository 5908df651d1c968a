// Whether a log can be read to its end; and how findings are told.

import { type FileHandle, open } from 'node:fs/promises';
import { linesOfLog } from '../folder/record-log.js';

/** Something that is not as it should be, or that a crash left and the next start of a server clears away. */
export interface Finding {
  readonly is: 'fault' | 'leftover';
  readonly path: string;
  /** Goes on where the path ends: `is missing`. */
  readonly what: string;
}

export function fault(path: string, what: string): Finding {
  return { is: 'fault', path, what };
}

export function leftover(path: string): Finding {
  return { is: 'leftover', path, what: 'was left by a crash; the next start clears it away' };
}

/** A log that need not be there. @param first type of its first record */
export async function* checkLog(path: string, first: string): AsyncGenerator<Finding> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') yield fault(path, (cause as Error).message);
    return;
  }
  yield* checkRecords(file, path, (record, number) => {
    if (number > 1) return;
    const { type, format } = record as { type?: unknown; format?: unknown };
    if (type !== first || format !== 1) throw new Error(`is no log of format 1 of ${first}`);
  });
}

/** Gives each record to `apply`, and closes the file; a line at which either of them fails ends it. */
export async function* checkRecords(
  file: FileHandle,
  path: string,
  apply: (record: unknown, number: number) => void,
): AsyncGenerator<Finding> {
  let [size, number] = [0, 0];
  try {
    for await (const { record, bytes } of linesOfLog(file, path)) {
      number += 1;
      apply(record, number);
      size += bytes.length;
    }
    if ((await file.stat()).size > size)
      yield { ...leftover(path), what: 'has a torn last line; the next start cuts it' };
  } catch (cause) {
    yield fault(path, (cause as Error).message.replace(`${path} `, ''));
  } finally {
    await file.close();
  }
}
