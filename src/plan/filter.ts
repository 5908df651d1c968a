// Which files a run is about: rules that include and exclude, the first that matches decides.

import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import type { Selection } from '../model/selection.js';
import { compileGlob } from './glob.js';

export interface FilterRule {
  readonly action: 'include' | 'exclude';
  /** May be empty, which matches everything; with `!` in front the rule is for what does not match the rest. */
  readonly pattern: string;
}

/**
 * The rules of one `--filter`, in order: each a sign and a pattern, which may be apart, separated by blanks. A pattern
 * has no blanks, and may begin with a sign; only the last can be empty.
 * Source: behaviour of mt-aws-glacier 1.120.
 * @throws Failure USAGE, showing the text that is no rule
 */
export function parseFilter(value: string): readonly FilterRule[] {
  const rules: FilterRule[] = [];
  const rule = new RegExp(RULE);
  do {
    const start = rule.lastIndex;
    const found = rule.exec(value);
    if (found === null) throw noRule(value.slice(start));
    const [, sign, pattern = ''] = found;
    rules.push({ action: sign === '+' ? 'include' : 'exclude', pattern });
  } while (rule.lastIndex < value.length);
  return rules;
}

// Blanks are those of Unicode, which are not quite those of JavaScript: a byte order mark is none.
const RULE = /([+-])\p{White_Space}*(\P{White_Space}*)\p{White_Space}*/uy;

function noRule(rest: string): Failure {
  const message = rest === '' ? '--filter holds no rule' : `--filter does not understand ${printable(rest)}`;
  return new Failure('USAGE', message, {
    hint: "write rules such as '+*.jpg -', a sign before each pattern; patterns with blanks go to --include and --exclude",
  });
}

/** What becomes of the paths that a list of rules has been asked about. */
export interface Decision {
  readonly included: boolean;
  /** Nothing below the directory can be included. */
  readonly pruned: boolean;
}

/**
 * Judges names relative to the directory, those of directories with a slash at the end. What no rule matches is
 * included.
 * Source: behaviour of mt-aws-glacier 1.120. It does not look for all that could be pruned: only for what an exclude
 * rule has matched together with everything below, and no include rule stands before that could have let some of it in.
 */
export function decisionOf(rules: readonly FilterRule[]): (path: string) => Decision {
  const compiled = rules.map(({ action, pattern }, index) => {
    const mayPrune = action === 'exclude' && coversDirectories(pattern);
    const included = action === 'include';
    const pruned = mayPrune && rules.slice(0, index).every((before) => before.action === 'exclude');
    return { applies: matcherOf(pattern), decision: { included, pruned } };
  });
  return (path) => {
    const judged = `/${path}`;
    return compiled.find(({ applies }) => applies(judged))?.decision ?? UNMATCHED;
  };
}

/** What the rules let through, with the directories that need not be read. */
export function selectionOf(rules: readonly FilterRule[]): Selection {
  const decide = decisionOf(rules);
  return {
    includes: (path) => decide(path).included,
    enters: (directory) => !decide(`${directory}/`).pruned,
  };
}

const UNMATCHED: Decision = { included: true, pruned: false };

/** Whether the pattern that matches a directory matches all that is below it. */
function coversDirectories(pattern: string): boolean {
  return pattern === '' || (/(?:\/|\*\*)$/.test(pattern) && !pattern.startsWith('!'));
}

/** A second `!` is a character like any other. */
function matcherOf(pattern: string): (path: string) => boolean {
  const isNegated = pattern.startsWith('!');
  const rest = isNegated ? pattern.slice(1) : pattern;
  const matches = rest === '' ? () => true : compileGlob(rest);
  return isNegated ? (path) => !matches(path) : matches;
}
