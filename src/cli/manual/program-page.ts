// The man page of the program.

import { capitalized, positionalText } from '../command-text.js';
import { EXIT, meaningOf } from '../exit-codes.js';
import { FIRST_STEPS, OPTION_FORMS, OTHER_WORDS, PROGRAM_ABOUT } from '../program-text.js';
import type { Command } from '../words/command.js';
import { pageOf } from './command-page.js';
import { entry, escaped, example, header, pages, paragraph, section, subsection } from './roff.js';

export function programPage(commands: readonly Command[]): string {
  const lines = [
    ...header('mtglacier', 'keep directories in Amazon Glacier, provably'),
    ...section('SYNOPSIS', ['.B mtglacier', '.I COMMAND', '.RI [ options ]']),
    ...section('DESCRIPTION', [escaped(PROGRAM_ABOUT)]),
    ...section('COMMANDS', commandLines(commands)),
    ...section('OPTIONS', OPTION_FORMS.flatMap(paragraph)),
    ...section('ENVIRONMENT', variables()),
    ...section('FILES', files()),
    ...section('EXIT STATUS', exitCodes()),
    ...section('EXAMPLE', ['Try it without AWS:', ...example(FIRST_STEPS.join('\n'))]),
    ...section('SEE ALSO', pages(commands.map(pageOf))),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(commands: readonly Command[]): string[] {
  const groups = [...new Set(commands.map(({ group }) => group))];
  const others = OTHER_WORDS.flatMap(({ name, positional, summary }) =>
    entry(name, positional, `${capitalized(summary)}.`),
  );
  return [
    ...groups.flatMap((group) =>
      subsection(group, commands.filter((command) => command.group === group).flatMap(commandEntry)),
    ),
    ...others,
  ];
}

function commandEntry({ name, positionals, summary }: Command): string[] {
  return entry(name, positionals.map(positionalText).join(' '), `${capitalized(summary)}.`);
}

function variables(): string[] {
  return [
    ...entry('MTGLACIER_...', '', 'The options.'),
    ...entry('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, AWS_REGION', '', AWS),
    ...entry('NO_COLOR', '', 'When it is not empty, nothing is printed in colours.'),
    ...entry('TZ', '', 'The time zone in which times are shown to people.'),
  ];
}

const AWS = 'Who asks, and where the vaults are, when no option says so; and the other ways of AWS to say it.';

/** See docs/journal-format.md. */
function files(): string[] {
  return [
    ...entry('', 'JOURNAL', 'The record of what the vault holds, one fact a line. Keep copies of it.'),
    ...entry('', 'JOURNAL.pending', 'What was begun and is not yet a fact.'),
    ...entry('', 'JOURNAL.vault', 'Which vault the journal belongs to.'),
    ...entry('', 'JOURNAL.compared', 'Which touched files were read and had not changed.'),
    ...entry('', 'JOURNAL.set-aside', 'What an inventory listed and the journal made from it could not hold.'),
    ...entry('', 'JOURNAL.cut', 'Torn last lines that were cut off the journal.'),
    ...entry('', 'JOURNAL.lock, JOURNAL.lock.d', 'Keep a second process out.'),
    ...entry('', 'JOURNAL.runs/', 'What the newest thirty runs told, as JSON.'),
  ];
}

function exitCodes(): string[] {
  const codes = Object.values(EXIT).toSorted((a, b) => a - b);
  return codes.flatMap((code) => {
    const ofFolder = code === EXIT.mismatch ? '; of local-vault --check: the folder is damaged' : '';
    return entry(String(code), '', `${capitalized(meaningOf(code))}${ofFolder}.`);
  });
}
