// All commands and options as one Markdown document.

import { capitalized, explanationOf, optionSections, positionalText, sentenceOf, usageOf } from '../command-text.js';
import { FILTER_RULES, OPTION_FORMS, PROGRAM_ABOUT } from '../program-text.js';
import type { Command } from '../words/command.js';
import { variableOf } from '../words/environment.js';
import { OPTION_GROUPS } from '../words/option.js';
import { OPTION_NAMES, type OptionName, optionOf } from '../words/options.js';

/** Each option is explained once, below the commands that take it. */
export function commandsDocument(commands: readonly Command[]): string {
  const groups = [...new Set(commands.map(({ group }) => group))];
  const blocks = [
    '# Commands and options',
    'Made by `npm run docs` from the tables of commands and options: change those. `mtglacier help COMMAND` and `man mtglacier` say the same.',
    escaped(PROGRAM_ABOUT),
    ...groups.flatMap((group) => groupOfCommands(group, commands)),
    '## Options',
    ...OPTION_FORMS.map(escaped),
    ...OPTION_GROUPS.flatMap(groupOfOptions),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function groupOfCommands(group: string, commands: readonly Command[]): string[] {
  return [`## ${group}`, ...commands.filter((command) => command.group === group).flatMap(commandBlocks)];
}

function commandBlocks(command: Command): string[] {
  const lines = [...command.examples, ...(command.elsewhere ?? [])];
  const examples = lines.map((line) => line.replace(/\n {4}/g, '\n  ')).join('\n\n');
  return [
    `### ${command.name}`,
    `\`mtglacier ${usageOf(command)}\``,
    escaped(`${sentenceOf(command)} ${command.about}`),
    [...command.positionals.map(positionalLine), ...optionSections(command).map(sectionLine)].join('\n'),
    `\`\`\`sh\n${examples}\n\`\`\``,
  ];
}

function positionalLine(positional: Command['positionals'][number]): string {
  return `- \`${positionalText(positional)}\`: ${escaped(positional.help)}`;
}

function sectionLine({ heading, options }: { heading: string; options: readonly OptionName[] }): string {
  return `- ${heading}: ${options.map((name) => `[\`--${name}\`](#--${name})`).join(', ')}`;
}

function groupOfOptions(group: (typeof OPTION_GROUPS)[number]): string[] {
  const names = OPTION_NAMES.filter((name) => optionOf(name).group === group);
  const rules = names.includes('filter') ? [escaped(FILTER_RULES)] : [];
  return [`### ${group}`, ...rules, ...names.flatMap(optionBlocks)];
}

function optionBlocks(name: OptionName): string[] {
  const { shape, aliases = [], keptOutOf, repeats } = optionOf(name);
  const facts = [
    ...(shape === null ? [] : [`\`--${name}=${shape}\``]),
    ...(aliases.length === 0 ? [] : [`older names ${aliases.map((alias) => `\`--${alias}\``).join(', ')}`]),
    ...(repeats === true ? ['can be given many times'] : []),
    placesText(name, keptOutOf),
  ];
  return [`#### --${name}`, `${escaped(capitalized(explanationOf(name)))}. ${capitalized(facts.join('; '))}.`];
}

function placesText(name: OptionName, keptOutOf: 'config' | 'config and environment' | undefined): string {
  if (keptOutOf === 'config and environment') return 'on the command line only';
  return keptOutOf === 'config' ? `or \`${variableOf(name)}\`, not in the config file` : `or \`${variableOf(name)}\``;
}

/** What Markdown would read as something else. */
function escaped(text: string): string {
  return text.replace(/[\\*_`<>|[\]~]/g, '\\$&');
}
