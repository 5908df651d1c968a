// The kept directory of a command, and its walk, which may begin before all else is loaded.

import { type KeptDirectory, openKeptDirectory } from '../disk/kept-directory.js';
import { expectedArchives } from '../journal/expected-archives.js';
import { EVERYTHING } from '../model/selection.js';
import type { CommandContext } from './command-context.js';
import { journalInside } from './journal-inside.js';
import { filterRules } from './words/filter-rules.js';

/** The kept directory, as far as the filters let it be seen. @throws Failure USAGE */
export function openDirectory(context: CommandContext<'dir' | 'journal'>): KeptDirectory {
  const { settings, encodings, selection } = context;
  const rules = selection === EVERYTHING ? null : filterRules(settings);
  tellFewThreads(context);
  return openKeptDirectory(settings.dir, {
    encoding: encodings.filenames,
    journalEncoding: encodings.journal,
    selection,
    follow: settings.follow,
    concurrency: settings.walkConcurrency,
    isOwn: journalInside(settings.dir, settings.journal),
    thread: { url: new URL('./walk-thread.js', import.meta.url), rules },
  });
}

/**
 * Lets the walk of the directory begin, where it is one of many files, while the vault is asked and the journal opened.
 * What it finds is looked at when that has been done, and forgotten where it was not. To be closed.
 */
export async function beginWalk(
  { settings }: CommandContext<'dir' | 'journal'>,
  directory: KeptDirectory,
): Promise<AsyncDisposable> {
  return directory.beginWalk(await expectedArchives(settings.journal));
}

/**
 * Looks wait for threads of Node's pool: four, unless the environment says otherwise. Loading the program has started it
 * already, so that nothing can be said to it any more.
 */
function tellFewThreads({ settings, subjects, report }: CommandContext<'dir' | 'journal'>): void {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  if (settings.walkConcurrency <= threads) return;
  const message = `${subjects.walkConcurrency} ${settings.walkConcurrency}: no more than ${threads} answers of the file system are waited for at once`;
  const hint = `set UV_THREADPOOL_SIZE=${settings.walkConcurrency} in the environment`;
  report({ event: 'notice', topic: 'few-threads', message, hint });
}
