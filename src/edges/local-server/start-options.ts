// Options of a call, held against what each may be: a program without types can pass anything, and misspell it.

import { inspect } from 'node:util';
import { Failure } from '../../model/failure.js';

/** What an option may be, for people and for the check. */
export interface OptionRule {
  readonly what: string;
  fits(value: unknown): boolean;
}

const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const TEXT: OptionRule = { what: 'text', fits: (value) => typeof value === 'string' };
export const NAME: OptionRule = { what: 'a name', fits: (value) => typeof value === 'string' && value !== '' };
export const TRUTH: OptionRule = { what: 'true or false', fits: (value) => typeof value === 'boolean' };
export const FUNCTION: OptionRule = { what: 'a function', fits: (value) => typeof value === 'function' };
export const PORT = whole(0, 65_535);
/** How long a timer of Node.js can wait at the most; one that is asked for more does not wait at all. */
export const DELAY: OptionRule = {
  what: `a number of ms from 1 to ${LONGEST_DELAY_MS}`,
  fits: (value) => typeof value === 'number' && value >= 1 && value <= LONGEST_DELAY_MS,
};
export const REGION: OptionRule = {
  what: '3 to 20 letters, digits and dashes',
  fits: (value) => typeof value === 'string' && /^[A-Za-z0-9-]{3,20}$/.test(value),
};

export function whole(least: number, most: number): OptionRule {
  return {
    what: `a whole number from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && least <= Number(value) && Number(value) <= most,
  };
}

/** Infinity too. */
export function atLeast(least: number): OptionRule {
  return { what: `a number of at least ${least}`, fits: (value) => typeof value === 'number' && value >= least };
}

/** A number that is not below 0 under each of these names, or under some of them. */
export function numbersFor(...names: readonly string[]): OptionRule {
  const isOne = ([name, value]: [string, unknown]): boolean =>
    names.includes(name) && Number.isFinite(value) && Number(value) >= 0;
  return {
    what: `an object with numbers of at least 0 for ${names.join(', ')}`,
    fits: (value) => isObject(value) && Object.entries(value).every(isOne),
  };
}

export function objectWith(method: string): OptionRule {
  return {
    what: `an object with ${method}()`,
    fits: (value) => isObject(value) && typeof Reflect.get(value, method) === 'function',
  };
}

/** What is undefined counts as left out. @throws Failure CONFIG that names the first option that cannot be */
export function checkOptions(
  call: string,
  given: unknown,
  { needed, rules }: { readonly needed: string; readonly rules: Readonly<Record<string, OptionRule>> },
): void {
  const hint = `its options are ${Object.keys(rules).join(', ')}`;
  if (!isObject(given)) throw new Failure('CONFIG', `${call} needs an object of options`, { hint });
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new Failure('CONFIG', `${call} has no option ${JSON.stringify(name)}`, { hint });
    if (value === undefined || rule.fits(value)) continue;
    throw new Failure('CONFIG', `${call}: ${name} must be ${rule.what}, not ${shown(value)}`);
  }
  if (Reflect.get(given, needed) === undefined) throw new Failure('CONFIG', `${call} needs ${needed}`, { hint });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** On one line, and no longer than a line. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
