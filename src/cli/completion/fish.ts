// The completion script for fish, from version 3 on.

import type { KnownCommand, KnownOption, KnownValue, Vocabulary } from './vocabulary.js';

export function fishScript({ commands, options }: Vocabulary): string {
  const valued = options.filter(({ value }) => value.kind !== 'none').flatMap(({ spellings }) => spellings);
  const lines = [
    ...commands.map(commandLine),
    ...commands.filter(({ words }) => words.length > 0).map(wordsLine),
    ...options.map((option) => optionLine(option, commands)),
    `complete -c mtglacier -l help -d 'print help'`,
    `complete -c mtglacier -n __mtglacier_awaits_command -l version -d 'print the version'`,
  ];
  return `# Completion of mtglacier for fish: ~/.config/fish/completions/mtglacier.fish

# The command among the words before the cursor.
function __mtglacier_command
    set -l awaits no
    for word in (commandline -opc)[2..-1]
        if test $awaits = yes
            set awaits no
        else if string match -q -- '-*=*' $word
            continue
        else if string match -q -- '-*' $word
            contains -- (string replace -r '^--?' '' -- $word) ${valued.join(' ')}
            and set awaits yes
        else
            echo $word
            return 0
        end
    end
    return 1
end

function __mtglacier_awaits_command
    not __mtglacier_command > /dev/null
end

function __mtglacier_is
    contains -- (__mtglacier_command) $argv
end

complete -c mtglacier -f
${lines.join('\n')}
complete -c mtglacier.pl -w mtglacier
`;
}

function commandLine({ name, summary }: KnownCommand): string {
  return `complete -c mtglacier -n __mtglacier_awaits_command -a ${name} -d ${quoted(summary)}`;
}

function wordsLine({ name, words }: KnownCommand): string {
  return `complete -c mtglacier -n '__mtglacier_is ${name}' -a ${quoted(words.join(' '))}`;
}

function optionLine({ name, help, value }: KnownOption, commands: readonly KnownCommand[]): string {
  const takers = commands.filter(({ options }) => options.includes(name)).map((taker) => taker.name);
  const condition = quoted(`__mtglacier_awaits_command; or __mtglacier_is ${takers.join(' ')}`);
  return `complete -c mtglacier -n ${condition} -l ${name}${argumentOf(value)} -d ${quoted(help)}`;
}

function argumentOf(value: KnownValue): string {
  switch (value.kind) {
    case 'none':
      return '';
    case 'text':
      return ' -x';
    case 'file':
      return ' -r -F';
    case 'directory':
      return " -x -a '(__fish_complete_directories)'";
    case 'words':
      return ` -x -a ${quoted(value.words.join(' '))}`;
  }
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
