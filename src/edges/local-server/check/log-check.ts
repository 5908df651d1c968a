// Whether a log can be read to its end; and how findings are told.

import { type FileHandle, open } from 'node:fs/promises';
import { type LogSource, linesOfLog } from '../durable/log-lines.js';

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

/** The path and what a failure says of it. */
export function faultIn(path: string, cause: unknown): Finding {
  return fault(path, (cause as Error).message.replace(`${path} `, ''));
}

/** A log that need not be there. */
export async function* checkLog(source: LogSource): AsyncGenerator<Finding> {
  let file: FileHandle;
  try {
    file = await open(source.path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') yield fault(source.path, (cause as Error).message);
    return;
  }
  yield* checkRecords(file, source, () => undefined);
}

/** Gives each record to `apply`, and closes the file; a line at which either of them fails ends it. */
export async function* checkRecords(
  file: FileHandle,
  source: LogSource,
  apply: (record: unknown) => void,
): AsyncGenerator<Finding> {
  const { path } = source;
  let size = 0;
  try {
    for await (const { lines } of linesOfLog(file, source)) {
      for (const { record, bytes } of lines) {
        apply(record);
        size += bytes.length;
      }
    }
    if ((await file.stat()).size > size)
      yield { ...leftover(path), what: 'has a torn last line; the next start cuts it' };
  } catch (cause) {
    yield faultIn(path, cause);
  } finally {
    await file.close();
  }
}
