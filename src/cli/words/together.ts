// What must hold between the options of a command: rules that a command's table states.

import { LIMITS, MIB } from '../../model/parts.js';
import type { OptionName, Settings } from './options.js';
import { ORIGINS, type Origin } from './origins.js';

/** What was said to one command, each option for itself being right. */
export interface Said {
  readonly command: string;
  readonly settings: Settings;
  /** How many words were given for the command's positionals. */
  readonly words: number;
  /** Whether it is given, and not as a `no`. */
  has(name: OptionName): boolean;
  origin(name: OptionName): Origin;
  /** As it was spelled where it was given. */
  subject(name: OptionName): string;
}

interface Problem {
  readonly message: string;
  readonly hint?: string;
}

/** `drop`: this option is taken as not given: one nearer to the user excludes it, or nothing here makes use of it. */
type Verdict = Problem | { readonly drop: OptionName } | null;

export type Rule = (said: Said) => Verdict;

/** Of two that exclude each other, the one said nearer to the user counts: a typed one outdoes that of a config file. */
export function exclude(one: OptionName, other: OptionName): Rule {
  return (said) => {
    if (!said.has(one) || !said.has(other)) return null;
    const distance = farness(said, one) - farness(said, other);
    if (distance !== 0) return { drop: distance > 0 ? one : other };
    const both = [said.subject(one), said.subject(other)];
    return { message: `${both.join(' and ')} exclude each other`, hint: `leave ${both.join(' or ')} out` };
  };
}

function farness(said: Said, name: OptionName): number {
  return ORIGINS.indexOf(said.origin(name));
}

/** Where it is given, all of the others must be. */
export function needs(name: OptionName, ...others: readonly OptionName[]): Rule {
  return (said) => {
    const missing = others.filter((other) => !said.has(other));
    if (!said.has(name) || missing.length === 0) return null;
    return { message: `${said.subject(name)} needs ${shown(missing).join(' and ')}` };
  };
}

/** Where it is given, one of the others must be. */
export function needsBeside(name: OptionName, ...others: readonly OptionName[]): Rule {
  return (said) => {
    if (!said.has(name) || others.some((other) => said.has(other))) return null;
    return { message: `${said.subject(name)} needs ${shown(others).join(' or ')}` };
  };
}

/** Where it is typed, one of the others must be given; in a config file it waits for runs that have one. */
export function servesOnly(name: OptionName, ...others: readonly OptionName[]): Rule {
  return (said) => {
    if (!said.has(name) || others.some((other) => said.has(other))) return null;
    if (said.origin(name) !== 'command-line') return { drop: name };
    return { message: `--${name} has no meaning without ${shown(others).join(' or ')}` };
  };
}

/** Where it is typed, words must be given. @param word as the help calls them */
export function servesWords(name: OptionName, word: string): Rule {
  return (said) => {
    if (!said.has(name) || said.words > 0) return null;
    if (said.origin(name) !== 'command-line') return { drop: name };
    return { message: `--${name} has no meaning without a ${word}` };
  };
}

/** One of them must be given. */
export function needsOneOf(...names: readonly OptionName[]): Rule {
  return (said) => {
    if (names.some((name) => said.has(name))) return null;
    return { message: `${said.command} needs ${shown(names).join(' or ')}`, hint: explained(said) };
  };
}

/** Words or the option must be given. @param word as the help calls them */
export function needsWordOr(word: string, name: OptionName): Rule {
  return (said) => {
    if (said.words > 0 || said.has(name)) return null;
    return { message: `${said.command} needs a ${word} or --${name}`, hint: explained(said) };
  };
}

function explained({ command }: Said): string {
  return `mtglacier help ${command} explains`;
}

function shown(names: readonly OptionName[]): string[] {
  return names.map((name) => `--${name}`);
}

/** Ten thousand parts must hold the largest file that is let in: how long a stream is shows only when it has been sent. */
export const partsHoldLargestFile: Rule = ({ settings: { checkMaxFileSize, partsize } }) => {
  if (checkMaxFileSize === undefined || checkMaxFileSize * MIB <= LIMITS.partCount * partsize) return null;
  const enough = 2 ** Math.ceil(Math.log2(checkMaxFileSize / LIMITS.partCount));
  return {
    message: `--check-max-file-size ${checkMaxFileSize} is more than 10,000 parts of --partsize ${partsize / MIB} hold`,
    hint: `--partsize ${enough} is enough`,
  };
};

/** One file can hold what one archive holds, and no more. */
export const outputTakesOne: Rule = (said) => {
  const wanted = said.words + said.settings.id.length;
  if (!said.has('output') || wanted <= 1) return null;
  const hint = said.has('range') ? 'get one file after the other' : 'give --dir for more than one';
  return { message: `--output takes one archive, and ${wanted} are named`, hint };
};
