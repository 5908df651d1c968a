// For commands that make use of a journal where one is given.

import type { CommandContext } from './command-context.js';

/** The same context, known to have a journal; null when none is given. */
export function withJournal(context: CommandContext<'vault'>): CommandContext<'vault' | 'journal'> | null {
  const { settings } = context;
  const { journal } = settings;
  return journal === undefined ? null : { ...context, settings: { ...settings, journal } };
}
