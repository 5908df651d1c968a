// The commands about the program itself.

import { type Command, command } from '../words/command.js';
import { OPTION_NAMES } from '../words/options.js';
import { PROGRAM } from './building-blocks.js';

/** All that can be kept in a config file or typed for any command. */
const SHOWN = OPTION_NAMES.filter((name) => !['origin', 'config', 'json', 'quiet'].includes(name));

/** @param all gives every command of the program, these included */
export function programCommands(all: () => readonly Command[]): readonly Command[] {
  return [
    command({
      name: 'config',
      group: PROGRAM,
      summary: 'show what every option is worth, and where that was said',
      positionals: [{ name: 'show', help: 'word show', words: ['show'] }],
      mandatory: [],
      uses: [...SHOWN, 'origin', 'config', 'json', 'quiet'],
      listed: ['origin', 'config', 'json', 'quiet'],
      about:
        'Takes every option of every command, to show what it would be worth there. The command line comes before the environment (MTGLACIER_ and the name of the option, as in MTGLACIER_DIR), ' +
        'that before the config file, that before the default. Secrets are not shown.',
      examples: ['mtglacier config show --origin --config glacier.cfg'],
      run: async (context) => (await import('../commands/config.js')).run(context),
    }),
    command({
      name: 'completion',
      group: PROGRAM,
      summary: 'print what makes a shell complete commands and options',
      positionals: [{ name: 'SHELL', help: 'shell: bash, zsh or fish', words: ['bash', 'zsh', 'fish'] }],
      mandatory: [],
      uses: ['terminal-encoding'],
      about:
        'Prints a script for the shell to read: bash and zsh each time they start, so put the line of the first example, ' +
        'or the same with zsh, into ~/.bashrc or ~/.zshrc, there after compinit; fish finds it in its folder.',
      examples: [
        'source <(mtglacier completion bash)',
        'mtglacier completion fish > ~/.config/fish/completions/mtglacier.fish',
      ],
      run: async (context) => (await import('../commands/completion.js')).run(context, all()),
    }),
  ];
}
