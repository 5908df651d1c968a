// The completion script for zsh, on top of its _arguments.

import type { KnownCommand, KnownOption, KnownValue, Vocabulary } from './vocabulary.js';

export function zshScript({ commands, options }: Vocabulary): string {
  const valued = options.filter(({ value }) => value.kind !== 'none').flatMap(({ spellings }) => spellings);
  return `#compdef mtglacier mtglacier.pl
# Completion of mtglacier for zsh. In ~/.zshrc, after compinit: source <(mtglacier completion zsh)

_mtglacier() {
  local -a valued specs
  local -A spec taken choices
  local command= awaits= word name
  valued=(${valued.join(' ')})
  spec=(
${options.map((option) => `    ${option.name} ${quoted(specOf(option))}`).join('\n')}
  )
  taken=(
${commands.map(({ name, options: own }) => `    ${name} ${quoted(own.join(' '))}`).join('\n')}
  )
  choices=(
${commands.filter(hasWords).map(wordsLine).join('\n')}
  )
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $awaits ]]; then awaits=
    elif [[ $word == -*=* ]]; then continue
    elif [[ $word == -* ]]; then (( \${valued[(Ie)\${\${word#-}#-}]} )) && awaits=1
    elif (( \${+taken[$word]} )); then command=$word; break
    fi
  done
  if [[ -z $command ]]; then
    specs=("\${(@v)spec}" '--version[print the version]')
  else
    for name in \${=taken[$command]}; do specs+=("$spec[$name]"); done
    if (( \${+choices[$command]} )); then specs+=("2: :($choices[$command])"); else specs+=('*: : '); fi
  fi
  _arguments "$specs[@]" '--help[print help]' '1: :_mtglacier_commands'
}

_mtglacier_commands() {
  local -a described
  described=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${escaped(summary)}`)}`).join('\n')}
  )
  _describe command described
}

if [[ $funcstack[1] == _mtglacier ]]; then _mtglacier "$@"; else compdef _mtglacier mtglacier mtglacier.pl; fi
`;
}

function hasWords({ words }: KnownCommand): boolean {
  return words.length > 0;
}

function wordsLine({ name, words }: KnownCommand): string {
  return `    ${name} ${quoted(words.join(' '))}`;
}

function specOf({ name, help, value, repeats }: KnownOption): string {
  return `${repeats ? '*' : ''}--${name}${value.kind === 'none' ? '' : '='}[${escaped(help)}]${actionOf(value)}`;
}

function actionOf(value: KnownValue): string {
  switch (value.kind) {
    case 'none':
      return '';
    case 'text':
      return `:${value.shape}: `;
    case 'file':
      return `:${value.shape}:_files`;
    case 'directory':
      return `:${value.shape}:_directories`;
    case 'words':
      return `:${value.shape}:(${value.words.join(' ')})`;
  }
}

function escaped(help: string): string {
  return help.replace(/[\\[\]:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
