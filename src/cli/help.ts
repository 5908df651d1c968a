// The help of the program and of each command, laid out by commander from the two tables.

import { Command as Commander, Option as CommanderOption } from 'commander';
import { PROGRAM } from './command-table/building-blocks.js';
import { explanationOf, notesOf, optionSections, positionalText, sentenceOf, usageOf } from './command-text.js';
import { FIRST_STEPS, OPTION_FORMS, OTHER_WORDS, PROGRAM_ABOUT } from './program-text.js';
import type { Command } from './words/command.js';
import { type OptionName, optionOf } from './words/options.js';

const WIDTH = 80;

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 some items
failed, 4 content mismatch, 5 vault out of reach, 6 refused for safety,
7 journal locked or damaged, 8 limit reached, 75 not ready yet,
129, 130 and 143 interrupted.
`;

export function helpOfProgram(commands: readonly Command[]): string {
  const program = new Commander('mtglacier')
    .usage('COMMAND [options]')
    .description(PROGRAM_ABOUT)
    .optionsGroup('Options:')
    .option('-V, --version', 'print the version, and what runs beneath it')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ helpWidth: WIDTH, subcommandTerm: (made) => `${made.name()} ${made.usage()}`.trimEnd() });
  for (const command of commands) {
    program.addCommand(commanderOf(command).usage(command.positionals.map(positionalText).join(' ') || ' '));
  }
  for (const { name, positional, summary } of OTHER_WORDS) {
    program.addCommand(
      new Commander(name)
        .usage(positional || ' ')
        .summary(summary)
        .helpGroup(`${PROGRAM}:`),
    );
  }
  const forms = wrapped([...OPTION_FORMS, 'mtglacier help COMMAND explains a command and its options.'].join('\n\n'));
  const steps = FIRST_STEPS.map((step) => `  ${step}\n`).join('');
  return `${program.helpInformation()}\n${forms}\n\nTry it without AWS:\n${steps}\n${EXIT_CODES}`;
}

export function helpOfCommand(command: Command): string {
  const examples = indented(command.examples);
  const heading = command.examples.length > 1 ? 'Examples' : 'Example';
  const elsewhere =
    command.elsewhere === undefined ? '' : `\nThen, in another terminal:\n${indented(command.elsewhere)}`;
  const laidOut = commanderOf(command).name('mtglacier').usage(usageOf(command)).helpInformation();
  return `${laidOut}\n${wrapped(notesOf(command).join('\n\n'))}\n\n${heading}:\n${examples}${elsewhere}`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

/** Commander lays the help out; it does not read the command line, because it takes `-journal` for seven letters. */
function commanderOf(command: Command): Commander {
  const made = new Commander(command.name)
    .helpGroup(`${command.group}:`)
    .summary(command.summary)
    .description(`${sentenceOf(command)}\n\n${command.about}`)
    .configureHelp({ helpWidth: WIDTH });
  for (const { name, help } of command.positionals) made.argument(`<${name}>`, help);
  for (const { heading, options } of optionSections(command)) {
    for (const name of options) made.addOption(commanderOption(name, heading));
  }
  return made.helpOption(false).addOption(new CommanderOption('-h, --help', 'print this help').helpGroup('Output:'));
}

function commanderOption(name: OptionName, heading: string): CommanderOption {
  const { shape } = optionOf(name);
  const flags = shape === null ? `--${name}` : `--${name} <${shape}>`;
  return new CommanderOption(flags, explanationOf(name)).helpGroup(`${heading}:`);
}

function wrapped(text: string): string {
  return new Commander().createHelp().boxWrap(text, WIDTH);
}
