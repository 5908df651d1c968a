// What a shell has to know of the program to complete its words, out of the tables of commands and options.

import { OTHER_WORDS } from '../program-text.js';
import type { Command } from '../words/command.js';
import { OPTION_NAMES, type OptionName, optionOf } from '../words/options.js';

export interface Vocabulary {
  readonly commands: readonly KnownCommand[];
  readonly options: readonly KnownOption[];
}

export interface KnownCommand {
  readonly name: string;
  readonly summary: string;
  /** What can follow it, where that is a choice. */
  readonly words: readonly string[];
  readonly options: readonly OptionName[];
}

export interface KnownOption {
  readonly name: OptionName;
  /** All its names, today's first. */
  readonly spellings: readonly string[];
  readonly help: string;
  readonly value: KnownValue;
  readonly repeats: boolean;
}

/** What an option's value can be. `shape` is its name. */
export type KnownValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'text' | 'file' | 'directory'; readonly shape: string }
  | { readonly kind: 'words'; readonly shape: string; readonly words: readonly string[] };

export function vocabularyOf(commands: readonly Command[]): Vocabulary {
  const names = commands.map(({ name }) => name);
  const others = OTHER_WORDS.map(({ name, summary }) => ({
    name,
    summary,
    words: name === 'help' ? names : [],
    options: [],
  }));
  return { commands: [...commands.map(knownCommand), ...others], options: OPTION_NAMES.map(knownOption) };
}

function knownCommand({ name, summary, positionals, uses }: Command): KnownCommand {
  return { name, summary, words: positionals[0]?.words ?? [], options: uses };
}

function knownOption(name: OptionName): KnownOption {
  const { aliases = [], help, repeats = false } = optionOf(name);
  return { name, spellings: [name, ...aliases], help, value: knownValue(name), repeats };
}

function knownValue(name: OptionName): KnownValue {
  const { shape, words, names } = optionOf(name);
  if (shape === null) return { kind: 'none' };
  return words === undefined ? { kind: names ?? 'text', shape } : { kind: 'words', shape, words };
}
