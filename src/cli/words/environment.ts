// Reads options from environment variables: MTGLACIER_ and the name of the option, MTGLACIER_MAX_NUMBER_OF_FILES.

import type { Notice } from '../report/notice.js';
import type { Command } from './command.js';
import { OPTION_NAMES, type OptionName, optionOf } from './options.js';
import { Problems } from './problems.js';
import type { Entries, Entry } from './sources.js';
import { didYouMean } from './suggestions.js';

const PREFIX = 'MTGLACIER_';

/** The variable that an option can be given in. */
export function variableOf(name: OptionName): string {
  return `${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`;
}

const BY_VARIABLE: ReadonlyMap<string, OptionName> = new Map(OPTION_NAMES.map((name) => [variableOf(name), name]));

/** The variables that are ours; an empty one is as one that is not set. */
export function ownVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith(PREFIX) && value !== '' && value !== undefined,
    ),
  );
}

/**
 * What our variables say, whether the command uses it or not.
 * @throws Failure USAGE where the command would use an option that is to be typed each time
 */
export function readEnvironment(
  variables: ReadonlyMap<string, string>,
  command: Command,
): { readonly entries: Entries; readonly notices: readonly Notice[] } {
  const entries = new Map<OptionName, Entry>();
  const notices: Notice[] = [];
  const problems = new Problems();
  for (const [variable, text] of variables) {
    const option = BY_VARIABLE.get(variable);
    if (option === undefined) notices.push(unknownVariable(variable));
    else if (optionOf(option).keptOutOf !== 'config and environment') entries.set(option, { text, subject: variable });
    else if (command.uses.includes(option)) {
      problems.add(`${variable}: ${option} cannot stand in the environment`, `give --${option} on the command line`);
    }
  }
  problems.throwIfAny();
  return { entries, notices };
}

function unknownVariable(variable: string): Notice {
  const hint = didYouMean(variable, BY_VARIABLE.keys()) ?? 'mtglacier help COMMAND lists the options of a command';
  return { topic: 'unknown-variable', message: `${variable} is no option of this program`, hint };
}
