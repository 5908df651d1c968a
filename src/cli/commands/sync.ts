// The command sync.

import type { Run } from '../command-context.js';
import { beginWalk, openDirectory } from '../directory.js';

export const run: Run<'dir' | 'vault' | 'journal'> = async (context) => {
  const directory = openDirectory(context);
  // What takes longest begins first: all else that a sync needs is loaded meanwhile.
  await using _walk = await beginWalk(context, directory);
  const { syncDirectory } = await import('../sync-run.js');
  return await syncDirectory(directory, context);
};
