// Understands a command line: which command is to run with what, or which help is asked for.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { Notice } from '../report/notice.js';
import { type Arguments, readArguments } from './arguments.js';
import type { Command } from './command.js';
import type { OptionName } from './options.js';
import { Problems } from './problems.js';
import type { Typed } from './sources.js';
import { didYouMean } from './suggestions.js';

export interface RunRequest {
  readonly ask: 'run';
  readonly command: Command;
  readonly typed: Typed;
  /** The words for each positional, by its name; none where it was left out. */
  readonly positionals: ReadonlyMap<string, readonly string[]>;
  readonly notices: readonly Notice[];
}

export type Request =
  | RunRequest
  /** Null: of the whole program. */
  | { readonly ask: 'help'; readonly command: Command | null }
  | { readonly ask: 'version'; readonly asJson: boolean };

/** @throws Failure USAGE, telling of all that is wrong */
export function readCommandLine(argv: readonly string[], commands: readonly Command[]): Request {
  const problems = new Problems();
  const given = readArguments(argv, problems);
  const [first, ...words] = given.words;
  if (given.asksVersion || first === 'version') return { ask: 'version', asJson: given.typed.has('json') };
  const isHelp = /^(?:h|help)$/i.test(first ?? '');
  if (isHelp || given.asksHelp) return helpRequest(isHelp ? words[0] : first, commands);
  // After an option that was not understood, a word may be its value, and that a secret.
  const mayBeValue = !problems.isEmpty && !commands.some(({ name }) => name === first);
  const command = mayBeValue ? undefined : problems.attempt(() => findCommand(first, commands));
  if (command !== undefined) {
    refuseUnused(command, given.typed, problems);
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
  const { name: commandName, positionals } = command;
  const hint = `mtglacier help ${commandName} explains`;
  for (const { name, help } of positionals.slice(words.length).filter(({ optional }) => optional !== true)) {
    problems.add(`${commandName} needs ${name}, the ${help}`, hint);
  }
  const extra = positionals.at(-1)?.many === true ? [] : words.slice(positionals.length);
  for (const word of extra) problems.add(`${commandName} does not know what to do with ${printable(word)}`, hint);
}

function runRequest(command: Command, given: Arguments, words: readonly string[]): RunRequest {
  const ignored = [...given.typed.keys()].filter((name) => command.tolerates.includes(name));
  const typed = new Map([...given.typed].filter(([name]) => !ignored.includes(name)));
  return {
    ask: 'run',
    command,
    typed,
    positionals: new Map(
      command.positionals.map(({ name, many }, index) => [name, words.slice(index, many ? undefined : index + 1)]),
    ),
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
