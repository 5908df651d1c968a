// Whether a queue's policy lets a topic send to it.

import { matchesPattern } from '../policies/policy-pattern.js';

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/**
 * Nothing is allowed that no statement allows, and one that denies wins. A condition that is not understood counts
 * against the delivery: an allowing statement then does not hold, a denying one does.
 * Source: SNS developer guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic", step 2.
 * @param policy text of the queue's attribute; empty when there is none
 */
export function allowsTopic(policy: string, queue: string, topic: string): boolean {
  const statements = policy === '' ? [] : statementsOf(policy);
  const about = statements.filter((statement) => isAbout(statement, queue));
  if (about.some((one) => one.Effect === 'Deny' && conditionHolds(one.Condition, topic, true))) return false;
  return about.some((one) => one.Effect === 'Allow' && conditionHolds(one.Condition, topic, false));
}

/** Source: SQS developer guide, "Amazon SQS policy quotas". */
const POLICY_MAX = 8192;

/** Whether the text is a policy, and no longer than one may be. */
export function isPolicy(text: string, bytesMax = POLICY_MAX): boolean {
  try {
    return Buffer.byteLength(text) <= bytesMax && statementsOf(text).every(isStatement);
  } catch {
    return false;
  }
}

function isStatement({ Effect, Condition }: Statement): boolean {
  if (Effect !== 'Allow' && Effect !== 'Deny') return false;
  return Condition === undefined || (isMap(Condition) && Object.values(Condition).every(isMap));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statementsOf(policy: string): Statement[] {
  const { Statement } = JSON.parse(policy) as { Statement?: unknown };
  if (typeof Statement !== 'object' || Statement === null) throw new Error('a policy has statements');
  return [Statement].flat() as Statement[];
}

function isAbout(statement: Statement, queue: string): boolean {
  return (
    namesSns(statement.Principal) &&
    textsOf(statement.Action).some((action) => matchesPattern('sqs:SendMessage', action, { ignoreCase: true })) &&
    (statement.Resource === undefined || textsOf(statement.Resource).some((resource) => isLike(queue, resource)))
  );
}

function namesSns(principal: unknown): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null) return false;
  const { AWS, Service } = principal as { AWS?: unknown; Service?: unknown };
  return textsOf(AWS).includes('*') || textsOf(Service).some((one) => one === 'sns.amazonaws.com' || one === '*');
}

type Operator = (actual: string, wanted: string) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  ArnEquals: isLike,
  ArnLike: isLike,
  StringEquals: (actual, wanted) => actual === wanted,
  StringLike: isLike,
};

function conditionHolds(condition: unknown, topic: string, whenUnknown: boolean): boolean {
  const facts: ReadonlyMap<string, string> = new Map([
    ['aws:sourcearn', topic],
    ['aws:sourceaccount', topic.split(':')[4] ?? ''],
  ]);
  const groups = Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>);
  return groups.every(([operator, tests]) =>
    Object.entries(tests).every(([key, wanted]) => {
      const compare = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
      const actual = facts.get(key.toLowerCase());
      if (compare === undefined || actual === undefined) return whenUnknown;
      return textsOf(wanted).some((one) => compare(actual, one));
    }),
  );
}

function textsOf(value: unknown): string[] {
  return [value ?? []].flat().filter((one) => typeof one === 'string');
}

function isLike(text: string, pattern: string): boolean {
  return matchesPattern(text, pattern, { ignoreCase: false });
}
