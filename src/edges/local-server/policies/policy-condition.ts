// Conditions of policies: the operators and keys that can be decided here.

import { invalidParameter } from '../protocol/errors.js';
import { matchesPattern } from './policy-pattern.js';

/** What conditions may ask about. */
export interface Facts {
  /** Whole days since the archive was stored; null where the request names none that is there. */
  readonly archiveAgeDays: number | null;
  readonly tags: ReadonlyMap<string, string>;
}

/** Whether it holds for what somebody is about to do. */
export type Condition = (facts: Facts) => boolean;

interface Operator {
  matches(actual: string, wanted: string): boolean;
  readonly negated: boolean;
  readonly numeric: boolean;
}

const EQUAL = (actual: string, wanted: string): boolean => actual === wanted;
const EQUAL_LETTERS = (actual: string, wanted: string): boolean => actual.toLowerCase() === wanted.toLowerCase();
const LIKE = (actual: string, wanted: string): boolean => matchesPattern(actual, wanted, { ignoreCase: false });

/** Source: IAM user guide, "IAM JSON policy elements: Condition operators". */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: text(EQUAL),
  StringNotEquals: not(text(EQUAL)),
  StringEqualsIgnoreCase: text(EQUAL_LETTERS),
  StringNotEqualsIgnoreCase: not(text(EQUAL_LETTERS)),
  StringLike: text(LIKE),
  StringNotLike: not(text(LIKE)),
  NumericEquals: number((actual, wanted) => actual === wanted),
  NumericNotEquals: not(number((actual, wanted) => actual === wanted)),
  NumericLessThan: number((actual, wanted) => actual < wanted),
  NumericLessThanEquals: number((actual, wanted) => actual <= wanted),
  NumericGreaterThan: number((actual, wanted) => actual > wanted),
  NumericGreaterThanEquals: number((actual, wanted) => actual >= wanted),
};

const ARCHIVE_AGE = 'glacier:archiveageindays';
const RESOURCE_TAG = 'glacier:resourcetag/';

/** @throws ApiError for an operator or a key that is not known here */
export function parseConditions(value: unknown): Condition[] {
  return entriesOf(value ?? {}).flatMap(([operator, keys]) =>
    entriesOf(keys).map(([key, values]) => conditionOf(operator, factOf(key), valuesOf(values, key))),
  );
}

function conditionOf(name: string, fact: (facts: Facts) => string | null, values: readonly string[]): Condition {
  if (name === 'Null') return (facts) => values.includes(String(fact(facts) === null));
  const plain = name.replace(/IfExists$/, '');
  const operator = Object.hasOwn(OPERATORS, plain) ? OPERATORS[plain] : undefined;
  if (operator === undefined) throw unknown(`the operator ${name}`);
  if (operator.numeric && values.some((one) => !isNumber(one))) throw unknown(`${name} of ${values.join(', ')}`);
  // A key that the request does not have: what is asked for does not match, and what is excluded does.
  const whenAbsent = operator.negated || plain !== name;
  return (facts) => {
    const actual = fact(facts);
    if (actual === null) return whenAbsent;
    return values.some((wanted) => operator.matches(actual, wanted)) !== operator.negated;
  };
}

/** Names of keys are compared without regard to case, those of tags with. */
function factOf(key: string): (facts: Facts) => string | null {
  const lower = key.toLowerCase();
  if (lower === ARCHIVE_AGE) return ({ archiveAgeDays }) => (archiveAgeDays === null ? null : String(archiveAgeDays));
  if (!lower.startsWith(RESOURCE_TAG)) throw unknown(`the key ${key}`);
  const tag = key.slice(RESOURCE_TAG.length);
  return ({ tags }) => tags.get(tag) ?? null;
}

function valuesOf(value: unknown, key: string): string[] {
  const list = (Array.isArray(value) ? value : [value]).filter((one) => typeof one !== 'object');
  if (list.length > 0) return list.map(String);
  throw unknown(`no value of ${key}`);
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw unknown('one that is not a JSON object');
}

function isNumber(value: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(value);
}

function text(matches: (actual: string, wanted: string) => boolean): Operator {
  return { matches, negated: false, numeric: false };
}

function number(matches: (actual: number, wanted: number) => boolean): Operator {
  return {
    matches: (actual, wanted) => matches(Number(actual), Number(wanted)),
    negated: false,
    numeric: true,
  };
}

function not(operator: Operator): Operator {
  return { ...operator, negated: true };
}

function unknown(what: string): Error {
  return invalidParameter(
    `Invalid policy document: in a Condition of a Deny this local vault does not know ${what}. ` +
      'It knows String and Numeric operators and Null on glacier:ArchiveAgeInDays and glacier:ResourceTag/KEY.',
  );
}
