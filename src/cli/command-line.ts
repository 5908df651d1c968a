// Understands a command line: which command is to run with what, or which help is asked for.

import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { type Arguments, readArguments } from './arguments.js';
import type { Command } from './command.js';
import type { Notice } from './notice.js';
import type { OptionName } from './options.js';
import { Problems } from './problems.js';
import type { Typed } from './settings.js';
import { didYouMean } from './suggestions.js';

export type Request =
  | {
      readonly ask: 'run';
      readonly command: Command;
      readonly typed: Typed;
      readonly positionals: ReadonlyMap<string, string>;
      readonly notices: readonly Notice[];
    }
  /** Null: of the whole program. */
  | { readonly ask: 'help'; readonly command: Command | null }
  | { readonly ask: 'version' };

/** @throws Failure USAGE, telling of all that is wrong */
export function readCommandLine(argv: readonly string[], commands: readonly Command[]): Request {
  const problems = new Problems();
  const given = readArguments(argv, problems);
  const [first, ...words] = given.words;
  if (given.asksVersion || first === 'version') return { ask: 'version' };
  if (first === 'help' || given.asksHelp) return helpRequest(first === 'help' ? words[0] : first, commands);
  const command = problems.attempt(() => findCommand(first, commands));
  if (command !== undefined) {
    refuseUnused(command, given.typed, problems);
    // After an option that was not understood, a word may be its value.
    if (problems.isEmpty) refuseWords(command, words, problems);
  }
  problems.throwIfAny();
  return runRequest(command as Command, given, words);
}

function helpRequest(name: string | undefined, commands: readonly Command[]): Request {
  const isWhole = name === undefined || name === 'help' || name === 'version';
  return { ask: 'help', command: isWhole ? null : findCommand(name, commands) };
}

function findCommand(name: string | undefined, commands: readonly Command[]): Command {
  if (name === undefined) {
    throw new Failure('USAGE', 'no command is given', { hint: 'mtglacier help lists the commands' });
  }
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = [...commands.map((command) => command.name), 'help', 'version'];
  throw new Failure('USAGE', `unknown command ${printable(name)}`, {
    hint: didYouMean(name, names) ?? 'mtglacier help lists the commands',
  });
}

function refuseUnused(command: Command, typed: Typed, problems: Problems): void {
  const unused = [...typed.keys()].filter((name) => !command.uses.includes(name) && !command.tolerates.includes(name));
  if (unused.length === 0) return;
  const names = unused.map((name) => `--${name}`).join(', ');
  problems.add(`${command.name} does not take ${names}`, `mtglacier help ${command.name} lists its options`);
}

function refuseWords(command: Command, words: readonly string[], problems: Problems): void {
  for (const { name, help } of command.positionals.slice(words.length)) {
    problems.add(`${command.name} needs ${name}, the ${help}`, `mtglacier help ${command.name} explains`);
  }
  for (const word of words.slice(command.positionals.length)) {
    problems.add(
      `${command.name} does not know what to do with ${printable(word)}`,
      `mtglacier help ${command.name} explains`,
    );
  }
}

function runRequest(command: Command, given: Arguments, words: readonly string[]): Request {
  const ignored = [...given.typed.keys()].filter((name) => command.tolerates.includes(name));
  const typed = new Map([...given.typed].filter(([name]) => !ignored.includes(name)));
  return {
    ask: 'run',
    command,
    typed,
    positionals: new Map(command.positionals.map(({ name }, index) => [name, words[index] ?? ''])),
    notices: [...given.notices, ...ignored.map((name) => ignoredNotice(command, name)), ...exposureOf(given.typed)],
  };
}

function ignoredNotice(command: Command, name: OptionName): Notice {
  return { topic: 'ignored-option', message: `${command.name} makes no use of --${name}`, hint: null };
}

function exposureOf(typed: Typed): Notice[] {
  if (!typed.has('secret') && !typed.has('token')) return [];
  const hint = 'put it into a file that only you can read, and give --config';
  return [
    {
      topic: 'secret-typed',
      message: 'a secret on the command line can be seen by every user of this machine',
      hint,
    },
  ];
}
