// The command completion.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { CommandContext } from '../command-context.js';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { type Vocabulary, vocabularyOf } from '../completion/vocabulary.js';
import { zshScript } from '../completion/zsh.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import type { Command } from '../words/command.js';
import { didYouMean } from '../words/suggestions.js';

const SCRIPTS: ReadonlyMap<string, (vocabulary: Vocabulary) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/** @throws Failure USAGE for a shell that is not known */
export async function run(context: CommandContext, commands: readonly Command[]): Promise<ExitCode> {
  const shell = context.positional('SHELL');
  const scriptOf = SCRIPTS.get(shell);
  if (scriptOf === undefined) {
    const hint = didYouMean(shell, SCRIPTS.keys()) ?? `known are ${[...SCRIPTS.keys()].join(', ')}`;
    throw new Failure('USAGE', `there is no completion for the shell ${printable(shell)}`, { hint });
  }
  const script = scriptOf(vocabularyOf(commands));
  context.answer({ event: 'completion', fields: { shell, script }, lines: script.trimEnd().split('\n') });
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
}
