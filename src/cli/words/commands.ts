// Every command of the program, in one table. A command's code is loaded when it is to run.

import { BACK_COMMANDS } from '../command-table/back.js';
import { FILE_COMMANDS } from '../command-table/files.js';
import { LOOK_COMMANDS } from '../command-table/look.js';
import { NOTICE_COMMANDS } from '../command-table/notices.js';
import { programCommands } from '../command-table/program.js';
import { VAULT_COMMANDS } from '../command-table/vaults.js';
import type { Command } from './command.js';

export const COMMANDS: readonly Command[] = [
  ...FILE_COMMANDS,
  ...BACK_COMMANDS,
  ...NOTICE_COMMANDS,
  ...LOOK_COMMANDS,
  ...VAULT_COMMANDS,
  ...programCommands(() => COMMANDS),
];
