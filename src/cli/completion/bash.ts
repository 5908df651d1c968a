// The completion script for bash, from version 3.2 on.

import type { KnownOption, Vocabulary } from './vocabulary.js';

export function bashScript(vocabulary: Vocabulary): string {
  return `${COMPLETING}
${valueTables(vocabulary)}
${commandTables(vocabulary)}
complete -F _mtglacier mtglacier mtglacier.pl
`;
}

const COMPLETING = `# Completion of mtglacier for bash. In ~/.bashrc: source <(mtglacier completion bash)

_mtglacier() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= valued= count=0 word i
  COMPREPLY=()
  # The shell takes the = of --dir=photos for a word.
  [[ $current == '=' ]] && current=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then continue
    elif [[ -n $valued ]]; then valued=
    elif [[ $word == -?* ]]; then _mtglacier_takes_value "$word" && valued=$word
    elif [[ -n $command ]]; then count=$((count + 1))
    elif _mtglacier_options "$word" > /dev/null; then command=$word
    fi
  done
  if [[ -n $valued ]]; then _mtglacier_value "$valued"
  elif [[ $current == --* ]]; then _mtglacier_offer $(_mtglacier_options "$command") --help
  elif [[ $current == -* ]]; then _mtglacier_single_dash $(_mtglacier_options "$command") --help
  elif [[ $count == 0 ]]; then _mtglacier_words "$command"
  fi
}

# Of the words given, those that go on what is typed.
_mtglacier_offer() {
  local word
  for word in "$@"; do [[ $word == "$current"* ]] && COMPREPLY+=("$word"); done
}

# The program takes one dash or two.
_mtglacier_single_dash() {
  if [[ $current == - ]]; then _mtglacier_offer "$@"; else _mtglacier_offer "\${@/#--/-}"; fi
}

_mtglacier_paths() {
  local path
  compopt -o filenames 2> /dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$current")
}
`;

function valueTables({ options }: Vocabulary): string {
  const valued = options.filter(({ value }) => value.kind !== 'none');
  return `_mtglacier_takes_value() {
  case \${1#-} in
    ${valued.map(pattern).join('|\\\n    ')}) return 0 ;;
    *) return 1 ;;
  esac
}

_mtglacier_value() {
  case \${1#-} in
${valued.flatMap(valueBranch).join('\n')}
  esac
}
`;
}

function commandTables({ commands, options }: Vocabulary): string {
  const optionsOf = commands.map((known) => `    ${known.name}) echo '${dashed(known.options)}' ;;`);
  const wordsOf = commands
    .filter(({ words }) => words.length > 0)
    .map(({ name, words }) => `    ${name}) _mtglacier_offer ${words.join(' ')} ;;`);
  return `_mtglacier_options() {
  case $1 in
    '') echo '--version ${dashed(options.map(({ name }) => name))}' ;;
${optionsOf.join('\n')}
    *) return 1 ;;
  esac
}

_mtglacier_words() {
  case $1 in
    '') _mtglacier_offer ${commands.map(({ name }) => name).join(' ')} ;;
${wordsOf.join('\n')}
  esac
}
`;
}

function dashed(names: readonly string[]): string {
  return names.map((name) => `--${name}`).join(' ');
}

/** Of the option behind its first dash. */
function pattern({ spellings }: KnownOption): string {
  return spellings.flatMap((spelling) => [`-${spelling}`, spelling]).join('|');
}

function valueBranch(option: KnownOption): string[] {
  const { value } = option;
  switch (value.kind) {
    case 'none':
    case 'text':
      return [];
    case 'file':
      return [`    ${pattern(option)}) _mtglacier_paths -f ;;`];
    case 'directory':
      return [`    ${pattern(option)}) _mtglacier_paths -d ;;`];
    case 'words':
      return [`    ${pattern(option)}) _mtglacier_offer ${value.words.join(' ')} ;;`];
  }
}
