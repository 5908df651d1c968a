// Every document that is made from the tables of commands and options, by its path in the project.

import type { Command } from '../words/command.js';
import { commandPage, pageOf } from './command-page.js';
import { commandsDocument } from './markdown.js';
import { programPage } from './program-page.js';

export function documentsOf(commands: readonly Command[]): ReadonlyMap<string, string> {
  return new Map([
    ['man/mtglacier.1', programPage(commands)],
    ...commands.map((command) => [`man/${pageOf(command)}.1`, commandPage(command)] as const),
    ['docs/commands.md', commandsDocument(commands)],
  ]);
}
