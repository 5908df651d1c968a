// Which archives are to be got, as the command line names them.

import type { Naming } from '../flows/named-archives.js';
import type { CommandContext } from './command-context.js';

export function namingOf(context: Pick<CommandContext, 'settings' | 'positionals'>): Naming {
  return {
    names: context.positionals('NAME'),
    ids: context.settings.id.map(({ value }) => value),
    allVersions: false,
    wholeDirectory: 'mtglacier restore with --filter asks for what is below a directory',
  };
}
