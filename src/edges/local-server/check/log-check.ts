// Whether a log can be read to its end, and what it says.

import { type FileHandle, open } from 'node:fs/promises';
import { ifThere } from '../durable/if-there.js';
import { type LogSource, linesOfLog } from '../durable/log-lines.js';
import { type Finding, fault, faultIn, leftover } from './finding.js';

/** How a log was found. A torn last line is no damage. */
export type LogFound = 'whole' | 'damaged' | 'missing';

/** Gives each record to `apply`; a line at which reading or applying it fails is a fault, and ends it. */
export async function* checkLog(
  source: LogSource,
  apply: (record: unknown) => void = () => undefined,
): AsyncGenerator<Finding, LogFound> {
  let file: FileHandle | null;
  try {
    file = await ifThere(open(source.path));
  } catch (cause) {
    yield fault(source.path, (cause as Error).message);
    return 'damaged';
  }
  if (file === null) return 'missing';
  try {
    yield* readThrough(file, source, apply);
    return 'whole';
  } catch (cause) {
    yield faultIn(source.path, cause);
    return 'damaged';
  } finally {
    await file.close();
  }
}

async function* readThrough(
  file: FileHandle,
  source: LogSource,
  apply: (record: unknown) => void,
): AsyncGenerator<Finding> {
  let size = 0;
  for await (const { lines } of linesOfLog(file, source)) {
    for (const { record, bytes } of lines) {
      apply(record);
      size += bytes.length;
    }
  }
  if ((await file.stat()).size === size) return;
  yield { ...leftover(source.path), what: 'has a torn last line; the next start cuts it' };
}
