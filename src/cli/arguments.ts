// Reads words as they were typed: options with one dash or two, with `=` or apart, by old names, before or after.

import type { Notice } from './notice.js';
import { findOption, OPTION_NAMES, type OptionName, optionOf } from './options.js';
import type { Problems } from './problems.js';
import type { Typed } from './settings.js';
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

const EXPLAINED = 'mtglacier help COMMAND lists the options of a command';

class ArgumentReader {
  readonly #argv: readonly string[];
  readonly #problems: Problems;
  readonly #typed = new Map<OptionName, string | true>();
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
      if (/^-./s.test(word)) this.#readOption(word);
      else this.#words.push(word);
    }
    const { help: asksHelp, version: asksVersion } = this.#asked;
    return { typed: this.#typed, words: this.#words, asksHelp, asksVersion, notices: this.#notices };
  }

  #next(): string {
    return this.#argv[this.#at++] ?? '';
  }

  #readOption(word: string): void {
    const [, spelling = '', value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (value === undefined && /^(?:h|help)$/.test(spelling)) this.#asked.help = true;
    else if (value === undefined && /^(?:V|version)$/.test(spelling)) this.#asked.version = true;
    else this.#readKnown(spelling, value, word);
  }

  #readKnown(spelling: string, value: string | undefined, word: string): void {
    const name = findOption(spelling);
    if (name === undefined) {
      this.#problems.add(
        `unknown option ${word.replace(/=.*/s, '')}`,
        didYouMean(spelling, OPTION_NAMES, '--') ?? EXPLAINED,
      );
      return;
    }
    if (spelling !== name) {
      this.#notices.push({ topic: 'deprecated-option', message: `--${spelling} is now --${name}`, hint: null });
    }
    const given = optionOf(name).shape === null ? this.#switchValue(spelling, value) : this.#textValue(spelling, value);
    if (given === null) return;
    if (this.#typed.has(name)) this.#problems.add(`--${name} is given twice`, aliasHint(name));
    this.#typed.set(name, given);
  }

  #switchValue(spelling: string, value: string | undefined): true | null {
    if (value === undefined) return true;
    this.#problems.add(`--${spelling} takes no value`);
    return null;
  }

  /** The word after an option is its value, whatever it begins with, unless it is itself an option that we know. */
  #textValue(spelling: string, value: string | undefined): string | null {
    const next = this.#argv[this.#at];
    if (value === undefined && next !== undefined && !isKnownOption(next)) return this.#next();
    if (value !== undefined && value !== '') return value;
    const instead = value === undefined && next !== undefined ? `, but ${next.replace(/=.*/s, '')} follows` : '';
    this.#problems.add(`--${spelling} needs a value${instead}`);
    return null;
  }
}

function isKnownOption(word: string): boolean {
  const [, spelling] = /^--?([^=]+)/.exec(word) ?? [];
  return spelling !== undefined && findOption(spelling) !== undefined;
}

function aliasHint(name: OptionName): string | undefined {
  const aliases = optionOf(name).aliases ?? [];
  return aliases.length === 0
    ? undefined
    : `older names of it are the same option: ${aliases.map((alias) => `--${alias}`).join(', ')}`;
}
