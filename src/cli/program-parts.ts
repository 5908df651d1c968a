// What the program is run with; tests bring their own.

import type { Signalled } from './interrupts.js';
import type { Output } from './report/output.js';
import type { Time } from './system-time.js';
import type { Command } from './words/command.js';

export interface ProgramParts {
  readonly argv: readonly string[];
  /** Variables of the process; those that begin with MTGLACIER_ are options. */
  readonly environment: NodeJS.ProcessEnv;
  /** Loads the table of commands, which the version does not wait for. */
  readonly commands: () => Promise<readonly Command[]>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly process: Signalled;
  /** That of the machine, where nothing is said. */
  readonly time?: Time;
}
