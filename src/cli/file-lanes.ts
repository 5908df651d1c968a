// How many files are worked on at once, as the options say it.

import type { FileLanes } from '../flows/file-lanes.js';
import type { CommandContext } from './command-context.js';

/** Small files mostly wait for answers: more of them at once than parts of large files. */
const SMALL_FILES = 16;

/** Whoever says how many transfers there are to be means those of small files too. */
export function fileLanesOf({ settings, origins }: Pick<CommandContext, 'settings' | 'origins'>): FileLanes {
  const { concurrency, smallFileWorkers, largeFileWorkers } = settings;
  const unlessSaid = origins.concurrency === 'default' ? SMALL_FILES : concurrency;
  return { small: smallFileWorkers ?? unlessSaid, large: largeFileWorkers ?? concurrency };
}
