// Reads words as they were typed: options with `-`, `--` or `+`, with `=` or apart, cut short, by old names, anywhere.

import type { Notice } from '../report/notice.js';
import { meaningOf } from './abbreviations.js';
import { findOption, OPTION_NAMES, type OptionName, optionOf } from './options.js';
import type { Problems } from './problems.js';
import type { Typed, TypedItem } from './sources.js';
import { didYouMean } from './suggestions.js';

/** What was typed, sorted. */
export interface Arguments {
  readonly typed: Typed;
  /** All that is no option, in order; the first is the command. */
  readonly words: readonly string[];
  readonly asksHelp: boolean;
  readonly asksVersion: boolean;
  readonly notices: readonly Notice[];
}

/** @param problems takes what is wrong, so that it can be told together with more */
export function readArguments(argv: readonly string[], problems: Problems): Arguments {
  return new ArgumentReader(argv, problems).read();
}

const EXPLAINED = 'mtglacier help COMMAND lists the options of a command; a name that looks like one goes after --';

/** A dash, two dashes or a plus, and what follows up to `=`. */
const OPTION = /^(?:--|[-+])([^=]*)(?:=(.*))?$/s;

const HELP = /^(?:h|help)$/;
const VERSION = /^(?:V|version)$/;

class ArgumentReader {
  readonly #argv: readonly string[];
  readonly #problems: Problems;
  readonly #typed = new Map<OptionName, string | true | TypedItem[]>();
  readonly #words: string[] = [];
  readonly #notices: Notice[] = [];
  readonly #asked = { help: false, version: false };
  #at = 0;

  constructor(argv: readonly string[], problems: Problems) {
    this.#argv = argv;
    this.#problems = problems;
  }

  read(): Arguments {
    while (this.#at < this.#argv.length) {
      const word = this.#next();
      if (word === '--') this.#words.push(...this.#argv.slice(this.#at));
      if (word === '--') break;
      if (/^[-+]./s.test(word)) this.#readOption(word);
      else this.#words.push(word);
    }
    const { help: asksHelp, version: asksVersion } = this.#asked;
    return { typed: this.#typed, words: this.#words, asksHelp, asksVersion, notices: this.#notices };
  }

  #next(): string {
    return this.#argv[this.#at++] ?? '';
  }

  #readOption(word: string): void {
    const [, spelling = '', value] = OPTION.exec(word) ?? [];
    if (value === undefined && HELP.test(spelling)) this.#asked.help = true;
    else if (value === undefined && VERSION.test(spelling)) this.#asked.version = true;
    else this.#readSpelled(spelling, value, word.replace(/=.*/s, ''));
  }

  #readSpelled(spelling: string, value: string | undefined, shown: string): void {
    const meaning = meaningOf(spelling);
    switch (meaning.means) {
      case 'none':
        return this.#problems.add(`unknown option ${shown}`, suggestion(spelling));
      case 'several':
        return this.#problems.add(`${shown} can mean ${listed(meaning.names)}`, 'write more of its name');
      case 'one':
        if (meaning.isOldName) this.#notices.push(renamed(spelling, meaning.name));
        return this.#readKnown(meaning.name, spelling, value);
    }
  }

  #readKnown(name: OptionName, spelling: string, value: string | undefined): void {
    const { shape, repeats } = optionOf(name);
    const at = this.#at - 1;
    const given = shape === null ? this.#switchValue(spelling, value) : this.#textValue(name, spelling, value);
    if (given === null) return;
    const before = this.#typed.get(name);
    if (repeats === true) this.#typed.set(name, [...(isList(before) ? before : []), { at, text: String(given) }]);
    else this.#takeOnce(name, given);
  }

  #takeOnce(name: OptionName, given: string | true): void {
    if (this.#typed.has(name)) this.#problems.add(`--${name} is given twice`, aliasHint(name));
    this.#typed.set(name, given);
  }

  #switchValue(spelling: string, value: string | undefined): true | null {
    if (value === undefined) return true;
    this.#problems.add(`--${spelling} takes no value`);
    return null;
  }

  /**
   * The word after an option is its value, whatever it begins with. Where one value is taken, a word that is itself an
   * option that we know shows that the value was forgotten; a rule such as `-new` of a filter is none.
   */
  #textValue(name: OptionName, spelling: string, value: string | undefined): string | null {
    const next = this.#argv[this.#at];
    const isForgotten = next === undefined || (optionOf(name).repeats !== true && isWholeOption(next));
    if (value === undefined && !isForgotten) return this.#next();
    if (value !== undefined && value !== '') return value;
    const instead = value === undefined && next !== undefined ? `, but ${next.replace(/=.*/s, '')} follows` : '';
    this.#problems.add(`--${spelling} needs a value${instead}`);
    return null;
  }
}

function isList(typed: string | true | TypedItem[] | undefined): typed is TypedItem[] {
  return typeof typed === 'object';
}

function isWholeOption(word: string): boolean {
  const [, spelling] = /^--?([^=]+)/.exec(word) ?? [];
  if (spelling === undefined) return false;
  return findOption(spelling) !== undefined || HELP.test(spelling) || VERSION.test(spelling);
}

function suggestion(spelling: string): string {
  return didYouMean(spelling, [...OPTION_NAMES, 'help', 'version'], '--') ?? EXPLAINED;
}

function listed(names: readonly OptionName[]): string {
  const shown = names.map((name) => `--${name}`);
  return `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

function renamed(spelling: string, name: OptionName): Notice {
  return { topic: 'deprecated-option', message: `--${spelling} is now --${name}`, hint: null };
}

function aliasHint(name: OptionName): string | undefined {
  const aliases = optionOf(name).aliases ?? [];
  return aliases.length === 0
    ? undefined
    : `older names of --${name} are the same option: ${aliases.map((alias) => `--${alias}`).join(', ')}`;
}
