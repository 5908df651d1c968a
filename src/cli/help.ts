// The help of the program and of each command, laid out by commander from the two tables.

import { Command as Commander, Option as CommanderOption } from 'commander';
import type { Command } from './command.js';
import { OPTION_GROUPS, type OptionName, optionOf } from './options.js';

const WIDTH = 80;

const PROGRAM_ABOUT =
  'Keeps directories in Amazon Glacier, provably: a journal says what the vault holds, and every file is proven by its hash.';

const PROGRAM_END = `
Options can stand anywhere, with one dash or two, or in the --config file.
\`mtglacier help COMMAND\` explains a command and its options.

Try it without AWS:
  mtglacier local-vault --data ./demo
  mtglacier create-vault photos --config demo/glacier.cfg
  mtglacier sync --config demo/glacier.cfg --dir ~/photos --vault photos \\
    --journal photos.journal

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 some items
failed, 4 content mismatch, 5 vault out of reach, 6 refused for safety,
7 journal locked or damaged, 8 limit reached, 75 not ready yet,
130 and 143 interrupted.
`;

export function helpOfProgram(commands: readonly Command[]): string {
  const program = new Commander('mtglacier')
    .usage('COMMAND [options]')
    .description(PROGRAM_ABOUT)
    .optionsGroup('Options:')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({
      helpWidth: WIDTH,
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map((one) => one.name())].join(' '),
    });
  for (const command of commands) program.addCommand(commanderOf(command));
  return `${program.helpInformation()}${PROGRAM_END}`;
}

export function helpOfCommand(command: Command): string {
  const examples = command.examples.map((example) => `  ${example}\n`).join('');
  const heading = command.examples.length > 1 ? 'Examples' : 'Example';
  return `${commanderOf(command).name(`mtglacier ${command.name}`).helpInformation()}\n${heading}:\n${examples}`;
}

/** Commander lays the help out; it does not read the command line, because it takes `-journal` for seven letters. */
function commanderOf(command: Command): Commander {
  const words = command.positionals.map(({ name }) => `${name} `).join('');
  const made = new Commander(command.name)
    .usage(`${words}[options]`)
    .helpGroup(`${command.group}:`)
    .summary(command.summary)
    .description(`${sentence(command.summary)}\n\n${command.about}`)
    .configureHelp({ helpWidth: WIDTH });
  for (const { name, help } of command.positionals) made.argument(`<${name}>`, help);
  for (const name of command.mandatory) made.addOption(commanderOption(name, 'Mandatory'));
  for (const group of OPTION_GROUPS) {
    const rest = command.uses.filter((name) => optionOf(name).group === group && !command.mandatory.includes(name));
    for (const name of rest) made.addOption(commanderOption(name, group));
  }
  return made.helpOption(false).addOption(new CommanderOption('-h, --help', 'print this help').helpGroup('Output:'));
}

function commanderOption(name: OptionName, group: string): CommanderOption {
  const { shape, help, shownDefault } = optionOf(name);
  const flags = shape === null ? `--${name}` : `--${name} <${shape}>`;
  const text = shownDefault === undefined ? help : `${help} (default: ${shownDefault})`;
  return new CommanderOption(flags, text).helpGroup(`${group}:`);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
