// The man page of one command.

import { capitalized, explanationOf, notesOf, optionSections, positionalText, sentenceOf } from '../command-text.js';
import type { Command } from '../words/command.js';
import { type OptionName, optionOf } from '../words/options.js';
import { entry, escaped, example, header, pages, paragraph, section, subsection } from './roff.js';

export function commandPage(command: Command): string {
  const lines = [
    ...header(pageOf(command), command.summary),
    ...section('SYNOPSIS', [`.B mtglacier ${escaped(command.name)}`, ...command.positionals.map(argument), OPTIONS]),
    ...section('DESCRIPTION', [escaped(sentenceOf(command)), ...command.about.split('\n\n').flatMap(paragraph)]),
    ...section('OPTIONS', optionLines(command)),
    ...section(command.examples.length > 1 ? 'EXAMPLES' : 'EXAMPLE', command.examples.flatMap(example)),
    ...(command.elsewhere === undefined
      ? []
      : section('THEN, IN ANOTHER TERMINAL', command.elsewhere.flatMap(example))),
    ...section('SEE ALSO', pages(['mtglacier'])),
  ];
  return `${lines.join('\n')}\n`;
}

export function pageOf({ name }: Command): string {
  return `mtglacier-${name}`;
}

const OPTIONS = '.RI [ options ]';

function argument(positional: Command['positionals'][number]): string {
  return `.I ${escaped(positionalText(positional))}`;
}

function optionLines(command: Command): string[] {
  return [
    ...command.positionals.flatMap(({ name, help }) => entry('', name, `${capitalized(help)}.`)),
    ...optionSections(command).flatMap(({ heading, options }) => subsection(heading, options.flatMap(optionEntry))),
    ...notesOf(command).flatMap(paragraph),
    ...ignoredLines(command.tolerates),
  ];
}

function optionEntry(name: OptionName): string[] {
  const { shape, aliases = [] } = optionOf(name);
  const older = aliases.length === 0 ? '' : ` Older names: ${aliases.map((alias) => `--${alias}`).join(', ')}.`;
  return entry(`--${name}`, shape ?? '', `${capitalized(explanationOf(name))}.${older}`);
}

function ignoredLines(names: readonly OptionName[]): string[] {
  if (names.length === 0) return [];
  const list = names.map((name) => `--${name}`).join(', ');
  return paragraph(`Taken with a warning and without effect, because old scripts give them: ${list}.`);
}
