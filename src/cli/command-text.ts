// How a command and its options are written, wherever they are explained: help, man pages, docs, completion.

import { FILTER_RULES, OPTIONS_ELSEWHERE } from './program-text.js';
import type { Command, Positional } from './words/command.js';
import { OPTION_GROUPS } from './words/option.js';
import { type OptionName, optionOf } from './words/options.js';

/** Options that stand under one heading. */
export interface OptionSection {
  readonly heading: string;
  readonly options: readonly OptionName[];
}

/** What can be typed after the program's name: `get [NAME...] [options]`. */
export function usageOf({ name, positionals }: Command): string {
  return [name, ...positionals.map(positionalText), '[options]'].join(' ');
}

/** `NAME`, `[PATH]`, `[NAME...]`. */
export function positionalText({ name, optional, many }: Positional): string {
  const words = many === true ? `${name}...` : name;
  return optional === true ? `[${words}]` : words;
}

/** The summary, which begins in lower case, as a sentence. */
export function sentenceOf({ summary }: Command): string {
  return capitalized(`${summary}.`);
}

export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The options that the command's help lists, those first that it demands. */
export function optionSections(command: Command): OptionSection[] {
  const listed = command.listed ?? command.uses;
  const groups = OPTION_GROUPS.map((heading) => ({
    heading,
    options: listed.filter((name) => optionOf(name).group === heading && !command.mandatory.includes(name)),
  }));
  return [{ heading: 'Mandatory', options: command.mandatory }, ...groups].filter(({ options }) => options.length > 0);
}

/** What is to be known of its options beside what each of them means; paragraphs. */
export function notesOf({ listed, uses }: Command): string[] {
  return [...((listed ?? uses).includes('filter') ? [FILTER_RULES] : []), OPTIONS_ELSEWHERE];
}

/** What the option means, and what holds when it is not given. */
export function explanationOf(name: OptionName): string {
  const { help, shownDefault } = optionOf(name);
  return shownDefault === undefined ? help : `${help} (default: ${shownDefault})`;
}
