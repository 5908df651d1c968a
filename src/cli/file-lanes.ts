// How many files are worked on at once, as the options say it.

import type { FileLanes } from '../flows/file-lanes.js';
import type { CommandContext } from './command-context.js';

/**
 * Small files mostly wait, for answers and for the disk that keeps the journal: many of them share each of its flushes.
 * With 64 instead of 16 a file takes a quarter less of the processor, and half the time where flushes are slow.
 */
const SMALL_FILES = 64;

const ONE_AFTER_THE_OTHER: FileLanes = { small: 1, large: 0 };

/** Whoever says how many transfers there are to be means those of small files too; and with one, one after the other. */
export function fileLanesOf({ settings, origins }: Pick<CommandContext, 'settings' | 'origins'>): FileLanes {
  const { concurrency, smallFileWorkers, largeFileWorkers } = settings;
  const isWorkersSaid = smallFileWorkers !== undefined || largeFileWorkers !== undefined;
  if (origins.concurrency !== 'default' && concurrency === 1 && !isWorkersSaid) return ONE_AFTER_THE_OTHER;
  const unlessSaid = origins.concurrency === 'default' ? SMALL_FILES : concurrency;
  return { small: smallFileWorkers ?? unlessSaid, large: largeFileWorkers ?? concurrency };
}

/** While what is noted of a small file goes to disk, before it is sent and after, another is sent in its place. */
const NOTED_BESIDE = 2;

/** The same for files that are stored: of the small ones, twice as many as are sent at once. */
export function storingLanesOf(context: Pick<CommandContext, 'settings' | 'origins'>): FileLanes {
  const lanes = fileLanesOf(context);
  return lanes === ONE_AFTER_THE_OTHER ? lanes : { ...lanes, small: NOTED_BESIDE * lanes.small };
}
